"""Make the application of one generation, one line per part in the order written."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from flask import Flask, Response, request, session
from flask_wtf import CSRFProtect
from jinja2 import BytecodeCache
from werkzeug.routing import Rule

from blog import banner, blueprints, delivery, errors, identity, templating, views
from blog.forms import CHECKS_ITSELF
from blog.platform.context import Generation, hooks
from blog.platform.report import Report

COOKIE = "palabre_session"


def create_app(
    current: Generation, secret_key: str, bytecode: BytecodeCache, report: Report, *, debug: bool
) -> Flask:
    """Make an application; it holds nothing that outlives its generation."""
    app = Flask("blog", static_folder=None, template_folder=None)
    app.config["TEMPLATES_AUTO_RELOAD"] = debug  # said first, or Flask makes its own environment
    app.debug = debug
    app.secret_key = secret_key
    app.response_class = Answer
    app.url_rule_class = LazyRule
    _configure(app, current)
    delivery.set_up(app)
    templating.set_up_assets(app, current)
    templating.set_up(app, current, bytecode, report)
    csrf = CSRFProtect(app)
    csrf.exempt("blog.views.comment")  # its form carries its own token, without a session
    app.before_request(ask_who)
    app.url_map.converters |= {"four": views.FourDigits, "two": views.TwoDigits}
    app.register_blueprint(views.bp)
    app.register_blueprint(banner.bp, name_prefix="core")
    blueprints.add(app, report)
    for view in app.view_functions.values():
        if hasattr(view, CHECKS_ITSELF):
            csrf.exempt(view)
    errors.set_up(app, report)
    return app


def ask_who() -> None:
    """Find out who is asking; a request without a session is anonymous and costs nothing."""
    given = request.environ.get(identity.GIVEN)
    known = given or (hooks.who_is_asking(session) if session else None)
    identity.set_current(known)


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


class LazyRule(Rule):
    """Compile what makes addresses when it first makes one, which most rules never do."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made = cache(super()._compile_builder)

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            return made(append_unknown)(rule, **values)

        return build


class Answer(Response):
    """Write a page also where a text in it holds half a character."""

    def set_data(self, value: bytes | str) -> None:
        """Keep the bytes of an answer."""
        try:
            super().set_data(value)
        except UnicodeEncodeError:
            super().set_data(str(value).encode("utf-8", "replace"))
