"""Show archives and the terms of posts, and let authors look after the terms."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import Length

from blog import (
    PostRow,
    asset,
    generation,
    identity,
    markup,
    posts,
    render,
    session,
    settings,
    take_turns,
    writing,
)
from blog import gettext as _

from . import services, terms
from .models import Term
from .terms import CATEGORY, TAG

PAGE = re.compile(r"/page/\d+$")
LINK = Markup('<a href="{}" rel="{}">{}</a>')
GROUP = Markup('<span class="{}-links"><span class="screen-reader-text">{}</span> {}</span>')
LIST = Markup('{}<datalist id="tags-{}">{}</datalist><script type="module" src="{}"></script>')
OPTION = Markup('<option value="{}"></option>')
NUMBER = "<int(max=2147483647):number>"
bp = Blueprint("tags", __name__)


def found(path: str) -> Term | None:
    """Find the term whose archive is, or was, at an address; else the one that is called so."""
    for kind in (CATEGORY, TAG):
        rest = path.removeprefix(f"/{_base(kind)}/")
        if rest != path and "\x00" not in path:
            rest = PAGE.sub("", rest.strip("/"))
            called = Term.slug == rest.rpartition("/")[2]
            term = terms.first(kind, Term.path == rest, terms.was_at(kind, rest), called)
            if term:
                return term
    return None


def listing(term: Term, before: str | None, size: int) -> posts.Listing:
    """Give a page of the posts of a term, with its title and address."""
    title = _("Category: %(name)s") if term.kind == CATEGORY else _("Tag: %(name)s")
    page = services.page(term, before, size)
    return page._replace(title=title % {"name": term.name}, path=_address(term))


@bp.before_app_request
def archive() -> ResponseReturnValue | None:
    """Answer at the addresses of terms, which settings change; what is at no term is a post."""
    term = found(request.path) if request.endpoint == "core.post" else None
    if term is None or request.path != _address(term):
        return redirect(quote(_address(term)), 301) if term else None
    before = request.args.get("before")
    shown = listing(term, before, generation().config.posts_per_page)
    feed = f"{quote(shown.path)}feed/" if generation().plugin("feeds") else ""
    return render(
        "tags/list.html",
        body_class=f"archive {term.kind}",
        heading=shown.title,
        begins=before is None,
        feed=feed,
        **shown._asdict(),
    )


def links(rows: Sequence[PostRow], around: Markup) -> Mapping[int, Markup]:
    """Give the categories and tags of posts."""
    kinds = {CATEGORY: ("cat", "category tag", _("Categories")), TAG: ("tags", "tag", _("Tags"))}
    shown = {}
    for post_id, own in services.of_posts(one.id for one in rows).items():
        groups = Markup("")
        for kind, (name, rel, label) in kinds.items():
            mine = [one for one in own if one.kind == kind]
            each = (LINK.format(quote(_address(one)), rel, one.name) for one in mine)
            groups += GROUP.format(name, label, Markup(" · ").join(each)) if mine else ""
        shown[post_id] = around.format(groups)
    return shown


def fields(post: PostRow | None) -> Mapping[str, Any]:
    """Make the fields of the editor, each with a list that completes it."""
    own = services.of_posts([post.id]).get(post.id, []) if post else []
    below = _("With commas between. One below another: News > Markets.")
    words = {CATEGORY: (_("Categories"), below), TAG: (_("Tags"), _("With commas between."))}
    made = {}
    for kind, (label, hint) in words.items():
        names = (services.typed([one.label]) for one in services.listed(kind))
        options = Markup("").join(map(OPTION.format, names))
        complete = {"list": f"tags-{kind}", "data-complete": url_for("tags.complete", kind=kind)}
        made[f"tags_{kind}"] = StringField(
            label,
            default=services.typed(one.label for one in own if one.kind == kind),
            description=LIST.format(hint, kind, options, asset("tags", "tags.js")),
            filters=[lambda text: markup.clean_line(text or "")],
            render_kw={"autocomplete": "off", **complete},
            validators=[Length(max=2000, message=_("This may have %(max)d characters at most."))],
        )
    return made


@bp.get("/admin/tags/complete/<kind>")
def complete(kind: str) -> ResponseReturnValue:
    """Give the names that hold what was typed."""
    identity.require(identity.WRITE)
    return jsonify([services.typed([one.label]) for one in services.listed(kind, _word("q"))])


@bp.get("/admin/tags/")
@bp.get(f"/admin/tags/{NUMBER}")
def manage(number: int = 0) -> ResponseReturnValue:
    """List the terms of a kind, or show all that can be done with one."""
    identity.require(identity.WRITE)
    term = session.get(Term, number) if number else None
    if number and term is None:
        abort(404)
    kind = term.kind if term else _kind()
    after = int(_word("after")) if re.fullmatch("[0-9]{1,9}", _word("after")) else 0
    env = current_app.jinja_env
    navigation = env.globals.get("admin_navigation")
    return render(
        "tags/term.html" if term else "tags/terms.html",
        layout=env.select_template(["admin/layout.html", "layout.html"]),
        navigation=navigation("tags.manage") if callable(navigation) else (),
        kind=kind,
        term=term,
        above=terms.parent_of(term) if term else None,
        words=_word("q"),
        begins=not after,
        rows=[] if term else services.listed(kind, _word("q"), after),
        most=services.PER_PAGE,
        address=_address,
    )


@bp.post("/admin/tags/")
@bp.post(f"/admin/tags/{NUMBER}")
def change(number: int = 0) -> ResponseReturnValue:
    """Make, rename, move, merge or delete a term, and say what happened."""
    identity.require(identity.WRITE)
    here = url_for("tags.manage", number=number or None, kind=_kind())
    try:
        with writing() as write:
            take_turns(write, "tags")
            term = write.get(Term, number) if number else None
            if number and term is None:
                abort(404)
            said = _changed(term, *map(_word, ("do", "name", "above", "slug", "into")))
    except terms.Misplaced as error:
        flash({"text": str(error)}, "error")  # type: ignore[arg-type]
        return redirect(here, 303)
    flash({"text": said}, "done")  # type: ignore[arg-type]
    return redirect(url_for("tags.manage", kind=term.kind if term else _kind()), 303)


def _changed(term: Term | None, do: str, name: str, above: str, slug: str, into: str) -> str:
    if term is None:
        if not name:
            raise terms.Misplaced(_("Type a name first."))
        return _("“%(name)s” is there.", name=terms.named(_kind(), name).label)
    before = term.label
    if do == "delete":
        terms.remove(term)
        return _("“%(name)s” is deleted. Its posts are still there.", name=before)
    if do == "merge":
        other = terms.first(term.kind, Term.label == into)
        if other is None or other is term:
            raise terms.Misplaced(_("There is no other that is called “%(name)s”.", name=into))
        terms.merge(term, other)
        return _("“%(name)s” is one with “%(other)s” now.", name=before, other=into)
    terms.place(term, terms.named(term.kind, above) if above else None, name or term.name, slug)
    return _("“%(name)s” is saved.", name=term.label)


def _base(kind: str) -> str:
    return str(getattr(settings["tags"], f"{kind}_base"))


def _address(term: Any) -> str:
    return f"/{_base(term.kind)}/{term.path}/"


def _kind() -> str:
    return TAG if _word("kind") == TAG else CATEGORY


def _word(name: str) -> str:
    return markup.clean_line(request.values.get(name, ""))[: terms.LONGEST]
