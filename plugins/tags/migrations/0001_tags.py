"""Make the tables of categories and tags."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def key(name: str, column: str, to: str, rule: str = "CASCADE") -> sa.ForeignKeyConstraint:
    """Point at another table."""
    table = to.partition(".")[0]
    return sa.ForeignKeyConstraint([column], [to], f"fk_{name}_{column}_{table}", ondelete=rule)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "tags_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        *(sa.Column(name, sa.String(200), nullable=False) for name in ("name", "slug")),
        *(sa.Column(name, sa.String(500), nullable=False) for name in ("label", "folded", "path")),
        sa.Column("parent_id", sa.Integer()),
        key("tags_term", "parent_id", "tags_term.id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_tags_term"),
        sa.UniqueConstraint("kind", "path", name="uq_tags_term_kind_path"),
    )
    op.create_index("ix_tags_term_kind_folded_id", "tags_term", ["kind", "folded", "id"])
    op.create_index("ix_tags_term_slug", "tags_term", ["slug"])
    op.create_index("ix_tags_term_parent_id", "tags_term", ["parent_id"])
    op.create_table(
        "tags_use",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        key("tags_use", "post_id", "post.id"),
        key("tags_use", "term_id", "tags_term.id"),
        sa.PrimaryKeyConstraint("post_id", "term_id", name="pk_tags_use"),
    )
    page = ["term_id", "shown", "published_at", "post_id"]
    op.create_index("ix_tags_use_page", "tags_use", page)
    op.create_table(
        "tags_former",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        key("tags_former", "term_id", "tags_term.id"),
        sa.PrimaryKeyConstraint("kind", "path", name="pk_tags_former"),
    )
    op.create_index("ix_tags_former_term_id", "tags_former", ["term_id"])
    op.create_table(
        "tags_taken",
        sa.Column("id", sa.Integer(), nullable=False),
        key("tags_taken", "id", "leftover.id"),
        sa.PrimaryKeyConstraint("id", name="pk_tags_taken"),
    )
