"""Take part in every hook of API 1.

Written for API 1 and kept for ever: never edit this.
What it needs must go on to work, or API 1 ends.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from flask import Blueprint
from markupsafe import Markup
from sqlalchemy import func, select
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import Length, NumberRange

from blog import (
    CommentRow,
    Cursor,
    Draft,
    Identity,
    MenuItem,
    Permission,
    Post,
    PostRow,
    SettingsForm,
    SignIn,
    StatusChange,
    ThreadPage,
    Verdict,
    console,
    hookimpl,
    hooks,
    identity,
    importing,
    render,
    session,
    settings,
    writing,
)
from blog import gettext as __
from blog import (
    jobs as outbox,
)
from blog import lazy_gettext as _

from . import hookspecs
from .models import Entry

__all__ = ["hookspecs"]
bp = Blueprint("chronicle", __name__)
CALLED: set[str] = set()


class Settings(SettingsForm):
    """Say what is kept."""

    most = IntegerField(_("Entries shown"), default=20, validators=[NumberRange(1, 100)])
    motto = StringField(_("Motto"), default="Words fly.", validators=[Length(max=100)])
    shown = BooleanField(_("Show the motto"), default=True)


def keep(post_id: int, what: str) -> None:
    """Write an entry in the write that is under way."""
    session.add(Entry(post_id=post_id, what=what))


@bp.get("/chronicle/")
def page() -> str:
    """Show the latest entries, and the words of others."""
    most = settings["chronicle"].most
    entries = session.scalars(select(Entry).order_by(Entry.id.desc()).limit(most)).all()
    words = [word for answer in hooks.chronicle_words() for word in answer.value]
    return render("chronicle/page.html", entries=entries, words=words)


@click.command()
@console.with_site
def count() -> None:
    """Say how many entries there are."""
    click.echo(session.scalar(select(func.count()).select_from(Entry)))


def note(payload: Mapping[str, Any]) -> None:
    """Write an entry later."""
    CALLED.add("job")
    with writing() as write:
        write.add(Entry(post_id=payload["post"], what="job"))


@hookimpl
def routes() -> Blueprint:
    """Add the page."""
    CALLED.add("routes")
    return bp


@hookimpl
def commands() -> Mapping[str, click.Command]:
    """Add ``chronicle``."""
    CALLED.add("commands")
    return {"chronicle": count}


@hookimpl
def jobs() -> Mapping[str, Any]:
    """Name the work."""
    CALLED.add("jobs")
    return {"note": note, "tidy": note}


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name a permission."""
    CALLED.add("permissions")
    return [Permission("chronicle.read", _("Read the chronicle"), ("owner", "moderator"))]


@hookimpl
def startup_lines(address: str, command: str) -> Sequence[str]:
    """Name the page."""
    CALLED.add("startup_lines")
    return [f"Chronicle: {address}/chronicle/ or {command} chronicle"]


@hookimpl
def catch_up() -> bool:
    """Write an entry for each post that has none."""
    CALLED.add("catch_up")
    query = select(Post.id).where(Post.id.not_in(select(Entry.post_id))).limit(100)
    found = session.scalars(query).all()
    for post_id in found:
        keep(post_id, "caught up")
    return bool(found)


@hookimpl
def who_is_asking(session: Mapping[str, Any]) -> Identity | None:
    """Know whom this plugin signed in."""
    CALLED.add("who_is_asking")
    name = session.get("chronicle.name")
    return Identity(f"chronicle:{name}", name, frozenset({"chronicle.read"})) if name else None


@hookimpl(trylast=True)
def sign_in(path: str) -> SignIn | None:
    """Lead nowhere, with a sentence."""
    CALLED.add("sign_in")
    return SignIn(sentence=__("Ask the chronicler."))


@hookimpl
def may_read(posts: Sequence[PostRow]) -> set[int]:
    """Show what this guards to those who are signed in."""
    CALLED.add("may_read")
    return {one.id for one in posts} if identity.current().id else set()


@hookimpl
def posts_loaded(posts: list[PostRow]) -> list[PostRow]:
    """Mark titles."""
    CALLED.add("posts_loaded")
    return [one._replace(title=f"{one.title} *") for one in posts]


@hookimpl
def comments_loaded(comments: list[CommentRow], post: PostRow | None) -> list[CommentRow]:
    """Mark names."""
    CALLED.add("comments_loaded")
    return [one._replace(author=f"{one.author} *") for one in comments]


