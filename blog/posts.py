"""Read and write posts and pages; the only caller of their hooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, literal, select, tuple_, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from blog import identity, markup
from blog.addresses import AddressTaken, is_taken, place, slug_of
from blog.columns import LIVE, POST_COLUMNS, P, post_row, visible
from blog.db import now, session, writing
from blog.drafts import PostDraft as PostDraft  # noqa: PLC0414 - a name of this module too
from blog.models import FormerAddress, Post, PostKind, PostStatus
from blog.platform.context import config, generation, hooks
from blog.platform.states import mark_behind
from blog.rows import PostRow

TRIES = 5


class PostNotFound(LookupError):
    """There is no post here, or none that the person who is asking may see."""


class PostRefused(PostNotFound):
    """The guard of a post keeps it from the person who is asking; a 404 where nobody looks."""

    def __init__(self, post: PostRow) -> None:
        self.post = post
        super().__init__(f"no post {post.id}")


class PostMoved(LookupError):
    """The post lives at another address now."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class PostChanged(RuntimeError):
    """Somebody saved the post after it was opened."""


class Listing(NamedTuple):
    """Hold one page of a list and the cursor of the next.

    ``title`` and ``path`` are those of a list that a plugin makes.
    """

    posts: list[PostRow]
    next: str | None
    title: str = ""
    path: str = ""


class MenuPage(NamedTuple):
    """Name a page in the menu."""

    title: str
    path: str


class Neighbours(NamedTuple):
    """Hold the posts before and after one in the stream, and the menu that goes with them."""

    previous: MenuPage | None
    next: MenuPage | None
    menu: list[MenuPage]


# Reading


def at(path: str) -> PostRow:
    """Find the post at an address; raise ``PostMoved`` or ``PostNotFound``.

    ``PostRefused``, which is one, where only the post's guard keeps it from the asker.
    """
    if "\x00" in path:  # PostgreSQL has no text that holds one
        raise PostNotFound("nothing can be there")
    found = _one(_AT, path=path)
    if found is not None:
        return found
    raise _moved(path)


def get(post_id: int) -> PostRow:
    """Find a post by its id; raise ``PostNotFound`` where the asker may not see it."""
    found = _one(_BY_ID, id=post_id) if 0 < post_id < 2**31 else None
    if found is None:
        raise PostNotFound(f"no post {post_id}")
    return found


def rows(post_ids: Iterable[int]) -> dict[int, PostRow]:
    """Give the posts that the asker may see, by id, in one statement."""
    ids = sorted(set(post_ids))
    if not ids:
        return {}
    found = [post_row(one) for one in session.execute(select(*POST_COLUMNS).where(P.id.in_(ids)))]
    return {one.id: one for one in readable(found)}


def listed(post_ids: Sequence[int]) -> list[PostRow]:
    """Give posts for a list that a plugin makes: those that the asker may see, in this order."""
    found = rows(post_ids)
    return hooks.posts_loaded([found[one] for one in post_ids if one in found]) if found else []


def short(number: str) -> PostRow:
    """Find a post by ``?p=``.

    That is a draft without another address, the number that an import remembers, or the id.
    """
    draft, refused = None, None
    try:
        draft = _one(_BY_ID, id=int(number)) if _is_id(number) else None
    except PostRefused as error:
        refused = error
    if draft is not None and draft.path == f"/?p={number}":
        return draft
    try:
        return at(f"/?p={number}")
    except PostMoved as moved:
        raise moved from None
    except PostNotFound as error:
        if draft is None:
            raise (refused or error) from None
        return draft


def stream(
    before: str | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    size: int | None = None,
) -> Listing:
    """Give a page of the published posts, newest first, by keyset.

    ``before`` is the cursor of the page before; ``since`` and ``until`` bound the publication.
    """
    size = size or config().posts_per_page
    query = select(*POST_COLUMNS).where(P.kind == PostKind.POST, visible())
    if since is not None:
        query = query.where(P.published_at >= since)
    if until is not None:
        query = query.where(P.published_at < until)
    place = cursor(before)
    if place is not None:
        query = query.where(tuple_(P.published_at, P.id) < tuple_(*place))
    query = query.order_by(P.published_at.desc(), P.id.desc()).limit(size + 1)
    found = [post_row(one) for one in session.execute(query)]
    following = None
    if len(found) > size:
        last = found[size - 1]
        if last.published_at is not None:
            following = f"{int(last.published_at.timestamp() * 1_000_000)}-{last.id}"
    return Listing(hooks.posts_loaded(readable(found[:size])), following)


