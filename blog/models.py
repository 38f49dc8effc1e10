"""Map the core's tables: posts, comments, and the few rows that a site needs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from blog.db import Base, UtcDateTime, now
from blog.moderation import CommentKind, Status

# Ids that were given once are never given again: cookies, feeds and imports remember them.
NUMBERED_ONCE = {"sqlite_autoincrement": True}


class PostKind(StrEnum):
    """Tell an article in the stream from a page in the menu."""

    POST = "post"
    PAGE = "page"


class PostStatus(StrEnum):
    """Say who may see a post: nobody yet, from a time on, everyone, the owner."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    PRIVATE = "private"
    TRASH = "trash"


class Post(Base):
    """Keep a post or page, its body as typed and the HTML made of it.

    ``live`` is true for the statuses that everyone may see from ``published_at`` on, so that one
    index finds them in order.
    ``renderer`` is what ``markup.renderer()`` was when the HTML was made.
    """

    __tablename__ = "post"
    __table_args__ = (
        Index("ix_post_stream", "kind", "live", "published_at", "id"),
        Index("ix_post_menu", "kind", "position"),
        Index("ix_post_renderer", "renderer", "id"),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), default=PostKind.POST)
    status: Mapped[str] = mapped_column(String(12), default=PostStatus.DRAFT)
    live: Mapped[bool] = mapped_column(default=False)
    slug: Mapped[str] = mapped_column(String(200), default="")
    path: Mapped[str | None] = mapped_column(String(500), unique=True)
    title: Mapped[str] = mapped_column(String(500), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    markup: Mapped[str] = mapped_column(String(20), default="markdown")
    html: Mapped[str] = mapped_column(Text, default="")
    renderer: Mapped[str] = mapped_column(String(16), default="", server_default="")
    excerpt: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(String(245), default="")
    identity: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    comments_open: Mapped[bool] = mapped_column(default=True)
    comments_days: Mapped[int | None]
    comment_count: Mapped[int] = mapped_column(default=0)
    last_number: Mapped[int] = mapped_column(default=0)
    position: Mapped[int | None]
    guard: Mapped[str | None] = mapped_column(String(50))
    restore_status: Mapped[str | None] = mapped_column(String(12))


class FormerAddress(Base):
    """Remember where a post was, or under which ``?p=`` number, so that links live on."""

    __tablename__ = "former_address"

    path: Mapped[str] = mapped_column(String(500), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)


class Comment(Base):
    """Keep a comment as typed, the HTML made of it, and why it has its status.

    ``number`` is unique per post and apart from the primary key, so an import can keep its own.
    ``sender`` and ``digest`` are keyed hashes; no full address is ever stored.
    """

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("post_id", "number"),
        UniqueConstraint("post_id", "digest"),
        Index("ix_comment_flat", "post_id", "status", "number"),
        Index("ix_comment_queue", "status", "id"),
        Index("ix_comment_latest", "status", "created_at", "id"),
        Index("ix_comment_identity", "identity", "status"),
        Index("ix_comment_sender", "sender", "created_at"),
        Index("ix_comment_email", "email", "status"),
        NUMBERED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="SET NULL"), index=True
    )
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12), default=CommentKind.COMMENT)
    status: Mapped[str] = mapped_column(String(12), default=Status.PENDING)
    author: Mapped[str] = mapped_column(String(245), default="")
    email: Mapped[str] = mapped_column(String(100), default="")
    url: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    sender: Mapped[str] = mapped_column(String(32), default="")
    digest: Mapped[str | None] = mapped_column(String(32))
    identity: Mapped[str | None] = mapped_column(String(64))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class SiteState(Base):
    """Hold the one row that every request reads: the number of the current generation.

    ``safe`` leaves out every plugin that is not bundled; ``reloads`` counts how often workers
    were to be replaced because a plugin's code changed.
    """

    __tablename__ = "site_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[int] = mapped_column(default=1)
    safe: Mapped[bool] = mapped_column(default=False, server_default=false())
    reloads: Mapped[int] = mapped_column(default=0, server_default="0")


class StoredSettings(Base):
    """Keep the settings of the core (owner ``core``) or of one plugin."""

    __tablename__ = "setting"

    owner: Mapped[str] = mapped_column(String(50), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class PluginState(Base):
    """Say whether a plugin is on, and what the site knows of it.

    ``behind`` is true while its derived tables may lack rows and ``catch_up`` has not finished.
    ``version`` and ``code`` (a hash) are those that it was last turned on with, and
    ``settings_version`` is that of its stored settings.
    ``failures`` counts since ``failing_since``; one that is off with a ``reason`` was switched
    off, and not by its owner.
    """

    __tablename__ = "plugin"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    enabled: Mapped[bool] = mapped_column(default=False)
    behind: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[str] = mapped_column(String(50), default="", server_default="")
    code: Mapped[str] = mapped_column(String(64), default="", server_default="")
    settings_version: Mapped[int] = mapped_column(default=0, server_default="0")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PluginError(Base):
    """Count the failures of a plugin in one hook and keep the last traceback."""

    __tablename__ = "plugin_error"

    plugin: Mapped[str] = mapped_column(String(50), primary_key=True)
    hook: Mapped[str] = mapped_column(String(80), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    traceback: Mapped[str] = mapped_column(Text, default="")
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class PluginCost(Base):
    """Add up what a plugin cost in one hook within one hour, over every process."""

    __tablename__ = "plugin_cost"

    plugin: Mapped[str] = mapped_column(String(50), primary_key=True)
    hook: Mapped[str] = mapped_column(String(80), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True, index=True)
    calls: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
    statements: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)
    overruns: Mapped[int] = mapped_column(default=0)
    slowest: Mapped[float] = mapped_column(default=0.0)


class Job(Base):
    """Hold work that must not be lost after a commit: the outbox, taken at least once."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "done_at", "run_at"), NUMBERED_ONCE)

    id: Mapped[int] = mapped_column(primary_key=True)
    plugin: Mapped[str] = mapped_column(String(50))
    job: Mapped[str] = mapped_column(String(50))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    progress: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Imported(Base):
    """Remember which row an original became, so that an import run twice adds nothing."""

    __tablename__ = "imported"

    source: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    original: Mapped[str] = mapped_column(String(100), primary_key=True)
    row_id: Mapped[int | None]


class Leftover(Base):
    """Keep raw what an import brought and the core has no place for.

    ``kind`` is for example term, attachment, menu or meta; ``post_id`` is set where it belongs
    to a post that was imported.
    """

    __tablename__ = "leftover"
    __table_args__ = (UniqueConstraint("source", "kind", "original"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40), index=True)
    original: Mapped[str] = mapped_column(String(200))
    post_id: Mapped[int | None] = mapped_column(
        ForeignKey("post.id", ondelete="CASCADE"), index=True
    )
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
