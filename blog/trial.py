"""Remember, in the owner's own browser, which plugin is being tried."""

from __future__ import annotations

import hmac
import logging
import secrets
from typing import Any

from flask import Flask, after_this_request, current_app, request, session
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from blog import identity
from blog.platform.context import hooks

COOKIE = "palabre_trial"
KEY = "trial"
SECONDS = 3600
PATH = "/trial/"
log = logging.getLogger("blog.trial")


def begin(name: str) -> None:
    """Show the site with this plugin to whoever asks now, for an hour or until it is ended."""
    nonce = secrets.token_urlsafe(12)
    session[KEY] = nonce
    value = _signer(current_app).dumps([name, identity.current().id, nonce])

    @after_this_request
    def give(response: Response) -> Response:
        safe = request.is_secure
        response.set_cookie(
            COOKIE, value, max_age=SECONDS, httponly=True, samesite="Lax", secure=safe
        )
        return response


def end() -> None:
    """Show the site as it is again."""
    session.pop(KEY, None)

    @after_this_request
    def take(response: Response) -> Response:
        response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
        return response


def wanted(app: Flask, environ: dict[str, Any]) -> str:
    """Name the plugin that this request tries; empty unless whoever asks may manage plugins.

    ``app`` is the application that everybody else sees: it knows who is asking.
    """
    if COOKIE not in environ.get("HTTP_COOKIE", ""):
        return ""
    try:
        with app.request_context(environ):
            return tried()
    except Exception as error:
        log.error("a trial is left out, nobody knows who is asking: %s", error)
        return ""


def tried() -> str:
    """Name the plugin that the request under way tries; empty when it tries none."""
    try:
        name, owner, nonce = _signer(current_app).loads(
            request.cookies.get(COOKIE, ""), max_age=SECONDS
        )
    except (BadData, TypeError, ValueError):
        return ""
    if not hmac.compare_digest(str(session.get(KEY, "")).encode(), str(nonce).encode()):
        return ""
    who = hooks.who_is_asking(session)
    return str(name) if who and who.id == owner and who.may(identity.MANAGE) else ""


def _signer(app: Flask) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(app.secret_key), salt="trial")
