"""Make the tables of files, their hashes and where they are used."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    texts = {"hash": 20, "file": 100, "name": 200, "type": 100, "alt": 1000, "widths": 50}
    op.create_table(
        "media_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in texts.items()),
        *(sa.Column(one, sa.Integer(), nullable=False) for one in ("width", "height", "size")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("hash", name="uq_media_file_hash"),
    )
    op.create_table(
        "media_address",
        sa.Column("hash", sa.String(20), primary_key=True),
        _reference("file_id", "media_file.id", nullable=False),
    )
    op.create_table(
        "media_use",
        sa.Column("id", sa.Integer(), primary_key=True),
        _reference("post_id", "post.id", nullable=False),
        _reference("file_id", "media_file.id", nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    )
    for table, column in (("address", "file_id"), ("use", "post_id"), ("use", "file_id")):
        op.create_index(f"ix_media_{table}_{column}", f"media_{table}", [column])


def _reference(name: str, to: str, *, nullable: bool) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(to, ondelete="CASCADE"), nullable=nullable)
