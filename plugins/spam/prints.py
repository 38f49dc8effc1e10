"""Remember what was said for ninety days, and what moderators decided of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import Select, bindparam, delete, insert, select, union_all, update

from blog import Comment, CommentRow, Status, StatusChange, now, session, writing

from .likeness import Likeness, fold, likeness_of, similarity
from .models import Band, Print

KEPT = timedelta(days=90)
STEP = 500
LATEST = 20
ALIKE = 0.6
DECISIONS = {Status.SPAM: "spam", Status.PUBLISHED: "ham", Status.PENDING: ""}


class Match(NamedTuple):
    """Tell of a comment that says the same, or nearly so."""

    same: bool
    decision: str
    post_id: int
    sender: str


def alike(found: Likeness) -> list[Match]:
    """Give the latest comments that say what this one says: one look-up by index."""
    if not found.bands:
        return []
    values = {f"band{index}": value for index, value in enumerate(found.bands)}
    query = _look_up(len(found.bands))
    return [
        Match(exact == found.exact, decision, post_id, sender)
        for exact, sketch, decision, post_id, sender in session.execute(query, values)
        if exact == found.exact or similarity(bytes(sketch), found.sketch) >= ALIKE
    ]


def store(comments: Iterable[CommentRow], body: str | None) -> None:
    """Remember comments, unless they are so old that they would be forgotten.

    ``body`` is what was typed; without it the bodies are read.
    """
    since = now() - KEPT
    fresh = {one.id: one.created_at for one in comments if one.created_at > since}
    if body is not None:
        _write([(comment_id, body, time) for comment_id, time in fresh.items()])
        return
    ids = list(fresh)
    for start in range(0, len(ids), STEP):
        part = select(Comment.id, Comment.body).where(Comment.id.in_(ids[start : start + STEP]))
        _write([(one.id, one.body, fresh[one.id]) for one in session.execute(part)])


def mark(changes: Sequence[StatusChange]) -> None:
    """Remember decisions; what goes to the trash keeps the one before."""
    for status, decision in DECISIONS.items():
        decide([one.comment_id for one in changes if one.after is status], decision)


def decide(comment_ids: Sequence[int], decision: str) -> None:
    """Remember one decision of many comments."""
    if comment_ids:
        session.execute(
            update(Print).where(Print.comment_id.in_(comment_ids)).values(decision=decision)
        )


def prune() -> None:
    """Forget some of what is too old; nothing is written where nothing is."""
    old = select(Print.comment_id).where(Print.created_at < now() - KEPT).limit(STEP)
    if session.execute(old.limit(1)).first() is None:
        return
    with writing() as write:
        ids = list(write.scalars(old))
        write.execute(delete(Band).where(Band.comment_id.in_(ids)))
        write.execute(delete(Print).where(Print.comment_id.in_(ids)))


def catch_up() -> bool:
    """Remember the next comments that are missing; ``False`` when none is."""
    missing = (
        select(Comment.id, Comment.body, Comment.created_at)
        .outerjoin(Print, Print.comment_id == Comment.id)
        .where(Print.comment_id.is_(None), Comment.created_at > now() - KEPT)
        .order_by(Comment.id)
        .limit(STEP)
    )
    rows = session.execute(missing).all()
    _write([(one.id, one.body, one.created_at) for one in rows])
    return bool(rows)


@cache
def _look_up(bands: int) -> Select[int, bytes, str, int, str]:
    """Make the look-up once, for building it takes longer than its answer.

    Each band gives its latest comments by the index alone, however many it has.
    """
    latest = (
        select(Band.comment_id)
        .where(Band.value == bindparam(f"band{index}"))
        .order_by(Band.comment_id.desc())
        .limit(LATEST)
        .subquery()
        for index in range(bands)
    )
    near = union_all(*(select(one) for one in latest)).subquery()
    return (
        select(Print.exact, Print.sketch, Print.decision, Comment.post_id, Comment.sender)
        .join(Comment, Comment.id == Print.comment_id)
        .where(Print.comment_id.in_(select(near.c.comment_id)))
    )


def _write(rows: Sequence[tuple[int, str, datetime]]) -> None:
    if not rows:
        return
    found = {comment_id: likeness_of(fold(body)) for comment_id, body, _time in rows}
    values = [
        {
            "comment_id": comment_id,
            "exact": found[comment_id].exact,
            "sketch": found[comment_id].sketch,
            "decision": "",
            "created_at": time,
        }
        for comment_id, _body, time in rows
    ]
    session.execute(insert(Print), values)
    bands = [
        {"comment_id": comment_id, "value": value}
        for comment_id, one in found.items()
        for value in set(one.bands)
    ]
    if bands:
        session.execute(insert(Band), bands)
