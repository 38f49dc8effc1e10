"""Keep which posts are like which."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from blog import Post, UtcDateTime, plugin_base

Base = plugin_base(__name__)


class Compared(Base):  # type: ignore[misc, valid-type]
    """Remember when a post was compared with the others; nothing while it waits."""

    __tablename__ = "related_post"

    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True)
    compared_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class Pair(Base):  # type: ignore[misc, valid-type]
    """Name a post that is like another; the nearest one has the rank 0."""

    __tablename__ = "related_pair"

    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"), index=True)
