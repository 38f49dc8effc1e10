"""Find and keep places in threads: every page by one index, whatever the size of a thread."""

from collections.abc import Callable, Iterable, Sequence
from struct import pack
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import aliased

from blog import (
    Comment,
    CommentRow,
    Cursor,
    PostRow,
    Status,
    StatusChange,
    ThreadPage,
    columns,
    is_behind,
    session,
)
from blog import gettext as _

from .models import Node

LEVEL = 8
MOST_LEVELS = 100
STEP = 500
N = Node.__table__.c
C = Comment.__table__.c
COLUMNS = (*columns.COMMENT_COLUMNS, N.path, N.depth)
_SHOWN = (
    select(*COLUMNS)
    .join_from(Comment.__table__, Node.__table__, N.comment_id == C.id)
    .where(N.post_id == bindparam("post"), N.shown)
)
_FROM = _SHOWN.where(N.path >= bindparam("start")).order_by(N.path).limit(bindparam("size"))
_INSIDE = _FROM.where(N.path < bindparam("end"))


def page(post: PostRow, cursor: Cursor, size: int, most_depth: int) -> ThreadPage:
    """Give whole top-level comments up to about ``size``; cut a subtree that is longer."""
    if is_behind(__name__):
        return _page_of(_all(post), cursor, size, most_depth)
    start, inside = _start(post, cursor, size)
    values = {"post": post.id, "start": start, "size": size + 1}
    if inside:
        rows = session.execute(_INSIDE, {**values, "end": after(inside)})
    else:
        rows = session.execute(_FROM, values)
    found = [_placed(row) for row in rows]
    return _cut(found, size, most_depth, start, inside, lambda top: _goes_on(post, top))


def place(rows: Iterable[CommentRow]) -> None:
    """Add the places of comments, each after the one that it answers."""
    known: dict[int, tuple[bytes, int]] = {}
    for row in rows:
        above = (b"", 0)
        if row.parent_id is not None:
            above = known.get(row.parent_id) or _place_of(row.parent_id)
        path, depth = below(above, row)
        known[row.id] = path, depth
        session.add(
            Node(
                comment_id=row.id,
                post_id=row.post_id,
                path=path,
                depth=depth,
                shown=row.status is Status.PUBLISHED,
            )
        )
    session.flush()


def show(changes: Sequence[StatusChange]) -> None:
    """Show places of published comments and hide the others; children stay where they are."""
    for shown in (True, False):
        ids = [one.comment_id for one in changes if (one.after is Status.PUBLISHED) is shown]
        if ids:
            session.execute(update(Node).where(Node.comment_id.in_(ids)).values(shown=shown))


def catch_up() -> bool:
    """Give places to the next comments without one, parents first; ``False`` when all have one."""
    above = aliased(Node)
    has = select(above.comment_id).where(above.comment_id == Comment.parent_id).exists()
    missing = (
        select(*columns.COMMENT_COLUMNS)
        .outerjoin(Node, Node.comment_id == Comment.id)
        .where(Node.comment_id.is_(None), Comment.parent_id.is_(None) | has)
        .order_by(Comment.id)
        .limit(STEP)
    )
    rows = [columns.comment_row(row) for row in session.execute(missing)]
    place(rows)
    wrong = (
        select(Node.comment_id, Comment.status)
        .join(Comment, Comment.id == Node.comment_id)
        .where(Node.shown != (Comment.status == Status.PUBLISHED))
        .limit(STEP)
    )
    late = session.execute(wrong).all()
    for comment_id, status in late:
        session.execute(
            update(Node)
            .where(Node.comment_id == comment_id)
            .values(shown=status == Status.PUBLISHED)
        )
    return bool(rows or late)


def below(above: tuple[bytes, int], row: CommentRow) -> tuple[bytes, int]:
    """Give the path and depth of an answer.

    Below a hundred levels answers stand side by side by time, so that no path grows further.
    """
    path, depth = above
    second = min(max(int(row.created_at.timestamp()), 0), 2**32 - 1)
    kept = path[: (MOST_LEVELS - 1) * LEVEL]
    return kept + pack(">II", second, row.number), depth + 1


def parents(comments: Sequence[CommentRow]) -> dict[int, tuple[str, str]]:
    """Give author and HTML of the comments that these answer, by id."""
    ids = {one.parent_id for one in comments if one.parent_id}
    if not ids:
        return {}
    query = select(Comment.id, Comment.author, Comment.html).where(Comment.id.in_(ids))
    return {number: (author, html) for number, author, html in session.execute(query)}


def after(path: bytes) -> bytes:
    """Give the least path behind a comment and all that answers it."""
    return (int.from_bytes(path) + 1).to_bytes(len(path))


def _placed(values: Sequence[Any]) -> tuple[CommentRow, bytes]:
    *shown, path, depth = values
    return columns.comment_row(shown, depth), bytes(path)


def _place_of(comment_id: int) -> tuple[bytes, int]:
    found = session.execute(
        select(Node.path, Node.depth).where(Node.comment_id == comment_id)
    ).one_or_none()
    return (bytes(found.path), found.depth) if found else (b"", 0)


def _start(post: PostRow, cursor: Cursor, size: int) -> tuple[bytes, bytes]:
    """Give the path at which a page begins, and the top-level one that it stays inside of."""
    number = cursor.after or cursor.rest
    if number is None:
        return _page_with(post, cursor.comment, size) if cursor.comment else (b"", b"")
    path = bytes(session.scalar(_path_of(post, number)) or b"")
    if not path:
        return b"", b""
    if cursor.after is not None:
        return after(path[:LEVEL]), b""
    return path + b"\x00", path[:LEVEL]


