"""Make the table of entries. Written for API 1 and kept for ever: never edit this."""

import sqlalchemy as sa
from alembic import op

from blog import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "chronicle_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "post_id", sa.Integer(), sa.ForeignKey("post.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
