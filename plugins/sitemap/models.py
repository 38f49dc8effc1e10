"""Keep what the index of the sitemap says of each of its files."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from blog import UtcDateTime, plugin_base

Base = plugin_base(__name__)


class Part(Base):  # type: ignore[misc, valid-type]
    """Describe one file of posts and pages: those of a range of ids that everyone may see in time.

    ``addresses`` counts them, those that wait for their time too; ``first_at`` is when the first
    appears, ``due`` (seconds since 1970) when those that wait do; ``changed_at`` is when any of
    the others changed, came or went.
    ``checked`` is true for those that ``catch_up`` has looked at in this round.
    """

    __tablename__ = "sitemap_part"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addresses: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due: Mapped[list[float]] = mapped_column(JSON, default=list)
    checked: Mapped[bool] = mapped_column(default=False)
