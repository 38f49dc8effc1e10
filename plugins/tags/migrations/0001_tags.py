"""Make the tables of categories and tags."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
TEXTS = {"kind": 8, "name": 200, "slug": 220, "label": 500, "folded": 500, "path": 500}
INDEXES = (
    ("term", "kind", "folded", "id"),
    ("term", "slug"),
    ("term", "parent_id"),
    ("use", "term_id", "shown_at", "post_id"),
    ("former", "term_id"),
)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "tags_term",
        sa.Column("id", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in TEXTS.items()),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("tags_term.id")),
        sa.UniqueConstraint("kind", "path", name="uq_tags_term_kind_path"),
    )
    shown_at = sa.Column("shown_at", sa.DateTime(timezone=True))
    op.create_table(
        "tags_use", _key("post_id", "post.id"), _key("term_id", "tags_term.id"), shown_at
    )
    former = [sa.Column(one, sa.String(TEXTS[one]), primary_key=True) for one in ("path", "kind")]
    op.create_table("tags_former", *former, _key("term_id", "tags_term.id", primary_key=False))
    op.create_table("tags_taken", _key("id", "leftover.id"))
    for table, *columns in INDEXES:
        op.create_index(f"ix_tags_{table}_{'_'.join(columns)}", f"tags_{table}", columns)


def _key(name: str, to: str, *, primary_key: bool = True) -> sa.Column[int]:
    rule = sa.ForeignKey(to, ondelete="CASCADE")
    return sa.Column(name, sa.Integer(), rule, primary_key=primary_key, nullable=False)
