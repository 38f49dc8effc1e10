"""Select the columns that pages show, and make rows of them.

The tables are asked and not their classes: a page needs rows, and classes cost their machinery.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_

from blog.db import now
from blog.models import Comment, Post, PostKind, PostStatus
from blog.moderation import CommentKind, Status
from blog.platform.context import config
from blog.rows import CommentRow, PostRow

LIVE = (PostStatus.PUBLISHED, PostStatus.SCHEDULED)
P = Post.__table__.c
C = Comment.__table__.c
POST_COLUMNS = (
    P.id,
    P.kind,
    P.slug,
    P.path,
    P.title,
    P.html,
    P.summary,
    P.author,
    P.language,
    P.status,
    P.published_at,
    P.updated_at,
    P.comments_open,
    P.comments_days,
    P.comment_count,
    P.identity,
    P.guard,
)
COMMENT_COLUMNS = (
    C.id,
    C.post_id,
    C.number,
    C.parent_id,
    C.author,
    C.url,
    C.html,
    C.status,
    C.kind,
    C.created_at,
    C.identity,
)
_STATUS = {one.value: one for one in Status}
_KIND = {one.value: one for one in CommentKind}


def post_row(values: Any) -> PostRow:
    """Make a row of the columns in ``POST_COLUMNS``."""
    (*before, status, published_at, updated_at, is_open, days, count, who, guard) = values
    post_id, kind, slug, path, title, html, excerpt, author, language = before
    return PostRow(
        post_id,
        PostKind(kind),
        slug,
        path or f"/?p={post_id}",
        title,
        html,
        excerpt,
        author,
        language,
        status_now(status, published_at),
        published_at,
        updated_at,
        _takes_comments(is_open, days, status, published_at),
        count,
        who,
        guard,
    )


def comment_row(values: Any, depth: int = 1) -> CommentRow:
    """Make a row of the columns in ``COMMENT_COLUMNS``."""
    comment_id, post_id, number, parent_id, author, url, html, status, kind, created, who = values
    return CommentRow(
        comment_id,
        post_id,
        number,
        parent_id,
        author,
        url,
        html,
        _STATUS[status],
        _KIND[kind],
        created,
        who,
        depth,
    )


def visible(moment: datetime | None = None) -> ColumnElement[bool]:
    """Give the condition under which everyone may see a post, by its status and time."""
    return and_(P.live, P.published_at <= (moment or now()))


def status_now(status: str, published_at: datetime | None) -> PostStatus:
    """Give the status that a post has by now: a scheduled one is published at its minute."""
    is_due = published_at is not None and published_at <= now()
    if status == PostStatus.SCHEDULED and is_due:
        return PostStatus.PUBLISHED
    return PostStatus(status)


def _takes_comments(
    is_open: bool, days: int | None, status: str, published_at: datetime | None
) -> bool:
    days = config().comments_days if days is None else days
    if not is_open or status == PostStatus.TRASH:
        return False
    return not days or published_at is None or now() - published_at < timedelta(days=days)
