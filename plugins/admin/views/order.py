"""Show in which order plugins run, and let the owner choose another."""

from __future__ import annotations

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from blog import control, generation, identity
from blog import gettext as _

from .frame import bp, needs, say, show
from .plugins import HERE, titles


@bp.get("/plugin-order")
@needs(identity.MANAGE)
def order() -> ResponseReturnValue:
    """Show the order of the plugins that are on, and who takes part in each hook."""
    names = control.order()
    named = dict(zip(names, titles(*names), strict=True))
    hooks = [one for one in generation().table if one.implementations]
    return show(
        "order.html",
        here=HERE,
        named=named,
        contradicted=control.contradicted(),
        is_ordered=control.is_ordered(),
        hooks=sorted(hooks, key=lambda one: str(one.name)),
    )


@bp.post("/plugin-order/<name>/earlier")
@needs(identity.MANAGE)
def move_earlier(name: str) -> ResponseReturnValue:
    """Let a plugin run one place earlier."""
    return _move(name, later=False)


@bp.post("/plugin-order/<name>/later")
@needs(identity.MANAGE)
def move_later(name: str) -> ResponseReturnValue:
    """Let a plugin run one place later."""
    return _move(name, later=True)


@bp.post("/plugin-order/reset")
@needs(identity.MANAGE)
def reset_order() -> ResponseReturnValue:
    """Give every plugin the place that it asks for."""
    control.reset_order()
    say(_("Every plugin has the place that it asks for."))
    return redirect(url_for("admin.order"), 303)


def _move(name: str, *, later: bool) -> ResponseReturnValue:
    before = control.order()
    try:
        control.move(name, later=later)
    except control.Refused:
        abort(404)
    if control.order() != before:
        said = _("%(name)s runs later now.") if later else _("%(name)s runs earlier now.")
        undo = "admin.move_earlier" if later else "admin.move_later"
        say(said % {"name": titles(name)[0]}, url_for(undo, name=name))
    return redirect(url_for("admin.order", _anchor=f"order-{name}"), 303)