def neighbours(post: PostRow) -> Neighbours:
    """Give the titles before and after a post in the stream and the menu, in one statement."""
    if post.kind is not PostKind.POST or post.published_at is None:
        return Neighbours(None, None, menu())
    values = {"now": now(), "time": post.published_at, "id": post.id}
    found: dict[str, list[tuple[int, MenuPage]]] = {"older": [], "newer": [], "menu": []}
    for title, path, side, rank in session.execute(_AROUND, values):
        found[side].append((rank, MenuPage(title, path)))
    older, newer, pages = ([page for _, page in sorted(one)] for one in found.values())
    return Neighbours(older[0] if older else None, newer[0] if newer else None, pages)


def cursor(text: str | None) -> tuple[datetime, int] | None:
    """Give the time and the id in the cursor of a list; ``None`` where it is none."""
    found = re.fullmatch(r"(-?\d{1,17})-(\d{1,18})", text or "", re.ASCII)
    if found is None:
        return None
    try:
        epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        return epoch + timedelta(microseconds=int(found[1])), int(found[2])
    except OverflowError:
        return None


def menu() -> list[MenuPage]:
    """Give the published pages in the order of the menu."""
    return [MenuPage(one.title, one.path) for one in session.execute(_MENU, {"now": now()})]


def readable(found: list[PostRow]) -> list[PostRow]:
    """Keep the posts that the asker may read: by status, then by each post's own guard."""
    kept = [one for one in found if _is_for_asker(one)]
    for guard in sorted({one.guard for one in kept if one.guard}):
        guarded = [one for one in kept if one.guard == guard]
        allowed = generation().table.ask(guard, "may_read", guarded) or set()
        kept = [one for one in kept if one.guard != guard or one.id in allowed]
    return kept


def is_live(post: PostRow) -> bool:
    """Tell whether a post's status and time let everyone see it."""
    return post.status in LIVE and post.published_at is not None and post.published_at <= now()


def _is_for_asker(post: PostRow) -> bool:
    return is_live(post) or identity.may(identity.READ_PRIVATE)


# Writing


def save(draft: PostDraft, post_id: int | None = None, *, seen: datetime | None = None) -> PostRow:
    """Store a new post or a changed one; a changed address leaves a permanent redirect.

    ``seen`` is when the post that was opened had been updated; a later one is not overwritten.
    Raise ``PostNotFound``, ``PostChanged``, or ``AddressTaken`` when a slug was asked for that
    another post has.
    """
    html = markup.render(draft.body, draft.markup)
    for _try in range(TRIES):
        with suppress(IntegrityError):  # somebody took the address this moment: the next one
            return _save(draft, html, post_id, seen)
    raise AddressTaken("this address was taken this moment: try again")


def _save(draft: PostDraft, html: str, post_id: int | None, seen: datetime | None) -> PostRow:
    with writing() as write:
        post = _entity(write, post_id)
        if seen is not None and post_id is not None and post.updated_at != seen:
            raise PostChanged(f"post {post_id} was saved meanwhile")
        _fill(post, draft, html)
        write.flush()
        place(write, post, draft.slug)
        return _stored(write, post, draft)


def insert(
    write: Session,
    draft: PostDraft,
    html: str,
    *,
    path: str | None,
    created_at: datetime | None,
    updated_at: datetime | None,
) -> Post:
    """Add a post of an import inside its write, at its own address where that is free.

    The hooks are told by ``tell_stored`` once all posts of the write are there.
    """
    post = Post()
    write.add(post)
    _fill(post, draft, html)
    write.flush()
    if path is not None and not is_taken(write, path, post.id):
        post.path, post.slug = (
            path,
            slug_of(draft.slug) or slug_of(draft.title) or f"post-{post.id}",
        )
    else:
        place(write, post, draft.slug)
    post.created_at = created_at or post.created_at
    post.updated_at = updated_at or post.updated_at
    return post


def tell_stored(write: Session, post_ids: Sequence[int]) -> None:
    """Tell the hooks of the posts that an import added, inside its write."""
    write.flush()
    found = write.execute(select(*POST_COLUMNS).where(P.id.in_(post_ids)).order_by(P.id))
    mark_behind(write, hooks.posts_saved([post_row(one) for one in found], None))


def render_again(write: Session, post_ids: Iterable[int] | Select[Any]) -> None:
    """Let posts be rendered again soon, in the background: what plugins make of them changed."""
    write.execute(update(Post).where(Post.id.in_(post_ids)).values(renderer=""))


def set_status(post_ids: Sequence[int], status: PostStatus) -> list[PostRow]:
    """Change the status of posts: publish now, put back to draft, or move to the trash."""
    saved = []
    with writing() as write:
        for post in write.scalars(select(Post).where(Post.id.in_(post_ids))):
            if status is PostStatus.PUBLISHED and (post.published_at or now()) > now():
                post.published_at, post.path = now(), None  # the address was not public yet
            _change_status(post, status)
            place(write, post)
            saved.append(_row(write, post))
        mark_behind(write, hooks.posts_saved(saved, None))
    return saved


