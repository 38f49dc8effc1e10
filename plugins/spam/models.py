"""Keep what was said in a form that is quick to compare."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from blog import Comment, UtcDateTime, plugin_base

Base = plugin_base(__name__)


class Print(Base):  # type: ignore[misc, valid-type]
    """Keep the likeness of a comment, and what a moderator decided: ``spam``, ``ham`` or nothing.

    ``exact`` is equal where two texts say the same; both are empty for a text without words.
    """

    __tablename__ = "spam_print"
    __table_args__ = (Index("ix_spam_print_created_at", "created_at"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey(Comment.id, ondelete="CASCADE"), primary_key=True
    )
    exact: Mapped[int] = mapped_column(BigInteger)
    sketch: Mapped[bytes] = mapped_column(LargeBinary)
    decision: Mapped[str] = mapped_column(String(4), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Band(Base):  # type: ignore[misc, valid-type]
    """Lead from a part of a likeness to the comments that have it."""

    __tablename__ = "spam_band"
    __table_args__ = (Index("ix_spam_band_comment_id", "comment_id"),)

    value: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey(Print.comment_id, ondelete="CASCADE"), primary_key=True
    )
