"""Keep the words of posts and comments, and rebuild them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Select, case, delete, func, insert, or_, select

from blog import Comment, CommentRow, Post, PostRow, Status, columns, markup, session, settings

from . import words
from .models import ENTRY
from .query import COMMENT, POST, SHOWN

POSTS, COMMENTS = 100, 500  # in a step
FAR, MANY = 2**34, 2**27
POST_TABLE = Post.__table__
E, P, C = ENTRY.c, POST_TABLE.c, Comment.__table__.c


def store_posts(rows: Iterable[PostRow]) -> None:
    """Put posts of any status in the place of what was kept of them."""
    entries = [
        {
            **_entry(row.published_at or row.updated_at, row, row.language),
            "post_id": row.id,
            "title": words.stems(row.title, language_of(row.language)),
            "scope": f"{POST} {SHOWN}",
            "updated_at": row.updated_at,
        }
        for row in rows
    ]
    kept = E.post_id.in_([one["post_id"] for one in entries]), E.comment_id.is_(None)
    _replace(entries, delete(ENTRY).where(*kept))


def store_comments(rows: Sequence[CommentRow]) -> None:
    """Put comments of any status in the place of what was kept of them."""
    query = select(P.id, P.language).where(P.id.in_({one.post_id for one in rows}))
    languages = {one.id: one.language for one in session.execute(query)}
    entries = [
        {
            **_entry(row.created_at, row, languages[row.post_id], is_comment=1),
            "post_id": row.post_id,
            "comment_id": row.id,
            "scope": f"{COMMENT} {SHOWN}" if row.status is Status.PUBLISHED else COMMENT,
        }
        for row in rows
    ]
    _replace(entries, delete(ENTRY).where(E.comment_id.in_([row.id for row in rows])))


def show(comment_ids: Iterable[int]) -> None:
    """Let readers find comments whose status is published by now, and no others."""
    _store(select(*columns.COMMENT_COLUMNS).where(C.id.in_(list(comment_ids))))


def catch_up() -> bool:
    """Index the next posts and comments that are missing or changed; ``False`` when none is.

    What is newer than all that is known is looked for first, as the rest means to look at each.
    """
    of_post = (E.post_id == P.id) & E.comment_id.is_(None)
    found = select(*columns.POST_COLUMNS).outerjoin(ENTRY, of_post).order_by(P.id).limit(POSTS)
    for wanted in (P.id > _last(E.post_id), or_(E.id.is_(None), E.updated_at != P.updated_at)):
        rows = [columns.post_row(one) for one in session.execute(found.where(wanted))]
        if rows:
            store_posts(rows)
            return True
    scope = case((C.status == Status.PUBLISHED, f"{COMMENT} {SHOWN}"), else_=COMMENT)
    query = select(*columns.COMMENT_COLUMNS).outerjoin(ENTRY, E.comment_id == C.id).order_by(C.id)
    new, changed = C.id > _last(E.comment_id), or_(E.id.is_(None), E.scope != scope)
    return any(_store(query.where(wanted).limit(COMMENTS)) for wanted in (new, changed))


def language_of(language: str) -> str:
    """Give a text's own language, or the site's, without its country."""
    return str(language or settings["core"].language)[:2].lower()


def _entry(
    time: datetime, row: PostRow | CommentRow, language: str, is_comment: int = 0
) -> dict[str, Any]:
    """Make a row whose id sorts by its second, and then by what it is of: 35 bits and 28."""
    second = max(-FAR, min(FAR - 1, int(time.timestamp())))
    return {
        "id": (second << 28) + (row.id % MANY << 1) + is_comment,
        "comment_id": None,
        "title": "",
        "body": words.stems(f"{markup.plain(row.html)}\n{row.author}", language_of(language)),
        "updated_at": time,
    }


def _last(number: Any) -> Any:
    return func.coalesce(select(func.max(number)).correlate(None).scalar_subquery(), 0)


def _replace(entries: list[dict[str, Any]], gone: Delete) -> None:
    session.execute(gone)
    if entries:
        session.execute(insert(ENTRY), entries)


def _store(query: Select[Any]) -> bool:
    rows = [columns.comment_row(one) for one in session.execute(query)]
    store_comments(rows)
    return bool(rows)
