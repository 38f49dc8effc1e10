"""Keep what can be undone, and who saved which post."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from blog import Post, UtcDateTime, now, plugin_base

Base: Any = plugin_base(__name__)


class Undo(Base):  # type: ignore[misc]
    """Remember the status that each comment of one action had before it.

    ``changes`` maps the id of a comment to that status.
    """

    __tablename__ = "admin_undo"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changes: Mapped[dict[str, str]] = mapped_column(JSON)


class Log(Base):  # type: ignore[misc]
    """Remember that somebody saved a post."""

    __tablename__ = "admin_log"
    __table_args__ = (Index("ix_admin_log_post", "post_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"))
    who: Mapped[str] = mapped_column(String(245))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
