"""Set the site: what the core stores, with what a file or the environment says shown beside it."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from blog import control, identity, markup
from blog import gettext as _

from .frame import bp, needs, say, show


class Setting(NamedTuple):
    """Show one setting: what it holds, where it is pinned, what is wrong with it."""

    name: str
    label: str
    hint: str
    value: Any
    place: str = ""
    error: str = ""


@bp.get("/settings")
@needs(identity.MANAGE)
def settings() -> ResponseReturnValue:
    """Show the settings of the site."""
    return _page(control.stored_settings(), {})


@bp.post("/settings")
@needs(identity.MANAGE)
def set_site() -> ResponseReturnValue:
    """Keep the settings of the site, or show them again with what is wrong."""
    before, pinned = control.stored_settings(), control.pinned()
    typed = {name: _typed(name, old) for name, old in before.items() if name not in pinned}
    values, errors = _checked(typed)
    if not errors and _is_elsewhere(values.get("site_url", ""), before["site_url"]):
        errors["site_url"] = _("From then on only that address answers. Tick below if it is right.")
    if errors:
        return _page({**before, **typed}, errors), 422
    control.store(values)
    say(_("Saved. The next reader sees it."))
    return redirect(url_for("admin.settings"), 303)


def _page(values: dict[str, Any], errors: dict[str, str]) -> str:
    words, pinned = _words(), control.pinned()
    found = {
        name: Setting(name, *words[name], values[name], pinned.get(name, ""), errors.get(name, ""))
        for name in words
    }
    return show(
        "settings.html",
        here="admin.settings",
        found=found,
        errors=[one for one in found.values() if one.error],
        zones=sorted(available_timezones()),
        asks_to_confirm="site_url" in errors and _is_address(values["site_url"]),
    )


def _typed(name: str, old: Any) -> Any:
    if isinstance(old, bool):
        return name in request.form
    return markup.clean_line(request.form.get(name, str(old)))


def _checked(typed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    values, errors = {}, {}
    for name, text in typed.items():
        try:
            values[name] = control.check(name, text)
        except control.Refused:
            errors[name] = _mends()[name]
        if isinstance(text, str) and len(text) > 200:
            errors[name] = _("This may have %(max)d characters at most.", max=200)
    return values, errors


def _is_elsewhere(address: str, before: str) -> bool:
    """Tell whether a new address of the site would lock out the one who types it."""
    if not address or address == before or "sure" in request.form:
        return False
    there = urlsplit(address)
    return (there.scheme, there.netloc.lower()) != (request.scheme, request.host.lower())


def _is_address(address: str) -> bool:
    try:
        control.check("site_url", address)
    except control.Refused:
        return False
    return bool(address)


def _mends() -> dict[str, str]:
    number, count = _("Please give a whole number."), _("Please give a whole number, 1 or more.")
    return {
        "title": _("Please give a text."),
        "tagline": _("Please give a text."),
        "language": _("Please choose one of the languages."),
        "timezone": _("This is no time zone. An example: Africa/Lome"),
        "site_url": _("This is no address of a site. An example: https://example.org"),
        "permalink": _("It begins with / and holds {slug} or {id}; {year}, {month}, {day} may be."),
        "posts_per_page": count,
        "comments_days": number,
        "comments_publish": number,
        "require_name": number,
        "require_email": number,
        "plugin_failures": number,
        "plugin_failure_minutes": count,
        "plugin_budget": number,
    }


def _words() -> dict[str, tuple[str, str]]:
    return {
        "title": (_("Title"), ""),
        "tagline": (_("Tagline"), _("A line under the title.")),
        "language": (_("Language"), ""),
        "timezone": (_("Time zone"), _("Times are shown in it. An example: Africa/Lome")),
        "site_url": (
            _("Address of the site"),
            _("The base of every link, and the only address that answers; empty: any."),
        ),
        "permalink": (
            _("Addresses of new posts"),
            _("Posts that are there keep theirs."),
        ),
        "posts_per_page": (_("Posts on a page"), ""),
        "comments_publish": (
            _("Publish comments that no plugin judges"),
            _(
                "Otherwise a moderator looks at each one first. The plugin Spam holds the first"
                " comment of each author, and those without an e-mail always, unless its own"
                " setting is off."
            ),
        ),
        "comments_days": (
            _("Close comments after so many days"),
            _("0: never. A post may say otherwise."),
        ),
        "require_name": (_("Ask every commenter for a name"), ""),
        "require_email": (_("Ask every commenter for an e-mail"), ""),
        "plugin_failures": (
            _("Switch a plugin off after so many failures"),
            _("0: never."),
        ),
        "plugin_failure_minutes": (
            _("Minutes in which its failures are counted together"),
            _("Older ones do not count."),
        ),
        "plugin_budget": (
            _("Milliseconds that a plugin may take while a page waits"),
            _("Each longer call is counted and shown as too slow; 0: none is."),
        ),
    }