@hookimpl
def thread_page(post: PostRow, cursor: Cursor, size: int) -> ThreadPage | None:
    """Leave it to others."""
    CALLED.add("thread_page")
    return None


@hookimpl
def render_body(source: str, markup: str) -> str | None:
    """Take its own markup."""
    CALLED.add("render_body")
    return str(Markup("<p>{}</p>").format(source)) if markup == "chronicle" else None


@hookimpl
def posts_saved(posts: Sequence[PostRow]) -> None:
    """Write entries."""
    CALLED.add("posts_saved")
    for one in posts:
        keep(one.id, "saved")


@hookimpl
def comment_form_fields(post: PostRow) -> Mapping[str, Any]:
    """Ask for a town."""
    CALLED.add("comment_form_fields")
    return {"chronicle_town": StringField(_("Town"), validators=[Length(max=60)])}


@hookimpl
def check_comment(post: PostRow, draft: Draft) -> Verdict | None:
    """Hold what is shouted, and file one word as spam."""
    CALLED.add("check_comment")
    if "casino" in draft.body:
        return Verdict.spam(_("plays"))
    return Verdict.hold(_("shouts")) if draft.body.isupper() else None


@hookimpl
def comments_stored(comments: Sequence[CommentRow], draft: Draft | None) -> None:
    """Keep the town."""
    CALLED.add("comments_stored")
    for one in comments:
        town = draft.extra.get("chronicle_town", "") if draft else ""
        keep(one.post_id, f"comment from {town}"[:40])


@hookimpl
def comment_submitted(comment: CommentRow, post: PostRow) -> None:
    """Ask for work."""
    CALLED.add("comment_submitted")
    with writing() as write:
        outbox.add(write, "chronicle", "note", {"post": post.id})


@hookimpl
def comments_changed(changes: Sequence[StatusChange]) -> None:
    """Write entries."""
    CALLED.add("comments_changed")
    for one in changes:
        keep(one.post_id, f"{one.before} to {one.after}"[:40])


@hookimpl
def import_leftovers(source: str, kind: str) -> None:
    """Read what was left."""
    CALLED.add("import_leftovers")
    list(importing.leftovers(source, kind))


@hookimpl
def slot_head(post: PostRow | None) -> Markup:
    """Show a name."""
    CALLED.add("slot_head")
    return Markup('<meta name="chronicle" content="head">')


@hookimpl
def slot_header(post: PostRow | None) -> Markup | None:
    """Show the motto."""
    CALLED.add("slot_header")
    own = settings["chronicle"]
    return Markup('<p class="chronicle-header">{}</p>').format(own.motto) if own.shown else None


@hookimpl
def slot_before_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show a line above."""
    CALLED.add("slot_before_posts")
    return {one.id: Markup('<p class="chronicle-before"></p>') for one in posts}


@hookimpl
def slot_after_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show a line below."""
    CALLED.add("slot_after_posts")
    return {one.id: Markup('<p class="chronicle-after"></p>') for one in posts}


@hookimpl
def slot_under_comments(comments: Sequence[CommentRow], post: PostRow) -> Mapping[int, Markup]:
    """Show a line under each."""
    CALLED.add("slot_under_comments")
    return {one.id: Markup('<p class="chronicle-under"></p>') for one in comments}


@hookimpl
def slot_comment_form(post: PostRow, form: Any) -> Markup:
    """Show the field."""
    CALLED.add("slot_comment_form")
    field = form["chronicle_town"]
    return Markup('<p class="chronicle-form">{}{}</p>').format(field.label(), field())


@hookimpl
def slot_reply_title(post: PostRow, parent: CommentRow | None) -> Markup:
    """Show a mark in the heading."""
    CALLED.add("slot_reply_title")
    return Markup('<span class="chronicle-reply"></span>')


@hookimpl
def slot_footer(post: PostRow | None) -> Markup:
    """Show a line at the foot."""
    CALLED.add("slot_footer")
    return Markup('<p class="chronicle-footer"></p>')


@hookimpl
def chronicle_words() -> Sequence[str]:
    """Answer the hook of its own."""
    CALLED.add("chronicle_words")
    return ["word"]


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Add the page to the admin."""
    CALLED.add("admin_pages")
    return [MenuItem(_("Chronicle"), "chronicle.page", "chronicle.read")]
