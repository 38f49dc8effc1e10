"""Compare posts in the background, and keep which are alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from blog import Post, PostKind, columns, hooks, now, session, take_turns, writing
from blog import jobs as outbox

from .models import Compared, Pair

Work = Callable[[Mapping[str, Any]], None]
KEPT, ASKED = 10, 30  # some of what is like a post may not be public
STEP = 100  # posts for a job
NIGHT = 2000  # posts in a night
P = Post.__table__.c


class Other(NamedTuple):
    """Name a post that is like another."""

    title: str
    path: str
    published_at: Any


def like(post_id: int, most: int) -> list[Other]:
    """Give what is like a post and everybody may read, the nearest first, in one statement."""
    query = (
        select(P.title, P.path, P.published_at)
        .join_from(Pair.__table__, Post.__table__, P.id == Pair.other_id)
        .where(Pair.post_id == post_id, P.kind == PostKind.POST)
        .where(columns.visible(), P.guard.is_(None))
        .order_by(Pair.rank)
        .limit(most)
    )
    return [Other(*one) for one in session.execute(query)]


def ask(post_ids: Sequence[int]) -> None:
    """Put a comparison of posts into the outbox, in the transaction that is under way."""
    take_turns(session, "related")
    known = set(session.scalars(select(Compared.post_id).where(Compared.post_id.in_(post_ids))))
    new = [{"post_id": one} for one in post_ids if one not in known]
    if new:
        session.execute(insert(Compared), new)
    for start in range(0, len(post_ids), STEP):
        numbers = list(post_ids[start : start + STEP])
        outbox.add(session, "related", "compare", {"posts": numbers, "spread": len(post_ids) == 1})


def compare(payload: Mapping[str, Any]) -> None:
    """Compare posts, and what is like a single one too, as it may be nearer than what was known."""
    for number in payload["posts"]:
        found = _compare(number)
        for other in found if payload.get("spread") else ():
            _compare(other)


def refresh(_payload: Mapping[str, Any]) -> None:
    """Compare again what was compared longest ago, and what nobody could compare yet."""
    longest_ago = Compared.compared_at.asc().nulls_first(), Compared.post_id
    query = select(Compared.post_id).order_by(*longest_ago).limit(NIGHT)
    for done, number in enumerate(session.scalars(query).all()):
        _compare(number)
        if done % STEP == 0:
            outbox.tell(done=done)


def catch_up() -> bool:
    """Ask for the next posts that were never compared; ``False`` when all were asked for."""
    query = (
        select(P.id)
        .outerjoin(Compared, Compared.post_id == P.id)
        .where(Compared.post_id.is_(None))
        .order_by(P.id)
        .limit(STEP)
    )
    # What is newer than all that is known first, as the rest means to look at each.
    last = select(func.coalesce(func.max(Compared.post_id), 0)).correlate(None)
    missing = (
        session.scalars(query.where(P.id > last.scalar_subquery())).all()
        or session.scalars(query).all()
    )
    if missing:
        ask(missing)
    return bool(missing)


def _compare(post_id: int) -> Sequence[int]:
    """Find what is like a post and keep it; nobody's answer changes nothing."""
    found = session.execute(select(*columns.POST_COLUMNS).where(P.id == post_id)).one_or_none()
    alike: Sequence[int] | None = None
    if found is not None:
        alike = hooks.similar_posts(columns.post_row(found), ASKED)
    if alike is None:
        return ()
    with writing() as write:
        write.execute(delete(Pair).where(Pair.post_id == post_id))
        fit = (P.id == post_id) | columns.visible() & (P.kind == PostKind.POST)
        there = set(write.scalars(select(P.id).where(P.id.in_([*alike, post_id]), fit)))
        if post_id in there:
            kept = [one for one in dict.fromkeys(alike) if one in there and one != post_id]
            near = enumerate(kept[:KEPT])
            pairs = [{"post_id": post_id, "rank": n, "other_id": o} for n, o in near]
            if pairs:
                write.execute(insert(Pair), pairs)
            seen = update(Compared).where(Compared.post_id == post_id)
            write.execute(seen.values(compared_at=now()))
    return alike
