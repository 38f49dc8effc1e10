"""Remember a reader who asked for it, in one signed cookie."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from blog.moderation import Draft

COOKIE = "palabre_reader"
AGE = timedelta(days=365)
KEPT = 20
FIELDS = ("author", "email", "url")


def remembered() -> Mapping[str, str]:
    """Give the name, e-mail and site that the reader asked us to remember."""
    data = _read()
    return {name: str(data.get(name, "")) for name in FIELDS}


def owns(comment_id: int) -> bool:
    """Tell whether the reader wrote this comment and asked to be remembered."""
    return comment_id in _read().get("comments", [])


def is_known() -> bool:
    """Tell whether the request carries the cookie, so that its answer is private."""
    return COOKIE in request.cookies


def remember(response: Response, draft: Draft, comment_id: int) -> None:
    """Remember who wrote a comment."""
    data = {name: getattr(draft, name) for name in FIELDS}
    data["comments"] = [*_read().get("comments", []), comment_id][-KEPT:]
    response.set_cookie(
        COOKIE,
        _signer().dumps(data),
        max_age=AGE,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )


def forget(response: Response) -> None:
    """Forget the reader, because the box was left empty this time."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="reader")


def _read() -> dict[str, Any]:
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return {}
    try:
        data = _signer().loads(cookie, max_age=int(AGE.total_seconds()))
    except BadData:
        return {}
    return data if isinstance(data, dict) else {}
