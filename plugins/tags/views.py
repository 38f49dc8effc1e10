"""Show archives, and let authors look after the terms."""

import re

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blog import generation, identity, markup, posts, render, session, settings, take_turns, writing
from blog import gettext as _

from . import services
from .models import Term

PAGE = re.compile(r"/page/\d+$")
bp = Blueprint("tags", __name__)


def address(kind: str, *path: str) -> str:
    """Give the address of an archive, or how those of a kind begin."""
    return "/".join(("", getattr(settings["tags"], f"{kind}_base"), *path, ""))


def listing(path: str, before: str | None, size: int) -> posts.Listing | None:
    """Give a page of the archive that is or was at an address, with its title and address."""
    for kind, title in {"category": _("Category: %(name)s"), "tag": _("Tag: %(name)s")}.items():
        rest = PAGE.sub("", path.removeprefix(address(kind)).strip("/"))
        is_below = path.startswith(address(kind)) and "\x00" not in path
        term = services.at(kind, rest) if is_below else None
        if term:
            page = services.page(term, before, size)
            return page._replace(title=title % {"name": term.name}, path=address(kind, term.path))
    return None


@bp.before_app_request
def archive() -> ResponseReturnValue | None:
    """Answer at the addresses of terms, which settings change; what is at no term is a post."""
    if request.endpoint != "core.post":
        return None
    before, size = request.args.get("before"), generation().config.posts_per_page
    page = listing(request.path, before, size)
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
            said = {"text": _changed(number, kind, _word("name"))}, "done"
        except services.Misplaced as error:
            said = {"text": str(error)}, "error"
        flash(*said)  # type: ignore[arg-type]
        return redirect(url_for("tags.manage", kind=kind), 303)
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
    )


def _changed(number: int, kind: str, name: str) -> str:
    """Make, save, merge or delete a term, and say what happened."""
    with writing() as write:
        take_turns(write, "tags")
        term = write.get(Term, number)
        if term is None:
            return _("“%(name)s” is saved.", name=services.named(kind, name).label)
        before, do = term.label, _word("do")
        if do == "delete":
            services.remove(term)
            return _("“%(name)s” is deleted. Its posts are still there.", name=before)
        if do == "merge":
            heir = services.first(kind, (Term.label == name) & (Term.id != number))
            if heir is None:
                said = _("There is no other that is called “%(name)s”.", name=name)
                raise services.Misplaced(said)
            services.remove(term, heir)
            return _("“%(name)s” is one with “%(other)s” now.", name=before, other=name)
        place = services.apart(kind, name) if name != before else (term.parent, term.name)
        saved = services.place(term, *place, _word("slug"))
        return _("“%(name)s” is saved.", name=saved.label)


def _word(name: str) -> str:
    return markup.clean_line(request.values.get(name, ""))[: services.LONGEST_PATH]
