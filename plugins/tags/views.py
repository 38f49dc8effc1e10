"""Show archives and the terms of posts, and let authors look after the terms."""

import re
from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select, tuple_

from blog import (
    Post,
    generation,
    hookimpl,
    identity,
    markup,
    now,
    posts,
    render,
    session,
    take_turns,
    writing,
)
from blog import gettext as _

from . import services
from .models import Term, Use, address
from .services import KINDS, Misplaced

PART = 1000
PAGE = re.compile(r"/page/\d+$")
bp = Blueprint("tags", __name__)


@hookimpl
def routes() -> Blueprint:
    """Answer at the archives, and at the page of the admin."""
    return bp


@hookimpl(optionalhook=True)
def feed_at(path: str, before: str | None, size: int) -> posts.Listing | None:
    """Give a page of the archive that is or was at an address, with its title and address."""
    # Links to a WordPress lead on, also where the words are others now.
    begins = {f"/{kind}/": kind for kind in KINDS} | {address(kind): kind for kind in KINDS}
    begin = max(filter(path.startswith, begins), key=len, default="")
    if not begin or "\x00" in path:
        return None
    kind, rest = begins[begin], PAGE.sub("", path.removeprefix(begin).strip("/"))
    term = services.at(kind, rest)
    if term is None:
        return None
    title = _("Category: %(name)s") if kind == "category" else _("Tag: %(name)s")
    page = page_of(term, before, size)
    if not (page.posts or page.next or before):  # all of its posts are guarded
        return None
    return page._replace(title=title % {"name": term.name}, path=address(kind, term.path))


def page_of(term: Term, before: str | None, size: int) -> posts.Listing:
    """Give a page of a term's posts, newest first, by keyset from its index alone."""
    query = select(Use.post_id, Use.shown_at).where(Use.term_id == term.id, Use.shown_at <= now())
    cursor = posts.cursor(before)
    if cursor:
        query = query.where(tuple_(Use.shown_at, Use.post_id) < tuple_(*cursor))
    newest = query.order_by(Use.shown_at.desc(), Use.post_id.desc()).limit(size + 1)
    found = session.execute(newest).all()
    last = found[size - 1] if len(found) > size else None
    following = f"{round(last.shown_at.timestamp() * 1_000_000)}-{last.post_id}" if last else None
    return posts.Listing(posts.listed([one.post_id for one in found[:size]]), following)


@hookimpl(optionalhook=True)
def sitemap_files() -> Mapping[str, datetime | None]:
    """Name the files of archives, by the ranges of terms in which one shows a post by now."""
    parts = range((session.scalar(select(func.max(Use.term_id))) or 0) // PART + 1)
    uses = [Use.term_id.between(one * PART, one * PART + PART - 1) for one in parts]
    shown = (select(Use).where(one, Use.shown_at <= now()).exists() for one in uses)
    found = enumerate(session.execute(select(*shown)).one())
    return {f"tags-{number}": None for number, is_shown in found if is_shown}


@hookimpl(optionalhook=True)
def sitemap_addresses(file: str) -> Mapping[str, datetime | None]:
    """Give the archives of a range, each with the time of its newest post."""
    number = int(file.removeprefix("tags-"))
    time = select(func.max(Use.shown_at)).join(Post, Post.id == Use.post_id)
    time = time.where(Use.term_id == Term.id, Use.shown_at <= now(), Post.guard.is_(None))
    query = select(Term.kind, Term.path, time.scalar_subquery().label("shown_at"))
    query = query.where(Term.id.between(number * PART, number * PART + PART - 1))
    found = session.execute(query.order_by(Term.id))
    return {address(one.kind, one.path): one.shown_at for one in found if one.shown_at}


@bp.before_app_request
def archive() -> ResponseReturnValue | None:
    """Answer at the addresses of terms, which settings change; what is at no term is a post."""
    if request.endpoint != "core.post":
        return None
    before, size = request.args.get("before"), generation().config.posts_per_page
    page = feed_at(request.path, before, size)
    if page is None or request.path != page.path:
        return redirect(page.path, 301) if page else None
    feed = f"{page.path}feed/" if generation().plugin("feeds") else ""
    shown = {"heading": page.title, "begins": before is None, "feed": feed, **page._asdict()}
    return render("tags/list.html", menu=None, body_class="archive", **shown)


@bp.get("/admin/tags/complete/<kind>")
def complete(kind: str) -> ResponseReturnValue:
    """Give the names that hold what was typed."""
    identity.require(identity.WRITE)
    return jsonify(services.names(kind, _word("q")))


@bp.route("/admin/tags/", methods=["GET", "POST"])
@bp.route("/admin/tags/<int(max=2147483647):number>", methods=["GET", "POST"])
def manage(number: int = 0) -> ResponseReturnValue:
    """List the terms of a kind, or show one and all that can be done with it; do that."""
    identity.require(identity.WRITE)
    term = (session.get(Term, number) or abort(404)) if number else None
    kind = term.kind if term else "tag" if _word("kind") == "tag" else "category"
    if request.method == "POST":
        try:
            text, category = _changed(number, kind), "done"
            number = 0  # back to the list
        except Misplaced as error:
            text, category = str(error), "error"
        flash({"text": text}, category)  # type: ignore[arg-type]
        return redirect(url_for("tags.manage", number=number or None, kind=kind), 303)
    after, words = max(0, min(request.args.get("after", 0, int), 2**31 - 1)), _word("q")
    return render(
        "tags/term.html" if term else "tags/terms.html",
        layout=current_app.jinja_env.select_template(["admin/layout.html", "layout.html"]),
        kind=kind,
        term=term,
        words=words,
        begins=not after,
        rows=services.listed(kind, words, after),
        most=services.PER_PAGE,
        address=address,
        uses=session.scalar(select(func.count()).where(Use.term_id == number)),
        seen=term and services.at(kind, term.path) == term,
        typed=services.typed,
    )


def _changed(number: int, kind: str) -> str:
    """Make, save, merge or delete a term, and say what happened."""
    with writing() as write:
        take_turns(write, "tags")
        term, do = write.get(Term, number), _word("do")
        if term and do == "delete":
            if not _word("sure"):
                raise Misplaced(_("Tick the box first: nothing has changed."))
            services.remove(term)
            return _("“%(name)s” is deleted. Its posts are still there.", name=term.label)
        name, *more = services.labels_of(_word("name")) or [""]
        if more:
            raise Misplaced(_('One name; with a comma in it in quotes: "Doe, John".'))
        found = services.called(kind, name, last=number)
        if term is None:
            return _("“%(name)s” is saved.", name=(found or services.named(kind, name)).label)
        if do == "merge":
            if found in (None, term):
                said = _("There is no other that is called “%(name)s”.", name=name)
                raise Misplaced(_("That is the same one: nothing has changed.") if found else said)
            services.remove(term, found)
            return _("“%(name)s” is one with “%(other)s” now.", name=term.label, other=found.label)
        place = term.parent, term.name
        if name != term.label:
            if found not in (None, term):
                raise Misplaced(_("“%(name)s” is there already: merge the two?", name=name))
            place = services.apart(kind, name)
        services.place(term, *place, _word("slug"))
        return _("“%(name)s” is saved.", name=term.label)


def _word(name: str) -> str:
    return markup.clean_line(request.values.get(name, ""))[: services.LONGEST_PATH]
