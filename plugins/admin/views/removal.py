"""Show what a plugin keeps, offer it as a file, and remove it."""

from __future__ import annotations

from flask import abort, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from blog import control, identity, now, upkeep
from blog import gettext as _

from .frame import bp, needs, say, show
from .plugins import HERE, closes_the_door, titles

SHOWN = 10


@bp.get("/plugins/<name>/remove")
@needs(identity.MANAGE)
def removal(name: str) -> ResponseReturnValue:
    """Show what would go with a plugin's data, and what would stay."""
    return _page(name)


@bp.get("/plugins/<name>/export")
@needs(identity.MANAGE)
def export(name: str) -> ResponseReturnValue:
    """Send all that a plugin keeps as one zip."""
    try:
        upkeep.belongings(name)
    except control.Refused:
        abort(404)
    try:
        kept = upkeep.export(name)
    except control.Refused as error:
        say(str(error), error=True)
        return redirect(url_for("admin.removal", name=name), 303)
    file = f"{name}-{now():%Y-%m-%d}.zip"
    answer = send_file(kept, "application/zip", as_attachment=True, download_name=file)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/plugins/<name>/remove")
@needs(identity.MANAGE)
def remove(name: str) -> ResponseReturnValue:
    """Remove a plugin's data after a tick that says so."""
    if "sure" not in request.form:
        return _page(name, is_unsure=True), 422
    title, closes = titles(name)[0], closes_the_door(name)
    try:
        stayed = upkeep.uninstall(name)
    except control.Refused as error:
        say(_("Nothing was removed: %(why)s", why=error), error=True)
        return redirect(url_for("admin.removal", name=name), 303)
    if stayed:
        left = ", ".join(stayed)
        say(_("%(name)s is removed, but for these files: %(files)s", name=title, files=left))
    else:
        say(_("%(name)s is removed with its data.", name=title))
    return redirect("/" if closes else url_for(HERE), 303)


def _page(name: str, *, is_unsure: bool = False) -> str:
    try:
        what = upkeep.belongings(name)
    except control.Refused:
        abort(404)
    is_listed = any(one.name == name for one in control.plugins())
    return show(
        "remove.html",
        here=HERE,
        away=url_for("admin.plugin", name=name) if is_listed else url_for(HERE),
        name=name,
        title=titles(name)[0],
        what=what,
        shown=SHOWN,
        stops=titles(*what.needed_by),
        closes=closes_the_door(name),
        is_unsure=is_unsure,
    )
