"""Keep users, attempts to log in, and links that set a site up."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from blog import UtcDateTime, now, plugin_base

Base: Any = plugin_base(__name__)


class User(Base):  # type: ignore[misc]
    """Know a person who may log in.

    ``key`` is the name without regard to case, so that no two people seem to be one.
    ``stamp`` changes with the password and at each log-out: sessions that carry another one
    have ended.
    """

    __tablename__ = "accounts_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(180), unique=True)
    display_name: Mapped[str] = mapped_column(String(100), default="")
    email: Mapped[str] = mapped_column(String(100), default="")
    password: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(12))
    stamp: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Attempt(Base):  # type: ignore[misc]
    """Count an attempt to log in that did not succeed.

    ``asker`` is a keyed hash of name and network, ``network`` one of the network alone; neither
    name nor address is kept.
    """

    __tablename__ = "accounts_attempt"
    __table_args__ = (
        Index("ix_accounts_attempt_asker", "asker", "created_at"),
        Index("ix_accounts_attempt_network", "network", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asker: Mapped[str] = mapped_column(String(32))
    network: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Link(Base):  # type: ignore[misc]
    """Remember a link that sets the site up, by the hash of its token, until it is used or old."""

    __tablename__ = "accounts_link"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
