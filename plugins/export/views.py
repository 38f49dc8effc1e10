"""Export from a page of the admin."""

from flask import Blueprint, Response, abort, current_app, request, stream_with_context
from flask.typing import ResponseReturnValue

from blog import identity, now, render

from . import services

MARKDOWN = "markdown.zip"
bp = Blueprint("export", __name__)


@bp.get("/admin/export/")
def start() -> str:
    """Offer every form."""
    identity.require(identity.MANAGE)
    layout = current_app.jinja_env.select_template(["admin/layout.html", "layout.html"])
    forms = [*services.forms(), MARKDOWN]
    return render("export/export.html", layout=layout, here=request.path, forms=forms)


@bp.post("/admin/export/<key>")
def send(key: str) -> ResponseReturnValue:
    """Send all of the site while it is read, so that nobody waits for the whole."""
    from . import files  # noqa: PLC0415 - no start should pay for what few requests need

    identity.require(identity.MANAGE)
    form = services.forms().get(key)
    if form is None and key != MARKDOWN:
        abort(404)
    content = iter(services.bits(form(services)) if form else files.zipped())
    answer = Response(stream_with_context(content), mimetype="application/octet-stream")
    name = f"palabre-{now():%Y-%m-%d}.{key.partition('.')[2]}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