def restore(post_ids: Sequence[int]) -> None:
    """Take posts out of the trash, back to the status that they had."""
    saved = []
    with writing() as write:
        for post in write.scalars(select(Post).where(Post.id.in_(post_ids))):
            if post.status == PostStatus.TRASH:
                _change_status(post, PostStatus(post.restore_status or PostStatus.DRAFT))
                saved.append(_row(write, post))
        mark_behind(write, hooks.posts_saved(saved, None))


def delete(post_ids: Sequence[int]) -> None:
    """Delete posts in the trash for good, with their comments and what plugins keep of them."""
    with writing() as write:
        for post in write.scalars(select(Post).where(Post.id.in_(post_ids))):
            if post.status == PostStatus.TRASH:
                write.delete(post)


_AT = select(*POST_COLUMNS).where(P.path == bindparam("path"))
_BY_ID = select(*POST_COLUMNS).where(P.id == bindparam("id"))
_LIVE = (P.live, P.published_at <= bindparam("now", type_=P.published_at.type), P.guard.is_(None))
_MENU = (
    select(P.title, P.path, literal("menu").label("side"), P.position.label("rank"))
    .where(P.kind == PostKind.PAGE, *_LIVE, P.position.is_not(None))
    .order_by(P.position, P.title)
    .limit(30)
)
_PLACE = tuple_(P.published_at, P.id)
_HERE = tuple_(bindparam("time", type_=P.published_at.type), bindparam("id", type_=P.id.type))
_OLDER = (
    select(P.title, P.path, literal("older").label("side"), literal(0).label("rank"))
    .where(P.kind == PostKind.POST, *_LIVE, _PLACE < _HERE)
    .order_by(P.published_at.desc(), P.id.desc())
    .limit(1)
)
_NEWER = (
    select(P.title, P.path, literal("newer").label("side"), literal(0).label("rank"))
    .where(P.kind == PostKind.POST, *_LIVE, _PLACE > _HERE)
    .order_by(P.published_at, P.id)
    .limit(1)
)
_AROUND = union_all(*(select(one.subquery()) for one in (_OLDER, _NEWER, _MENU)))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _one(query: Select[Any], **values: Any) -> PostRow | None:
    found = session.execute(query, values).one_or_none()
    row = post_row(found) if found is not None else None
    kept = readable([row]) if row else []
    if row and row.guard and not kept and _is_for_asker(row):
        raise PostRefused(row)
    loaded = hooks.posts_loaded(kept) if kept else []
    return loaded[0] if loaded else None


def _moved(path: str) -> LookupError:
    query = select(Post.id).join(FormerAddress, FormerAddress.post_id == Post.id)
    post_id = session.scalar(query.where(FormerAddress.path == path))
    found = None
    with suppress(PostRefused):  # else its address would be told
        found = _one(_BY_ID, id=post_id) if post_id is not None else None
    return PostMoved(found.path) if found else PostNotFound(f"nothing at {path}")


def _entity(write: Session, post_id: int | None) -> Post:
    if post_id is None:
        post = Post()
        write.add(post)
        return post
    found = write.get(Post, post_id, with_for_update=True)
    if found is None:
        raise PostNotFound(f"no post {post_id}")
    return found


def _fill(post: Post, draft: PostDraft, html: str) -> None:
    for name in ("title", "body", "markup", "excerpt", "author", "language", "guard"):
        setattr(post, name, getattr(draft, name))
    for name in ("comments_open", "comments_days", "position"):
        setattr(post, name, getattr(draft, name))
    post.identity = draft.identity or post.identity
    post.kind = draft.kind
    post.html, post.renderer = html, markup.renderer()
    post.summary = draft.excerpt or markup.excerpt_of(html)
    post.updated_at = now()
    if draft.published_at is not None:
        post.published_at = draft.published_at
    _change_status(post, draft.status)


def _change_status(post: Post, status: PostStatus) -> None:
    if status is PostStatus.TRASH and post.status != PostStatus.TRASH:
        post.restore_status = post.status
    post.status = status
    if status in (PostStatus.PUBLISHED, PostStatus.SCHEDULED, PostStatus.PRIVATE):
        post.published_at = post.published_at or now()
    post.live = status in LIVE
    if status in LIVE and post.published_at is not None:
        late = post.published_at > now()
        post.status = PostStatus.SCHEDULED if late else PostStatus.PUBLISHED


def _stored(write: Session, post: Post, draft: PostDraft) -> PostRow:
    row = _row(write, post)
    mark_behind(write, hooks.posts_saved([row], draft))
    return row


def _row(write: Session, post: Post) -> PostRow:
    write.flush()
    return post_row(write.execute(select(*POST_COLUMNS).where(P.id == post.id)).one())