def _goes_on(post: PostRow, top: bytes) -> bool:
    """Tell whether a top-level comment follows the one of this path."""
    values = {"post": post.id, "start": after(top), "size": 1}
    return session.execute(_FROM, values).first() is not None


def _path_of(post: PostRow, number: int) -> Select[Any]:
    return (
        select(N.path)
        .join_from(Node.__table__, Comment.__table__, C.id == N.comment_id)
        .where(C.post_id == post.id, C.number == number)
    )


def _page_with(post: PostRow, number: int, size: int) -> tuple[bytes, bytes]:
    """Begin at the top-level comment, or at the first branch from which the comment is in reach."""
    here = _path_of(post, number).scalar_subquery()
    query = (
        select(N.path)
        .where(N.post_id == post.id, N.shown, N.path <= here)
        .order_by(N.path.desc())
        .limit(size)
    )
    before = [bytes(one) for one in session.scalars(query)]
    if not before or int.from_bytes(before[0][-LEVEL // 2 :]) != number:
        return b"", b""  # not shown
    path, top = before[0], before[0][:LEVEL]
    if top in before:
        return top, b""
    ends = range(LEVEL, len(path) + 1, LEVEL)
    return next(path[:end] for end in ends if path[:end] in before), top


def _cut(
    found: list[tuple[CommentRow, bytes]],
    size: int,
    most_depth: int,
    start: bytes,
    inside: bytes,
    goes_on: Callable[[bytes], bool],
) -> ThreadPage:
    """End a page before the first top-level comment that does not fit whole."""
    rest = following = None
    if len(found) > size:
        end = size if len(found[size][1]) == LEVEL else _last_top(found)
        rest = None if end else found[size - 1][0].number
        found = found[: end or size]
    else:
        size = 0
    if found and (size or inside):
        top = found[-1][1][:LEVEL]
        if (size and rest is None) or goes_on(top):
            following = int.from_bytes(top[LEVEL // 2 :])
    return ThreadPage(_flattened(found, start, most_depth), following, rest, not start)


def _last_top(found: list[tuple[CommentRow, bytes]]) -> int:
    for index in range(len(found) - 1, -1, -1):
        if len(found[index][1]) == LEVEL:
            return index
    return 0


def _flattened(
    found: list[tuple[CommentRow, bytes]], start: bytes, most_depth: int
) -> list[CommentRow]:
    """Place each answer below those above it that are shown; name whom it answers elsewhere.

    One whose parent is hidden or gone moves up by a level, or it would stand below a stranger.
    """
    on_page = {row.id: row for row, _path in found}
    above: list[bytes] = []
    placed = []
    for row, path in found:
        while above and not path.startswith(above[-1]):
            above.pop()
        depth = _levels_before(start, path) + len(above) + 1
        above.append(path)
        parent = on_page.get(row.parent_id) if row.parent_id is not None else None
        is_named = depth > most_depth or (parent is None and len(path) > LEVEL)
        shown = _named(row, path, parent) if is_named else row
        depth = min(depth, most_depth)
        placed.append(shown if shown.depth == depth else shown._replace(depth=depth))
    return placed


def _levels_before(start: bytes, path: bytes) -> int:
    """Count the levels above a comment that stand on the pages before."""
    return sum(path[:end] < start for end in range(LEVEL, len(path), LEVEL)) if start else 0


def _named(row: CommentRow, path: bytes, parent: CommentRow | None) -> CommentRow:
    """Say whom a comment answers; what is gone is known by its number in the path."""
    name = (parent.author or _("Anonymous")) if parent else _("an earlier comment")
    above = int.from_bytes(path[-LEVEL - LEVEL // 2 : -LEVEL])
    return row._replace(answers=name, answers_number=parent.number if parent else above)


def _all(post: PostRow) -> list[tuple[CommentRow, bytes]]:
    """Read a whole thread while places may be missing; a missing one is a top-level comment."""
    query = (
        select(*COLUMNS)
        .outerjoin(Node, Node.comment_id == Comment.id)
        .where(Comment.post_id == post.id, Comment.status == Status.PUBLISHED)
    )
    found = []
    for *values, path, depth in session.execute(query):
        row = columns.comment_row(values)
        place = (bytes(path), depth) if path is not None else below((b"", 0), row)
        found.append((row._replace(depth=place[1]), place[0]))
    return sorted(found, key=lambda one: one[1])


def _page_of(
    everything: list[tuple[CommentRow, bytes]],
    cursor: Cursor,
    size: int,
    most_depth: int,
) -> ThreadPage:
    paths = {row.number: path for row, path in everything}
    start = inside = b""
    if cursor.after in paths:
        start = after(paths[cursor.after][:LEVEL])
    elif cursor.rest in paths:
        start, inside = paths[cursor.rest] + b"\x00", paths[cursor.rest][:LEVEL]
    elif cursor.comment in paths:
        start = paths[cursor.comment][:LEVEL]
    left = [one for one in everything if one[1] >= start]
    found = [one for one in left if not inside or one[1] < after(inside)][: size + 1]
    return _cut(
        found,
        size,
        most_depth,
        start,
        inside,
        lambda top: any(path >= after(top) for _row, path in left),
    )
