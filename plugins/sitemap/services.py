"""Find the addresses of the site by ranges of ids, and know when each range changed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update

from blog import Post, PostKind, PostRow, columns, is_behind, now, session, settings, take_turns

from .models import Part

PART = 1000  # ids in a file, however many posts there are
STEP = 20
HOME, POSTS = "home", "posts-"
P = Post.__table__.c


def files() -> dict[str, datetime | None]:
    """Name the files of home, posts and pages, each with its last change."""
    found: dict[str, datetime | None] = {HOME: _home_changed()}
    if is_behind(__name__):
        return found | {f"{POSTS}{number}": None for number in range(1, _last() + 1)}
    moment = now()
    parts = select(Part.number, Part.changed_at, Part.due).where(Part.first_at <= moment)
    for number, changed_at, due in session.execute(parts.order_by(Part.number)):
        times = [datetime.fromtimestamp(one, UTC) for one in due if one <= moment.timestamp()]
        found[f"{POSTS}{number}"] = _latest(changed_at, *times)
    return found


def addresses(file: str) -> dict[str, datetime | None] | None:
    """Give the addresses of a file; ``None`` where it is none of ours."""
    if file == HOME:
        return {"/": _home_changed()}
    number = file.removeprefix(POSTS)
    if number == file or not number.isdecimal() or len(number) > 7:
        return None
    query = select(P.path, P.updated_at, P.published_at).where(
        *_inside(int(number)), P.published_at <= now()
    )
    return {
        path: max(updated_at, published_at)
        for path, updated_at, published_at in session.execute(query.order_by(P.id))
    }


def note(posts: Iterable[PostRow]) -> None:
    """Describe anew the files that posts are in."""
    for number in sorted({_number(one.id) for one in posts}):
        _describe(number, checked=False)


def catch_up() -> bool:
    """Describe the next files of this round; ``False`` when all were looked at."""
    done = set(session.scalars(select(Part.number).where(Part.checked)))
    late = [number for number in range(1, _last() + 1) if number not in done][:STEP]
    for number in late:
        _describe(number, checked=True)
    if not late:
        session.execute(update(Part).values(checked=False))
    return bool(late)


def _describe(number: int, *, checked: bool) -> None:
    take_turns(session, f"sitemap {number}")
    found = session.execute(select(P.updated_at, P.published_at).where(*_inside(number))).all()
    part = session.get(Part, number)
    if part is None:
        part = Part(number=number, addresses=len(found))
        session.add(part)
    moment = now()
    times = [max(updated, published) for updated, published in found if published <= moment]
    if part.addresses != len(found):
        times.append(moment)
    part.addresses = len(found)
    part.first_at = min((published for _, published in found), default=None)
    part.changed_at = _latest(part.changed_at, *times)
    part.due = [published.timestamp() for _, published in found if published > moment]
    part.checked = checked or bool(part.checked)
    session.flush()


def _inside(number: int) -> tuple[Any, ...]:
    """Give the conditions of a file: its ids, and what no status and no guard will hide."""
    ids = P.id.between((number - 1) * PART + 1, number * PART)
    return ids, P.live, P.guard.is_(None), P.published_at.is_not(None)


def _home_changed() -> datetime | None:
    """Tell when what the home shows changed last."""
    query = (
        select(P.updated_at, P.published_at)
        .where(P.kind == PostKind.POST, columns.visible(), P.guard.is_(None))
        .order_by(P.published_at.desc(), P.id.desc())
        .limit(settings["core"].posts_per_page)
    )
    return max((max(one) for one in session.execute(query)), default=None)


def _latest(*times: datetime | None) -> datetime | None:
    return max((one for one in times if one is not None), default=None)


def _number(post_id: int) -> int:
    return (post_id - 1) // PART + 1


def _last() -> int:
    return _number(session.scalar(select(func.max(P.id))) or 0)
