"""Make the tables of likenesses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "spam_print",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("exact", sa.BigInteger(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.Column("decision", sa.String(4), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comment.id"],
            name=op.f("fk_spam_print_comment_id_comment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_spam_print")),
    )
    op.create_index("ix_spam_print_created_at", "spam_print", ["created_at"])
    op.create_table(
        "spam_band",
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["spam_print.comment_id"],
            name=op.f("fk_spam_band_comment_id_spam_print"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("value", "comment_id", name=op.f("pk_spam_band")),
    )
    op.create_index("ix_spam_band_comment_id", "spam_band", ["comment_id"])
