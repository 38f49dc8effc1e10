"""Make the application of one generation, one line per part in the order written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, session
from flask_wtf import CSRFProtect
from jinja2 import BytecodeCache
from werkzeug.exceptions import HTTPException

from blog import delivery, errors, identity, templating, views
from blog.comments import CommentNotFound
from blog.identity import NotAllowed
from blog.platform.context import Generation, hooks
from blog.platform.report import Report
from blog.posts import PostMoved, PostNotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Blueprint

COOKIE = "palabre_session"
# What a plugin may say around a request on purpose: no, not here, or somewhere else.
REFUSALS = (HTTPException, CommentNotFound, NotAllowed, PostMoved, PostNotFound)


def create_app(
    current: Generation, secret_key: str, bytecode: BytecodeCache, report: Report, *, debug: bool
) -> Flask:
    """Make an application; it holds nothing that outlives its generation."""
    app = Flask("blog", static_folder=None, template_folder=None)
    app.config["TEMPLATES_AUTO_RELOAD"] = debug  # said first, or Flask makes its own environment
    app.debug = debug
    app.secret_key = secret_key
    _configure(app, current)
    delivery.set_up(app)
    templating.set_up_assets(app, current)
    templating.set_up(app, current, bytecode)
    csrf = CSRFProtect(app)
    csrf.exempt("blog.views.comment")  # its form carries its own token, without a session
    app.before_request(ask_who)
    app.url_map.converters |= {"four": views.FourDigits, "two": views.TwoDigits}
    app.register_blueprint(views.bp)
    _add_routes(app, report)
    errors.set_up(app, report)
    return app


def ask_who() -> None:
    """Find out who is asking; a request without a session is anonymous and costs nothing."""
    identity.set_current(hooks.who_is_asking(session) if session else None)


def _configure(app: Flask, current: Generation) -> None:
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_SAMESITE="Lax",
        # Else every answer of a lasting session sends its cookie, files for everybody too.
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_SECURE=current.config.site_url.startswith("https:"),
        WTF_CSRF_SSL_STRICT=False,
        WTF_CSRF_TIME_LIMIT=7 * 24 * 3600,
    )


def _add_routes(app: Flask, report: Report) -> None:
    around: tuple[Any, ...] = (app.before_request_funcs, app.after_request_funcs)
    for plugin, blueprint in _blueprints():
        known = [len(functions[None]) for functions in around]
        try:
            if blueprint.name != plugin:
                raise ValueError(f"the blueprint is called {blueprint.name!r}, not {plugin!r}")
            app.register_blueprint(blueprint)
        except Exception as error:  # two plugins at one name, or a broken rule
            report.failed(plugin, "routes", error)
        for functions, count in zip(around, known, strict=True):
            functions[None][count:] = [
                _contained(one, plugin, report) for one in functions[None][count:]
            ]


def _contained(function: Callable[..., Any], plugin: str, report: Report) -> Callable[..., Any]:
    """Wrap what a plugin does around every request: a failure leaves the answer as it is."""

    def call(*response: Any) -> Any:
        try:
            return function(*response)
        except REFUSALS:
            raise
        except (Exception, SystemExit) as error:
            report.failed(plugin, f"around requests: {function.__name__}", error)
            return response[0] if response else None

    return call


def _blueprints() -> Iterable[tuple[str, Blueprint]]:
    return ((answer.plugin, answer.value) for answer in hooks.routes())
