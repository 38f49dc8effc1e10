"""Make the table of words and its full-text index: FTS5 in SQLite, GIN in PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# FTS5 forgets only what it is told word by word; triggers see to it, also where a post goes.
# GIN is without its list of what is to be added: a search should not pay for many writes.
INDEX = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_text USING fts5"
        " (text, content='search_entry', content_rowid='id', tokenize='ascii', columnsize=0)",
        "CREATE TRIGGER search_entry_came AFTER INSERT ON search_entry BEGIN"
        " INSERT INTO search_text (rowid, text) VALUES (new.id, new.text); END",
        "CREATE TRIGGER search_entry_gone AFTER DELETE ON search_entry BEGIN INSERT INTO"
        " search_text (search_text, rowid, text) VALUES ('delete', old.id, old.text); END",
    ),
    "postgresql": (
        "ALTER TABLE search_entry ADD vector tsvector"
        " GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED",
        "CREATE INDEX ix_search_entry_vector ON search_entry"
        " USING gin (vector) WITH (fastupdate = off)",
    ),
}


def upgrade() -> None:
    """Make them."""
    post, comment = (sa.ForeignKey(f"{one}.id", ondelete="CASCADE") for one in ("post", "comment"))
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("post_id", sa.Integer(), post, unique=True),
        sa.Column("comment_id", sa.Integer(), comment, unique=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    for statement in INDEX[op.get_bind().dialect.name]:
        op.execute(statement)
