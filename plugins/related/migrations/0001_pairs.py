"""Make the tables of comparisons and of pairs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "related_post",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name="fk_related_post_post_id_post", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name="pk_related_post"),
    )
    op.create_index("ix_related_post_compared_at", "related_post", ["compared_at"])
    op.create_table(
        "related_pair",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name="fk_related_pair_post_id_post", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["post.id"], name="fk_related_pair_other_id_post", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "rank", name="pk_related_pair"),
    )
    op.create_index("ix_related_pair_other_id", "related_pair", ["other_id"])
