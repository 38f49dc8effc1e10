"""Answer readers: lists, posts, pages, comments and files."""

from __future__ import annotations

import mimetypes
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from blog import comments, delivery, links, posts, refusals, remembering
from blog.comments import CommentNotFound
from blog.forms import CommentForm
from blog.models import PostKind
from blog.moderation import Status
from blog.platform.context import config
from blog.rows import CommentRow, Cursor, PostRow, ThreadPage
from blog.templating import assets_of, render, render_part, slot, slots_of, thread_items

bp = Blueprint("core", __name__)


class FourDigits(BaseConverter):
    """Match a year; what has other digits is left to the posts."""

    regex = r"\d{4}"

    def to_python(self, value: str) -> int:
        """Give the number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Write it with all its digits."""
        return f"{value:04d}"


class TwoDigits(FourDigits):
    """Match a month or a day."""

    regex = r"\d{2}"

    def to_url(self, value: int) -> str:
        """Write it with both digits."""
        return f"{value:02d}"


@bp.get("/")
def home() -> ResponseReturnValue:
    """Show the latest posts, or go to the post of ``?p=``."""
    number = request.args.get("p", request.args.get("page_id"))
    if number is not None:
        return _short(number)
    return _list("home")


@bp.get("/<four:year>/")
@bp.get("/<four:year>/<two:month>/")
@bp.get("/<four:year>/<two:month>/<two:day>/")
def archive(year: int, month: int = 0, day: int = 0) -> ResponseReturnValue:
    """Show the posts of a year, a month or a day of the site's calendar.

    An imported post that has such an address keeps it.
    """
    with suppress(posts.PostNotFound):
        return show(posts.at(request.path))
    zone = ZoneInfo(config().timezone)
    try:
        since = datetime(year, month or 1, day or 1, tzinfo=zone)
        until = _end(since, month, day)
        since.astimezone(UTC)  # the first hours of all time are before it elsewhere
    except (ValueError, OverflowError):
        abort(404)
    return _list(
        "archive", since=since, until=until, by="day" if day else "month" if month else "year"
    )


@bp.get("/assets/<owner>/<path:name>")
def asset(owner: str, name: str) -> ResponseReturnValue:
    """Serve a static file, for ever where its name carries the hash of its content."""
    found = assets_of(current_app).named(owner, name)
    if found is None:
        abort(404)
    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    response = Response(found.read_bytes(), mimetype=kind)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@bp.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Point those who ask for it unasked to the mark."""
    return redirect(assets_of(current_app).path("core", "mark.svg"), 302)


@bp.get("/<path:path>")
def post(path: str) -> ResponseReturnValue:
    """Show a post or page at its address."""
    try:
        found = posts.at(f"/{path}")
    except posts.PostRefused as refused:
        return refusals.answer(refused)
    except posts.PostNotFound:
        return _near(path)
    return show(found)


@bp.get("/comments/<int:post_id>")
def comment_again(post_id: int) -> ResponseReturnValue:
    """Go back to the post when a page with an error is loaded again."""
    return redirect(f"{posts.get(post_id).path}#respond", 303)


@bp.post("/comments/<int:post_id>")
def comment(post_id: int) -> ResponseReturnValue:
    """Take a comment and go to it."""
    found = posts.get(post_id)
    form = CommentForm(found)
    try:
        if not found.comments_open:  # said first, whatever else is wrong with the form
            raise comments.CommentsClosed("comments are closed")
        if not form.is_valid():
            return show(found, form), 422
        draft = form.draft(sender())
        saved = comments.submit(found, draft)
    except comments.ParentGone:
        return show(found, form, problem="parent-gone"), 409
    except comments.SaidBefore:
        return show(found, form, problem="said-before"), 409
    except comments.CommentsClosed:
        return show(posts.get(post_id), form, problem="closed"), 403
    except comments.TooMany as flood:
        return show(found, form, problem="too-many"), 429, {"Retry-After": str(flood.seconds)}
    response = redirect(_place(found, saved.comment), 303)
    if form.consents and not form.signed_in:
        remembering.remember(response, draft, saved.comment.id)
    elif remembering.is_known() and not form.signed_in:
        remembering.forget(response)
    return response


def show(
    found: PostRow, form: CommentForm | None = None, *, problem: str = "", notice: str = ""
) -> str:
    """Render a post with a page of its thread and the form."""
    cursor, waiting = _asked(found)
    page = comments.page(found, cursor) if found.comment_count else ThreadPage([])
    parent = _parent(found, form, page.comments)
    if waiting is not None:
        page = page._replace(comments=_with_waiting(page.comments, waiting))
    form = form or CommentForm(found, parent.number if parent else None)
    neighbours = posts.neighbours(found)
    talk = render_part(
        "comments.html",
        post=found,
        thread=page,
        items=thread_items(page.comments, found),
        form=form,
        form_slot=slot("comment_form", found, form) if found.comments_open else "",
        reply_title=slot("reply_title", found, parent) if found.comments_open else "",
        parent=parent,
        problem=problem,
    )
    return render(
        "post.html",
        post=found,
        around=slots_of([found]),
        neighbours=neighbours,
        menu=neighbours.menu,
        talk=talk,
        after_thread=slot("after_thread", found, page),
        notice=notice,
        body_class="page" if found.kind is PostKind.PAGE else "single",
        is_excerpt=cursor != Cursor() or parent is not None,
    )


def sender() -> str:
    """Give a keyed hash of the sender's network: /24 of IPv4, /48 of IPv6."""
    return delivery.sender_of(request.remote_addr or "")


