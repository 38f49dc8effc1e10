"""Keep what happened. Written for API 1 and kept for ever: never edit this."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from blog import Post, UtcDateTime, now, plugin_base

Base: Any = plugin_base(__name__)


class Entry(Base):  # type: ignore[misc]
    """Say what happened to a post, and when."""

    __tablename__ = "chronicle_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
