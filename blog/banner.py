"""Say on each page of a trial what is tried, and take nothing but the end of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Blueprint, Flask, redirect, request, session
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from blog import control, errors, identity, trial
from blog.language import gettext as _
from blog.platform.context import Generation, hooks
from blog.platform.report import failures_here
from blog.templating import render, render_part

bp = Blueprint("trial", __name__)
BODY = re.compile(r"<body\b[^>]*>")


@dataclass(frozen=True, slots=True)
class Tried:
    """Hold what is tried, and why it cannot be seen if it cannot."""

    name: str
    title: str
    reason: str


def set_up(app: Flask, current: Generation, name: str) -> None:
    """Let an application only read, for its owner alone, with a banner on each page."""
    plugin = current.plugin(name)
    reason = "" if plugin else current.failures.get(name, "")
    tried = Tried(name, plugin.manifest.title if plugin else name, reason)

    def refuse() -> ResponseReturnValue | None:
        if request.method in ("GET", "HEAD"):
            return None
        identity.set_current(hooks.who_is_asking(session))
        title = _("You are trying “%(title)s”", title=tried.title)
        text = _("While you do, the site can only be read. End the trial first, then try again.")
        return render("error.html", status=409, title=title, text=text, body_class="error"), 409

    def show(response: Response) -> Response:
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.update(("Accept-Encoding", "Cookie"))
        if response.mimetype == "text/html" and not response.is_streamed:
            bar = render_part("trial.html", tried=tried, broken=failures_here())
            page = response.get_data(as_text=True)
            response.set_data(BODY.sub(lambda body: f"{body[0]}\n{bar}", page, count=1))
        return response

    # Before what asks for tokens; and behind all others, but before an answer is finished.
    app.before_request_funcs.setdefault(None, []).insert(0, refuse)
    app.after_request_funcs[None].insert(1, show)


@bp.post("/trial/end")
def end() -> ResponseReturnValue:
    """Show the site as everybody sees it."""
    control.end_trial()
    return redirect("/", 303)


@bp.post("/trial/enable")
def enable() -> ResponseReturnValue:
    """Turn on for everybody what was tried."""
    identity.require(identity.MANAGE)
    name = trial.tried()
    try:
        if name:
            control.enable(name)
    except control.Refused as error:
        return errors.page(409, str(error))
    trial.end()
    return redirect("/", 303)
