"""Keep each comment's place in its thread."""

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from blog import Comment, Post, plugin_base

Base = plugin_base(__name__)


class Node(Base):  # type: ignore[misc, valid-type]
    """Place a comment: its path, how deep it really is, and whether it is shown.

    ``path`` sorts as the thread is read: eight bytes for each level, the second and the number
    of a comment, after the path of the comment that it answers.
    """

    __tablename__ = "threads_node"
    __table_args__ = (Index("ix_threads_node_page", "post_id", "shown", "path"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey(Comment.id, ondelete="CASCADE"), primary_key=True
    )
    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"))
    path: Mapped[bytes] = mapped_column(LargeBinary)
    depth: Mapped[int]
    shown: Mapped[bool]
