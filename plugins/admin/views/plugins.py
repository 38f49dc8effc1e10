"""Show plugins as in a shop window, and switch them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blog import control, generation, identity, upkeep
from blog import gettext as _

from .frame import back, bp, needs, say, show

HERE = "admin.plugins"
TOLD = ("switched-off", "incompatible", "left-out", "migration")


@bp.get("/plugins", endpoint="plugins")
@needs(identity.MANAGE)
def list_() -> ResponseReturnValue:
    """Show every plugin with what it touches and how often it failed."""
    failed: Counter[str] = Counter()
    for one in control.errors():
        failed[one.plugin] += one.count
    lacks = defaultdict(list)
    for item in upkeep.lacks():
        lacks[item.plugin].append(item)
    plugins = control.plugins()
    return show(
        "plugins.html",
        plugins=plugins,
        reasons={one.name: untold(one, lacks[one.name]) for one in plugins},
        failed=failed,
        lacks=lacks,
        left_behind=upkeep.left_behind(),
        is_safe=control.is_safe(),
        with_settings={one.name for one in generation().plugins if control.form_of(one.name)},
        places=places(),
        touched=touched(),
    )


@bp.post("/plugins/<name>/on")
@needs(identity.MANAGE)
def switch_on(name: str) -> ResponseReturnValue:
    """Turn a plugin on, and first what it needs where the form says so."""
    try:
        needed = control.needed(name)
        if needed and "needed" not in request.form:
            return _ask_for(name, needed)
        for one in [*needed, name]:
            control.enable(one)
    except control.Refused as error:
        say(_("That plugin stays off: %(why)s", why=error), error=True)
    else:
        on = ", ".join(titles(*needed, name))
        off = url_for("admin.switch_off", name=name)
        say(_("%(name)s is on.", name=on), off, label=_("Turn it off again"))
    return back(HERE)


@bp.post("/plugins/<name>/off")
@needs(identity.MANAGE)
def switch_off(name: str) -> ResponseReturnValue:
    """Turn a plugin off; ask first where more than it would stop."""
    title, stops, closes = titles(name)[0], titles(*control.needing(name)), closes_the_door(name)
    if (stops or closes) and "sure" not in request.form:
        asked = {"name": name, "title": title, "stops": stops, "closes": closes}
        return show("off.html", here=HERE, back=request.form.get("back", ""), **asked)
    try:
        control.disable(name)
    except control.Refused:
        abort(404)
    say(
        _("%(name)s is off. What it kept is still there.", name=title),
        url_for("admin.switch_on", name=name),
        label=_("Turn it on again"),
    )
    return redirect("/", 303) if closes else back(HERE)


@bp.post("/plugins/<name>/forget")
@needs(identity.MANAGE)
def forget(name: str) -> ResponseReturnValue:
    """Forget the recorded failures of a plugin."""
    control.forget(name)
    say(_("The errors of %(name)s are forgotten.", name=titles(name)[0]))
    return back(HERE)


@bp.post("/plugins/<name>/reload")
@needs(identity.MANAGE)
def reload(name: str) -> ResponseReturnValue:
    """Take the changed code of a plugin."""
    title = titles(name)[0]
    try:
        is_new = upkeep.reload(name)
    except control.Refused as error:
        say(_("The code of %(name)s stays as it was: %(why)s", name=title, why=error), error=True)
    else:
        taken, same = _("%(name)s: its new code is taken."), _("%(name)s: its code is the same.")
        say((taken if is_new else same) % {"name": title})
    return back(HERE)


@bp.post("/plugin-safety/begin")
@needs(identity.MANAGE)
def begin_safety() -> ResponseReturnValue:
    """Leave out every plugin that does not come with Palabre."""
    control.set_safe(True)
    say(_("Only plugins that come with Palabre run now."))
    return back(HERE)


@bp.post("/plugin-safety/end")
@needs(identity.MANAGE)
def end_safety() -> ResponseReturnValue:
    """Take every plugin back that is on."""
    control.set_safe(False)
    say(_("Every plugin that is on runs again."), url_for("admin.begin_safety"))
    return back(HERE)


def untold(one: Any, lacks: list[Any]) -> str:
    """Give why a plugin does not run, unless what it lacks says so already."""
    is_told = one.state == "on" or any(item.kind in TOLD for item in lacks)
    return "" if is_told else str(one.reason)


def titles(*names: str) -> list[str]:
    """Give the titles of plugins, loaded or not, in the site's language."""
    known = {one.name: one.title for one in control.plugins()} if names else {}
    return [known.get(one, one) for one in names]


def closes_the_door(name: str) -> bool:
    """Tell whether without this plugin nobody could come back to these pages."""
    return name == "admin" or _is_the_only_door(name)


def places() -> dict[str, str]:
    """Say in words where a plugin comes from."""
    return {
        "bundled": _("comes with Palabre"),
        "instance": _("placed in this site’s folder"),
        "package": _("installed as a package"),
    }


def touched() -> dict[str, str]:
    """Say in words what a plugin may declare to touch."""
    return {
        "tables": _("Keeps tables"),
        "routes": _("Answers at"),
        "hosts": _("Talks to"),
        "secrets": _("Needs secrets"),
        "files": _("Writes files"),
        "jobs": _("Works later"),
    }


def _ask_for(name: str, needed: list[str]) -> ResponseReturnValue:
    """Go to the page of a plugin, where one button turns on what it needs too."""
    title, *others = titles(name, *needed)
    say(_("%(name)s needs %(others)s first.", name=title, others=", ".join(others)), error=True)
    return redirect(url_for("admin.plugin", name=name), 303)


def _is_the_only_door(name: str) -> bool:
    """Tell whether nobody could be signed in without this plugin."""
    for hook in generation().table:
        if hook.name == "who_is_asking":
            return {one.plugin for one in hook.implementations} == {name}
    return False
