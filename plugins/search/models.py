"""Keep the words of each post and comment."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from blog import Comment, Post, UtcDateTime, plugin_base

# One row for a post, and one for each comment on it. The id sorts by time, as the index gives
# what it finds in the order of ids; ``scope`` marks what a row is and whether readers may find
# it. The database keeps the index itself: SQLite in the virtual table ``search_text``, by
# triggers, PostgreSQL in the column ``vector``, which it makes of the three texts.
ENTRY = Table(
    "search_entry",
    plugin_base(__name__).metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("post_id", ForeignKey(Post.id, ondelete="CASCADE"), nullable=False),
    Column("comment_id", ForeignKey(Comment.id, ondelete="CASCADE"), unique=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("scope", String(30), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_search_entry_post_id", "post_id", "comment_id"),
)
