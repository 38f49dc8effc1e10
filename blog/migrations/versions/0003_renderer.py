"""Remember of each post which plugins its HTML was made with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column and the index that finds posts to render again."""
    op.add_column(
        "post", sa.Column("renderer", sa.String(length=16), nullable=False, server_default="")
    )
    op.create_index("ix_post_renderer", "post", ["renderer", "id"], unique=False)
