"""Map errors to statuses in one place, on pages of the site."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from blog import identity
from blog.comments import CommentNotFound
from blog.delivery import WrongHost
from blog.identity import NotAllowed
from blog.language import gettext as _
from blog.parts import SignIn
from blog.platform.context import config
from blog.platform.report import Report
from blog.posts import PostMoved, PostNotFound
from blog.stillness import HeldStill
from blog.templating import render

log = logging.getLogger("blog.errors")


def set_up(app: Flask, report: Report) -> None:
    """Show every error as a page of the site, and record those of plugins with their name."""
    for kind, handler in _HANDLERS.items():
        app.register_error_handler(kind, handler)
    owners = {rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules()} - {"core"}

    def broken(error: Exception) -> ResponseReturnValue:
        owner = (request.endpoint or "").split(".")[0]
        if owner in owners:
            report.failed(owner, f"route {request.endpoint}", error)
        else:
            log.error("%s %s failed", request.method, request.path, exc_info=error)
        if app.debug:
            raise error
        return page(500)

    def unanswered(error: InternalServerError) -> ResponseReturnValue:
        """Show what failed where an answer was made of what a page gave."""
        original = error.original_exception
        return broken(original if isinstance(original, Exception) else error)

    app.register_error_handler(Exception, broken)
    app.register_error_handler(InternalServerError, unanswered)


def answer(error: Exception) -> ResponseReturnValue:
    """Answer an error as the core does, where a plugin that wanted to could not."""
    for kind in type(error).__mro__:
        if kind in _HANDLERS:
            return _HANDLERS[kind](error)
    return page(500)


def lead(way: SignIn | None = None) -> ResponseReturnValue:
    """Send an anonymous person to log in and come back; tell everybody else no.

    ``way`` is a way of its own, as the guard of a post may know one; without it ``sign_in`` is
    asked.
    """
    if identity.current().id:
        return page(403)
    if way is None or not (way.path or way.sentence):
        way = identity.way_in(request.full_path.removesuffix("?"))
    if way.path and request.method in ("GET", "HEAD"):
        return redirect(way.path, 303)
    return page(403, way.sentence)


def page(status: int, sentence: str = "", title: str = "") -> tuple[str, int]:
    """Render the page of an error, with words of its own where those of the status do not fit."""
    heading, text = _texts(status)
    heading, text = title or heading, sentence or text
    shown = render("error.html", status=status, title=heading, text=text, body_class="error")
    return shown, status


def bare(status: int, title: str) -> bytes:
    """Give a page that needs no database, for when there is none."""
    return f"<!doctype html><title>{status}</title><h1>{title}</h1>\n".encode()


def _texts(status: int) -> tuple[str, str]:
    known = {
        400: (_("This request cannot be understood"), _("Please go back and try again.")),
        403: (_("Not for you"), _("You may not see or do this. Perhaps you need to log in.")),
        404: (
            _("Nothing here"),
            _("There is no page at this address. Perhaps the list of posts helps."),
        ),
        405: (_("Not possible here"), _("This address does not do that.")),
        409: (
            _("That changed meanwhile"),
            _("Please go back, load the page again and try once more."),
        ),
        413: (
            _("Too large"),
            _("What you sent is larger than this site takes. Please shorten it."),
        ),
        422: (_("Something is missing"), _("Please go back and look at what you typed.")),
        429: (
            _("Too fast"),
            _("Too much came from your network. Please try again in a few minutes."),
        ),
        500: (
            _("Something broke here"),
            _("It is not your fault, and it was written down. Please try again."),
        ),
        503: (_("Back in a moment"), _("The site is busy. Please try again in a minute.")),
    }
    return known.get(status, (_("That did not work"), _("Please go back and try again.")))


def _moved(error: PostMoved) -> ResponseReturnValue:
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return redirect(error.path + ("" if "?" in error.path else query), 301)


def _missing(_error: Exception) -> ResponseReturnValue:
    return page(404)


def _forbidden(_error: NotAllowed) -> ResponseReturnValue:
    return lead()


def _elsewhere(_error: WrongHost) -> ResponseReturnValue:
    return page(400, _("This site is at %(address)s.", address=config().site_url))


def _untold(error: CSRFError) -> ResponseReturnValue:
    """Refuse a form without a token that holds; its author may have forgotten the field."""
    if current_app.debug:
        log.warning(
            "%s %s: %s A form has {{ form.csrf_token }}, or a hidden field csrf_token.",
            request.method, request.path, error.description,
        )  # fmt: skip
    return page(
        422,
        _(
            "It was open too long, or did not come from a page of this site. "
            "Please go back, load the page again and send it once more."
        ),
        _("This form cannot be taken"),
    )


def _busy(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    log.error("the database did not answer: %s", error)
    try:
        body: str | bytes = page(503)[0]
    except (DBAPIError, PoolTimeout):
        body = bare(503, _("Back in a moment"))
    return body, 503, {"Retry-After": "30"}


def _held_still(_error: HeldStill) -> ResponseReturnValue:
    text = _("The site is being restored. Please go back and send it again in some minutes.")
    return *page(503, text), {"Retry-After": "60"}


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    headers = [
        one for one in error.get_headers() if one[0] not in ("Content-Type", "Content-Length")
    ]
    return *page(error.code), headers


_HANDLERS: Mapping[type[Exception], Callable[[Any], ResponseReturnValue]] = {
    PostMoved: _moved,
    PostNotFound: _missing,
    CommentNotFound: _missing,
    NotAllowed: _forbidden,
    WrongHost: _elsewhere,
    HeldStill: _held_still,
    CSRFError: _untold,
    DBAPIError: _busy,
    PoolTimeout: _busy,
    HTTPException: _http,
}
