"""Make the tables of categories and tags."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
TEXTS = {"kind": 8, "name": 200, "slug": 220, "label": 500, "folded": 500, "path": 500}


def upgrade() -> None:
    """Make them."""
    texts = {name: sa.String(length) for name, length in TEXTS.items()}
    op.create_table(
        "tags_term",
        sa.Column("id", sa.Integer(), primary_key=True),
        *(sa.Column(one, texts[one], nullable=False, index=one == "slug") for one in texts),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("tags_term.id"), index=True),
        sa.UniqueConstraint("kind", "path", name="uq_tags_term_kind_path"),
    )
    op.create_index("ix_tags_term_kind_folded_id", "tags_term", ["kind", "folded", "id"])
    shown_at = sa.Column("shown_at", sa.DateTime(timezone=True))
    uses = _key("post_id", "post.id"), _key("term_id", "tags_term.id")
    op.create_table("tags_use", *uses, shown_at)
    columns = ["term_id", "shown_at", "post_id"]
    op.create_index("ix_tags_use_term_id_shown_at_post_id", "tags_use", columns)
    former = [sa.Column(one, texts[one], primary_key=True) for one in ("path", "kind")]
    op.create_table("tags_former", *former, _key("term_id", "tags_term.id", primary_key=False))
    op.create_index("ix_tags_former_term_id", "tags_former", ["term_id"])
    op.create_table("tags_taken", _key("id", "leftover.id"))


def _key(name: str, to: str, *, primary_key: bool = True) -> sa.Column[int]:
    rule = sa.ForeignKey(to, ondelete="CASCADE")
    return sa.Column(name, sa.Integer(), rule, primary_key=primary_key, nullable=False)
