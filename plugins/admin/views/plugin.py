"""Show one plugin whole: what it is, what it touches, needs and costs, and what was wrong."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from blog import control, generation, identity, upkeep
from blog import gettext as _

from .costs import picture
from .frame import back, bp, needs, say, show
from .plugins import HERE, places, titles, touched, untold


class Ties(NamedTuple):
    """Hold what a plugin has to do with others, by their titles."""

    needed: list[str]
    problem: str
    useful: list[str]
    stops: list[str]
    hooks: list[str]
    shared: dict[str, list[str]]


@bp.get("/plugins/<name>")
@needs(identity.MANAGE)
def plugin(name: str) -> ResponseReturnValue:
    """Show what there is to know about a plugin; it is not imported for that."""
    return _page(name)


@bp.post("/plugins/<name>/check")
@needs(identity.MANAGE)
def check(name: str) -> ResponseReturnValue:
    """Look for mistakes in a plugin, and show them with its grade."""
    try:
        return _page(name, checked=upkeep.check(name))
    except control.Refused:
        abort(404)


@bp.post("/plugins/<name>/try")
@needs(identity.MANAGE)
def try_first(name: str) -> ResponseReturnValue:
    """Show the site with a plugin on to the owner alone."""
    try:
        control.try_first(name)
    except control.Refused as error:
        say(_("It cannot be tried: %(why)s", why=error), error=True)
        return back(HERE)
    return redirect("/", 303)


def _page(name: str, **more: Any) -> str:
    one = next((one for one in control.plugins() if one.name == name), None)
    if one is None:
        abort(404)
    is_on = one.state in ("on", "failed")
    lacks = [item for item in upkeep.lacks() if item.plugin == name]
    hours = upkeep.costs_by_hour().get(name, [])
    return show(
        "plugin.html",
        here=HERE,
        back=url_for("admin.plugin", name=name),
        one=one,
        is_on=is_on,
        can_be_on=bool(one.version) and one.state in ("off", "switched-off"),
        ties=_ties(name, is_on=is_on),
        lacks=lacks,
        reason=untold(one, lacks),
        errors=[error for error in control.errors() if error.plugin == name],
        costs=[cost for cost in upkeep.costs_over(24) if cost.plugin == name],
        picture=picture([hours]) if hours else None,
        has_settings=control.form_of(name) is not None,
        places=places(),
        touched=touched(),
        **{"checked": None, **more},
    )


def _ties(name: str, *, is_on: bool) -> Ties:
    needed, problem = [], ""
    try:
        needed = [] if is_on else control.needed(name)
    except control.Refused as error:
        problem = str(error)
    hooks = [
        str(hook.name)
        for hook in generation().table
        if any(each.plugin == name for each in hook.implementations)
    ]
    shared = control.shared_templates().items()
    return Ties(
        titles(*needed),
        problem,
        titles(*upkeep.useful(name)),
        titles(*control.needing(name)),
        sorted(hooks),
        {template: owners for template, owners in shared if name in owners},
    )
