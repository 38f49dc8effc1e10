"""Answer searches, and tell browsers and old addresses where that is."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blog import is_behind, markup, render, render_part

from . import services, words

MIME = "application/opensearchdescription+xml"
bp = Blueprint("search", __name__)


@bp.get("/search")
def results() -> str:
    """Show what is found."""
    typed = markup.clean_line(request.args.get("q", "")[: words.LENGTH])
    number = max(1, request.args.get("page", 1, int))
    found, has_more = services.page(typed, number)
    return render(
        "search/results.html",
        words=typed,
        found=found,
        number=number,
        has_more=has_more,
        is_behind=is_behind(__name__),
        body_class="search",
    )


@bp.get("/opensearch.xml")
def description() -> Response:
    """Describe the search to browsers (OpenSearch 1.1)."""
    return Response(render_part("search/description.xml"), mimetype=MIME)


@bp.before_app_request
def of_wordpress() -> ResponseReturnValue | None:
    """Send WordPress's ``/?s=`` on."""
    is_search = request.endpoint == "core.home" and "s" in request.args
    there = url_for("search.results", q=request.args["s"][: words.LENGTH]) if is_search else ""
    return redirect(there, 301) if is_search else None
