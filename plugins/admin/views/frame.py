"""Hold what every page of the admin shares: who may open it, the way around, what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import BuildError

from blog import MenuItem, Status, comments, generation, hooks, identity, markup, render
from blog import gettext as _

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
ID = "<int(max=2147483647):number>"

bp = Blueprint("admin", __name__, url_prefix="/admin")


class Entry(NamedTuple):
    """Name a page in the navigation."""

    label: str
    href: str
    is_current: bool
    waiting: int


def needs(*permissions: str) -> Callable[[View], View]:
    """Let those open a page who hold one of the permissions; without it nobody may."""

    def mark(view: View) -> View:
        view.permissions = permissions  # type: ignore[attr-defined]
        return view

    return mark


@bp.before_request
def ask_permission() -> None:
    """Deny what is not allowed."""
    view = current_app.view_functions[request.endpoint or ""]
    permissions = getattr(view, "permissions", ())
    if not any(identity.may(one) for one in permissions):
        raise identity.NotAllowed(request.endpoint)


def show(template: str, *, here: str = "", **values: Any) -> str:
    """Render a page of the admin; ``here`` is the endpoint that the navigation marks."""
    return render(
        f"admin/{template}",
        navigation=navigation(here or request.endpoint or ""),
        here=request.full_path.removesuffix("?"),
        **values,
    )


def navigation(here: str) -> list[Entry]:
    """Give the pages that the person who is asking may open, in their order."""
    items: list[MenuItem] = [one for answer in hooks.admin_pages() for one in answer.value]
    may = (one for one in items if identity.may(one.permission))
    return [
        Entry(str(one.label), href, one.endpoint == here, _count(one.endpoint))
        for one in sorted(may, key=lambda one: one.position)
        if (href := _address(one.endpoint))
    ]


@bp.record_once
def offer_navigation(state: Any) -> None:
    """Let the pages that other plugins add to the admin show the same way around."""
    state.app.jinja_env.globals["admin_navigation"] = navigation


def say(sentence: str, undo: str = "", *, label: str = "", error: bool = False) -> None:
    """Tell on the next page what happened, with the address that undoes it."""
    told = {"text": sentence, "undo": undo, "label": label or _("Undo")}
    flash(told, "error" if error else "done")  # type: ignore[arg-type]


def back(default: str) -> ResponseReturnValue:
    """Go back to the page of the admin that a form was on."""
    asked = request.form.get("back", "")
    fine = asked.startswith("/admin/") and asked.isprintable() and "\\" not in asked
    return redirect(asked if fine else url_for(default), 303)


def ids() -> list[int]:
    """Give the items that are ticked in a list."""
    texts = request.form.getlist("ids")[:1000]
    numbers = (int(one) for one in texts if one.isdecimal() and one.isascii() and len(one) < 11)
    return [one for one in numbers if one < 2**31]


def asked(name: str, length: int = 200) -> str:
    """Give what the address asks for, cleaned and cut."""
    return markup.clean_line(request.args.get(name, ""))[:length]


def language() -> str:
    """Give the language of the site."""
    return generation().config.language


def _address(endpoint: str) -> str:
    try:
        return url_for(endpoint)
    except BuildError:  # a plugin's page is gone: the others stay
        return ""


def _count(endpoint: str) -> int:
    return comments.counts()[Status.PENDING] if endpoint == "admin.comments" else 0
