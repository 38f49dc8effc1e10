"""Keep what was uploaded, the hashes that lead to it, and the posts that use it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from blog import Post, UtcDateTime, now, plugin_base

Base: Any = plugin_base(__name__)


class File(Base):  # type: ignore[misc]
    """Describe a file; ``widths`` are its own and those of the smaller pictures beside it."""

    __tablename__ = "media_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(20), unique=True)
    file: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(100))
    alt: Mapped[str] = mapped_column(String(1000), default="")
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    size: Mapped[int]
    widths: Mapped[str] = mapped_column(String(50), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def path(self) -> str:
        """Give its address."""
        return f"/media/{self.hash}/{self.file}"


class Address(Base):  # type: ignore[misc]
    """Lead to a file from its hash, and from those that it had before it was replaced."""

    __tablename__ = "media_address"
    hash: Mapped[str] = mapped_column(String(20), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey(File.id, ondelete="CASCADE"), index=True)


class Use(Base):  # type: ignore[misc]
    """Note that a post uses a file; without one, that the post was looked at as saved then."""

    __tablename__ = "media_use"
    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey(File.id, ondelete="CASCADE"), index=True)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
