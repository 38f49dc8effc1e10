"""Make the table of words and its full-text index: FTS5 in SQLite, GIN in PostgreSQL."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0001"
down_revision = None

# FTS5 forgets only what it is told word by word; triggers see to it, also where a post takes
# its comments with it.
GONE = (
    "INSERT INTO search_text (search_text, rowid, title, body, scope)"
    " VALUES ('delete', old.id, old.title, old.body, old.scope);"
)
CAME = (
    "INSERT INTO search_text (rowid, title, body, scope)"
    " VALUES (new.id, new.title, new.body, new.scope);"
)
FTS5 = (
    "CREATE VIRTUAL TABLE search_text USING fts5(title, body, scope, content='search_entry',"
    " content_rowid='id', tokenize='ascii', columnsize=0)",
    f"CREATE TRIGGER search_entry_came AFTER INSERT ON search_entry BEGIN {CAME} END",
    f"CREATE TRIGGER search_entry_gone AFTER DELETE ON search_entry BEGIN {GONE} END",
    f"CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry BEGIN {GONE} {CAME} END",
)
# A word between the parts, or a phrase could begin in one and end in the next.
VECTOR = (
    "setweight(to_tsvector('simple', title || ' 0'), 'A')"
    " || to_tsvector('simple', body || ' 0 ' || scope)"
)
# Without its list of what is to be added: a search should not pay for many writes.
GIN = (
    "CREATE INDEX ix_search_entry_vector ON search_entry USING gin (vector) WITH (fastupdate = off)"
)


def upgrade() -> None:
    """Make them."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_entry",
        sa.Column("id", sa.Integer() if is_sqlite else sa.BigInteger(), autoincrement=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(30), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        *(
            ()
            if is_sqlite
            else (sa.Column("vector", TSVECTOR(), sa.Computed(VECTOR, persisted=True)),)
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name="fk_search_entry_post_id_post", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comment.id"],
            name="fk_search_entry_comment_id_comment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_search_entry"),
        sa.UniqueConstraint("comment_id", name="uq_search_entry_comment_id"),
    )
    op.create_index("ix_search_entry_post_id", "search_entry", ["post_id", "comment_id"])
    for statement in FTS5 if is_sqlite else (GIN,):
        op.execute(statement)