def _list(kind: str, **bounds: Any) -> ResponseReturnValue:
    by = bounds.pop("by", "")
    before = request.args.get("before")
    listing = posts.stream(before, **bounds)
    if kind == "archive" and not listing.posts and before is None:
        abort(404)
    return render(
        "list.html",
        posts=listing.posts,
        next=listing.next,
        begins=before is None,
        since=bounds.get("since"),
        by=by,
        body_class=kind,
    )


def _end(since: datetime, month: int, day: int) -> datetime:
    if day:
        following = since.toordinal() + 1
        return datetime.fromordinal(following).replace(tzinfo=since.tzinfo)
    if month:
        year, following = (since.year + 1, 1) if month == 12 else (since.year, month + 1)
        return since.replace(year=year, month=following)
    return since.replace(year=since.year + 1)


def _short(number: str, folder: str = "") -> ResponseReturnValue:
    found: PostRow
    try:
        found = posts.at(f"{folder}?p={number}") if folder else posts.short(number)
    except posts.PostMoved as moved:
        return redirect(moved.path, 301)
    except posts.PostRefused as refused:
        return refusals.answer(refused)
    if found.path.startswith("/?"):
        return show(found)
    return redirect(found.path, 301)


def _near(path: str) -> ResponseReturnValue:
    """Send old and careless addresses to the right one."""
    number = request.args.get("p", request.args.get("page_id"))
    if number is not None:  # a blog that lived in a folder
        return _short(number, f"/{path}")
    before, _, rest = f"/{path}".rpartition("/comment-page-")
    if before and rest.rstrip("/").isdecimal():
        return redirect(f"{posts.at(f'{before}/').path}#comments", 301)
    if path.endswith("/") and path[0] not in "/\\" and _is_answered(f"/{path}".rstrip("/")):
        return redirect(f"/{path}".rstrip("/"), 301)
    other = f"/{path}".rstrip("/") if path.endswith("/") else f"/{path}/"
    return redirect(posts.at(other).path, 301)


def _is_answered(path: str) -> bool:
    """Tell whether an address belongs to something else than a post."""
    adapter = current_app.create_url_adapter(request)
    with suppress(HTTPException):
        return adapter is not None and adapter.match(path, "GET")[0] != "core.post"
    return False


def _asked(found: PostRow) -> tuple[Cursor, CommentRow | None]:
    """Read which page of the thread is asked for, and the waiting comment of a signed link."""
    after, rest, number, parent = (
        _number(name) for name in ("after", "rest", "comment", "replytocom")
    )
    waiting = _waiting(found, number) if number is not None else None
    if waiting is not None:
        number = None
        if waiting.parent_id is not None:
            number = comments.get(waiting.parent_id).number
    return Cursor(after, rest, number if number is not None else parent), waiting


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _waiting(found: PostRow, number: int) -> CommentRow | None:
    """Find a comment that waits and that the asker wrote: by signed link or by consent."""
    key = request.args.get("key", "")
    if not key and not remembering.is_known():
        return None
    try:
        row = comments.numbered(found, number)
    except CommentNotFound:
        return None
    if row.status not in (Status.PENDING, Status.SPAM):
        return None
    mine = links.is_signed(key, "comment", row.post_id, row.number, row.id)
    return row if mine or remembering.owns(row.id) else None


def _with_waiting(shown: list[CommentRow], waiting: CommentRow) -> list[CommentRow]:
    """Put a waiting comment under the one that it answers, else at the end."""
    shown = list(shown)
    for index, row in enumerate(shown):
        if row.id == waiting.parent_id:
            end = index + 1
            while end < len(shown) and shown[end].depth > row.depth:
                end += 1
            shown.insert(end, waiting._replace(depth=row.depth + 1))
            return shown
    return [*shown, waiting]


def _parent(found: PostRow, form: CommentForm | None, shown: list[CommentRow]) -> CommentRow | None:
    """Find the comment that is answered: on the page, where a reply link led, or elsewhere."""
    number = form.parent if form else _number("replytocom")
    for row in shown:
        if row.number == number and row.status is Status.PUBLISHED:
            return row
    try:
        return comments.parent_of(found, number) if number else None
    except comments.ParentGone:
        return None


def _place(found: PostRow, saved: CommentRow) -> str:
    key = "" if saved.status is Status.PUBLISHED else links.comment_key(saved)
    return links.comment_path(found, saved.number, key)
