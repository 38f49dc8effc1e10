"""Find what an owner looks at, and change it so that it can be undone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import and_, case, delete, func, or_, select, tuple_

from blog import (
    Comment,
    Post,
    PostKind,
    PostRow,
    PostStatus,
    Status,
    StatusChange,
    columns,
    comments,
    hooks,
    identity,
    now,
    posts,
    session,
    writing,
)

from .models import Log, Undo

SIZE = 50
KEPT = timedelta(days=7)
CURSOR = re.compile(r"(\d{1,17})-(\d{1,18})", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NothingToUndo(LookupError):
    """There is no such action of this person, or it was undone already."""


class PostList(NamedTuple):
    """Hold one page of a list of posts and the cursor of the next."""

    rows: Sequence[Any]
    next: str | None


class Waiting(NamedTuple):
    """Show a comment to a moderator: with the post, and what plugins tell about it."""

    comment: Comment
    post: PostRow | None
    notes: Markup


class Queue(NamedTuple):
    """Hold one page of the queue and the cursor of the next."""

    items: list[Waiting]
    next: int | None


# Posts


def list_posts(kind: PostKind, status: str = "", words: str = "", before: str = "") -> PostList:
    """Give the posts that were changed last, of every status but the trash unless it is asked for.

    ``words`` are looked for by a plugin, else in titles and bodies; ``before`` is the cursor of
    the page before.
    """
    shown = _status_now()
    query = select(*_COLUMNS, shown.label("state")).where(Post.kind == kind, *_seen())
    query = query.where(shown == status if status else Post.status != PostStatus.TRASH)
    if words:
        found = hooks.find_posts(words)
        query = query.where(_has(words, Post.id, found, Post.title, Post.body))
    cursor = CURSOR.fullmatch(before)
    if cursor is not None:
        place = EPOCH + timedelta(microseconds=int(cursor[1])), int(cursor[2])
        query = query.where(tuple_(Post.updated_at, Post.id) < tuple_(*place))
    query = query.order_by(Post.updated_at.desc(), Post.id.desc()).limit(SIZE + 1)
    rows = session.execute(query).all()
    following = None
    if len(rows) > SIZE:
        last = rows[SIZE - 1]
        following = f"{(last.updated_at - EPOCH) // timedelta(microseconds=1)}-{last.id}"
    return PostList(rows[:SIZE], following)


def count_posts(kind: PostKind) -> dict[str, int]:
    """Count the posts of each status."""
    shown = _status_now()
    query = select(shown, func.count()).where(Post.kind == kind, *_seen()).group_by(shown)
    found = {str(status): count for status, count in session.execute(query)}
    return {str(status): found.get(status, 0) for status in PostStatus}


def post(post_id: int) -> Post:
    """Give a post with all that is kept of it; raise ``PostNotFound``."""
    found = session.scalar(select(Post).where(Post.id == post_id, *_seen()))
    if found is None:
        raise posts.PostNotFound(f"no post {post_id}")
    return found


def there(post_ids: Sequence[int]) -> list[int]:
    """Keep the posts that are there for the person who is asking, in the order given."""
    found = set(session.scalars(select(Post.id).where(Post.id.in_(post_ids), *_seen())))
    return [one for one in post_ids if one in found]


def log_saved(saved: Iterable[PostRow]) -> None:
    """Remember that the person who is asking saved posts; imports have nobody to name."""
    who = identity.current().name
    if who:
        session.add_all(Log(post_id=one.id, who=who) for one in saved)
        session.commit()


def last_saved(post_id: int) -> Log | None:
    """Give the last time that somebody saved a post."""
    query = select(Log).where(Log.post_id == post_id).order_by(Log.id.desc()).limit(1)
    return session.scalar(query)


# Comments


def queue(status: Status, before: int | None = None, words: str = "") -> Queue:
    """Give the comments of a status that have words, the latest first; ``before`` is the cursor."""
    query = select(Comment).where(Comment.status == status)
    if words:
        found = hooks.find_comments(words)
        places = (Comment.body, Comment.author, Comment.email)
        query = query.where(_has(words, Comment.id, found, *places))
    if before is not None:
        query = query.where(Comment.id < before)
    found = list(session.scalars(query.order_by(Comment.id.desc()).limit(SIZE + 1)))
    following = found[SIZE - 1].id if len(found) > SIZE else None
    return Queue(_with_places(found[:SIZE]), following)


def waiting(comment_id: int) -> Waiting:
    """Give one comment of any status; raise ``CommentNotFound``."""
    found = session.get(Comment, comment_id)
    if found is None:
        raise comments.CommentNotFound(f"no comment {comment_id}")
    return _with_places([found])[0]


def moderate(comment_ids: Iterable[int], status: Status) -> tuple[list[StatusChange], int]:
    """Change the status of comments; give the changes and the number that undoes them."""
    return _remember(comments.set_status(comment_ids, status))


def undo(number: int) -> tuple[list[StatusChange], int]:
    """Give each comment of an action the status back that it had, which can be undone too.

    Raise ``NothingToUndo``.
    """
    with writing() as write:
        found = write.get(Undo, number)
        if found is None or not found.changes or found.who != identity.current().id:
            raise NothingToUndo(f"nothing to undo at {number}")
        wanted = {int(key): Status(status) for key, status in found.changes.items()}
        # The row stays, so that its number is not given to another action meanwhile.
        found.changes = {}
    return _remember(comments.set_statuses(wanted))


# Private


def _status_now() -> Any:
    """Give a post's status as readers see it: what was scheduled is published at its minute."""
    is_due = and_(Post.status == PostStatus.SCHEDULED, Post.published_at <= now())
    return case((is_due, PostStatus.PUBLISHED.value), else_=Post.status)


def _seen() -> list[Any]:
    """Leave out the drafts of others for those who may not read them."""
    if identity.may(identity.READ_PRIVATE):
        return []
    return [or_(columns.visible(), Post.identity == identity.current().id)]


def _has(words: str, number: Any, found: Sequence[int] | None, *places: Any) -> Any:
    """Look for what a plugin found, else for the words as they stand."""
    if found is not None:
        return number.in_(found)
    return or_(*(one.icontains(words, autoescape=True) for one in places))


def _with_places(found: list[Comment]) -> list[Waiting]:
    at = posts.rows(one.post_id for one in found)
    told = _notes(found)
    return [Waiting(one, at.get(one.post_id), told[one.id]) for one in found]


def _notes(found: list[Comment]) -> dict[int, Markup]:
    names = [one.key for one in columns.COMMENT_COLUMNS]
    rows = [columns.comment_row([getattr(one, name) for name in names]) for one in found]
    told = {one.id: Markup() for one in rows}
    for answer in hooks.comment_notes(rows) if rows else ():
        for comment_id in told.keys() & answer.value.keys():
            told[comment_id] += answer.value[comment_id]
    return told


def _remember(changes: list[StatusChange]) -> tuple[list[StatusChange], int]:
    if not changes:
        return changes, 0
    with writing() as write:
        made = Undo(
            who=identity.current().id,
            changes={str(one.comment_id): one.before.value for one in changes},
        )
        write.add(made)
        write.flush()
        write.execute(delete(Undo).where(Undo.made_at < now() - KEPT))
        return changes, made.id


_COLUMNS = (
    Post.id,
    Post.kind,
    Post.title,
    Post.path,
    Post.author,
    Post.position,
    Post.published_at,
    Post.updated_at,
    Post.comment_count,
)
