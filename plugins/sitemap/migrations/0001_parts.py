"""Make the table of files."""

import sqlalchemy as sa
from alembic import op

from blog import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "sitemap_part",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("addresses", sa.Integer(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.Column("due", sa.JSON(), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sitemap_part")),
    )
