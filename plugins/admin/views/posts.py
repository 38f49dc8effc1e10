"""Write posts and pages: lists, the editor, its preview, the trash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError

from blog import (
    PostKind,
    PostRow,
    PostStatus,
    addresses,
    columns,
    control,
    csrf_exempt,
    identity,
    markup,
    ngettext,
    now,
    posts,
)
from blog import gettext as _

from .. import fields, services
from ..forms import PostForm, is_to_come
from .frame import ID, asked, back, bp, ids, needs, say, show


@bp.get("/posts", endpoint="posts", defaults={"kind": PostKind.POST})
@bp.get("/pages", endpoint="pages", defaults={"kind": PostKind.PAGE})
@needs(identity.WRITE)
def list_(kind: PostKind) -> ResponseReturnValue:
    """List posts or pages by status and words."""
    counts = services.count_posts(kind)
    status, words, before = asked("status"), asked("q"), asked("before")
    status = status if status in counts else ""
    return show(
        "posts.html",
        kind=kind.value,
        counts=counts,
        all=sum(counts.values()) - counts["trash"],
        status=status,
        words=words,
        begins=not before,
        listed=services.list_posts(kind, status, words, before),
    )


@bp.get("/posts/new")
@needs(identity.WRITE)
def new() -> ResponseReturnValue:
    """Open an empty editor."""
    kind = PostKind.PAGE if asked("kind") == "page" else PostKind.POST
    return edit(PostForm.opened(kind=kind.value, author=identity.current().name))


@bp.post("/posts/new")
@csrf_exempt
@needs(identity.WRITE)
def create() -> ResponseReturnValue:
    """Store a new post."""
    return save(PostForm.opened())


@bp.get(f"/posts/{ID}")
@needs(identity.WRITE)
def open_(number: int) -> ResponseReturnValue:
    """Open a post in the editor."""
    return edit(PostForm.opened(services.post(number)))


@bp.post(f"/posts/{ID}")
@csrf_exempt
@needs(identity.WRITE)
def change(number: int) -> ResponseReturnValue:
    """Store a changed post."""
    return save(PostForm.opened(services.post(number)))


@bp.post("/posts/preview", defaults={"number": 0})
@bp.post(f"/posts/{ID}/preview")
@csrf_exempt
@needs(identity.WRITE)
def preview(number: int) -> ResponseReturnValue:
    """Show how the text will look; nothing is stored."""
    form = PostForm.opened(services.post(number) if number else None)
    form.validate()
    if not form.is_ours:
        return edit(form, 422)
    for field in form:
        field.errors = []
    return edit(form, shown=markup.render(form.body.data or "", form.markup.data))


def again(number: int, added: str = "") -> ResponseReturnValue:
    """Show the editor with what was sent and more at the end of the body; nothing is stored."""
    identity.require(identity.WRITE)
    form = PostForm.opened(services.post(number) if number else None)
    form.validate()
    if not form.is_ours:
        return edit(form, 422)
    for field in form:
        field.errors = []
    body = (form.body.data or "").rstrip()
    form.body.data = "\n\n".join(filter(None, (body, added))) if added else form.body.data
    return edit(form)


@bp.record_once
def offer_editor(state: Any) -> None:
    """Let plugins that show a part of the editor give it back with what was typed."""
    state.app.jinja_env.globals["admin_editor"] = again


@bp.post("/posts/change")
@needs(identity.WRITE)
def change_many() -> ResponseReturnValue:
    """Publish, put back, trash, restore or delete the posts that are ticked."""
    act = _ACTIONS.get(request.form.get("do", ""))
    chosen = services.there(ids())
    if act is None or not chosen:
        say(_("Tick some lines first, then choose what to do."), error=True)
        return back("admin.posts")
    try:
        act(chosen)
    except (addresses.AddressTaken, IntegrityError):
        say(_("Another post took one of these addresses just now: please try again."), error=True)
    return back("admin.posts")


def edit(
    form: PostForm, status: int = 200, *, conflict: bool = False, shown: str | None = None
) -> ResponseReturnValue:
    """Show the editor with what was typed."""
    post = form.post
    kind = form.kind.data
    return (
        show(
            "editor.html",
            here="admin.pages" if kind == PostKind.PAGE else "admin.posts",
            form=form,
            row=post,
            state=columns.status_now(post.status, post.published_at) if post else PostStatus.DRAFT,
            saved=services.last_saved(post.id) if post else None,
            address=(post.path or f"/?p={post.id}") if post else "",
            conflict=conflict,
            shown=shown,
            more=fields.more(post),
            zone=control.stored_settings()["timezone"],
            languages=sorted({"en", "fr", form.language.data or "fr"}),
        ),
        status,
    )


def save(form: PostForm) -> ResponseReturnValue:
    """Store what was typed, or show it again with what is wrong."""
    valid = form.validate_on_submit()
    status, moment = _wanted(form)
    if not valid or form.errors:
        return edit(form, 422)
    post = form.post
    seen = form.seen_at if post else None
    try:
        saved = posts.save(form.draft(status, moment), post.id if post else None, seen=seen)
    except posts.PostChanged:
        form.seen.data = services.post(post.id).updated_at.isoformat() if post else ""
        return edit(form, 409, conflict=True)
    except (addresses.AddressTaken, IntegrityError):
        form.slug.errors = [_("Another post has this address already: choose another.")]
        return edit(form, 422)
    say(_told(saved))
    wanted = addresses.slug_of(form.slug.data or "")
    if wanted and saved.slug != wanted:
        say(_("That address was taken: it ends with %(slug)s now.", slug=saved.slug), error=True)
    return redirect(url_for("admin.open_", number=saved.id), 303)


def _wanted(form: PostForm) -> tuple[PostStatus, datetime | None]:
    """Read from the button that was pressed which status and time a post gets."""
    button = request.form.get("do", "keep")
    before = PostStatus(form.post.status) if form.post else PostStatus.DRAFT
    moment = form.moment
    if button == "publish":
        planned = moment or (form.post.published_at if form.post else None)
        return PostStatus.PUBLISHED, now() if is_to_come(planned) else moment
    if button == "schedule":
        planned = moment or (form.post.published_at if form.post else None)
        if not is_to_come(planned):
            form.published.errors = [_("To schedule it, choose a date and a time to come.")]
        return PostStatus.SCHEDULED, moment
    named = {"draft": PostStatus.DRAFT, "private": PostStatus.PRIVATE}
    return named.get(button, before), moment


def _told(saved: PostRow) -> str:
    if saved.status is PostStatus.PUBLISHED:
        return _("Published. Readers see it now.")
    if saved.status is PostStatus.SCHEDULED:
        return _("Scheduled. It appears by itself at its minute.")
    if saved.status is PostStatus.PRIVATE:
        return _("Saved. Only you see it.")
    return _("Saved as a draft.") if saved.status is PostStatus.DRAFT else _("Saved.")


def _publish(chosen: list[int]) -> None:
    posts.set_status(chosen, PostStatus.PUBLISHED)
    say(ngettext("%(num)s published.", "%(num)s published.", len(chosen)))


def _withdraw(chosen: list[int]) -> None:
    posts.set_status(chosen, PostStatus.DRAFT)
    say(ngettext("%(num)s is a draft again.", "%(num)s are drafts again.", len(chosen)))


def _trash(chosen: list[int]) -> None:
    posts.set_status(chosen, PostStatus.TRASH)
    numbers = ",".join(map(str, chosen[: services.SIZE]))
    moved = ngettext("%(num)s moved to the trash.", "%(num)s moved to the trash.", len(chosen))
    say(moved, url_for("admin.untrash", numbers=numbers))


def _restore(chosen: list[int]) -> None:
    posts.restore(chosen)
    say(ngettext("%(num)s restored.", "%(num)s restored.", len(chosen)))


def _delete(chosen: list[int]) -> None:
    posts.delete(chosen)
    say(ngettext("%(num)s deleted for good.", "%(num)s deleted for good.", len(chosen)))


@bp.post("/posts/untrash")
@needs(identity.WRITE)
def untrash() -> ResponseReturnValue:
    """Undo a move to the trash."""
    texts = request.args.get("numbers", "").split(",")[:1000]
    numbers = [int(one) for one in texts if one.isdecimal() and one.isascii() and len(one) < 10]
    _restore(services.there(numbers))
    return back("admin.posts")


_ACTIONS: dict[str, Callable[[list[int]], Any]] = {
    "publish": _publish,
    "draft": _withdraw,
    "trash": _trash,
    "restore": _restore,
    "delete": _delete,
}
