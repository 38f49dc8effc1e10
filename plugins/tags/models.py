"""Keep categories and tags, which posts have them, and where they were."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blog import Leftover, Post, UtcDateTime, plugin_base, settings

Base = plugin_base(__name__)


class Term(Base):  # type: ignore[misc, valid-type]
    """Name a category or a tag; ``label`` and ``path`` are name and slug below its parents'."""

    __tablename__ = "tags_term"
    __table_args__ = (UniqueConstraint("kind", "path"), Index(None, "kind", "folded", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(220), index=True)
    label: Mapped[str] = mapped_column(String(500))
    folded: Mapped[str] = mapped_column(String(500))
    path: Mapped[str] = mapped_column(String(500))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("tags_term.id"), index=True)
    parent: Mapped["Term | None"] = relationship(remote_side="Term.id", backref="children")


class Use(Base):  # type: ignore[misc, valid-type]
    """Say that a post has a term, and from when on archives show it, all in one index."""

    __tablename__ = "tags_use"
    __table_args__ = (Index(None, "term_id", "shown_at", "post_id"),)
    post_id: Mapped[int] = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey(Term.id, ondelete="CASCADE"), primary_key=True)
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Former(Base):  # type: ignore[misc, valid-type]
    """Remember where a term was."""

    __tablename__ = "tags_former"
    path: Mapped[str] = mapped_column(String(500), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey(Term.id, ondelete="CASCADE"), index=True)


class Taken(Base):  # type: ignore[misc, valid-type]
    """Remember what was taken of an import."""

    __tablename__ = "tags_taken"
    id: Mapped[int] = mapped_column(ForeignKey(Leftover.id, ondelete="CASCADE"), primary_key=True)


def address(kind: str, *path: str) -> str:
    """Give the address of an archive, or how those of a kind begin."""
    return "/".join(("", getattr(settings["tags"], f"{kind}_base"), *path, ""))
