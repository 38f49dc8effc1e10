"""Answer searches, and tell browsers and old addresses where that is."""

from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blog import is_behind, links, markup, render, render_part, settings

from . import services
from .query import LENGTH, read

HERE = "/search"
MIME = "application/opensearchdescription+xml"
LINK = Markup('<link rel="search" type="{type}" title="{title}" href="/opensearch.xml">\n')


def blueprint() -> Blueprint:
    """Make the addresses of the search."""
    bp = Blueprint("search", __name__)
    bp.add_url_rule(HERE, "results", _results)
    bp.add_url_rule("/search/<words>/", "old", _old)
    bp.add_url_rule("/opensearch.xml", "description", _description)
    bp.before_app_request(_of_wordpress)
    return bp


def head() -> Markup:
    """Name the description for browsers."""
    return LINK.format(type=MIME, title=settings["core"].title)


def form() -> Markup | None:
    """Show the field, but on the page that has it already."""
    if request.endpoint == "search.results":
        return None
    return render_part("search/form.html", here=HERE, most=LENGTH, words="")


def _results() -> ResponseReturnValue:
    words = markup.clean_line(request.args.get("q", "")[:LENGTH])
    before = request.args.get("before", "")
    query = read(words)
    found, following = services.page(query, before)
    return render(
        "search/results.html",
        here=HERE,
        most=LENGTH,
        words=words,
        has_words=bool(query.wanted),
        found=found,
        onward=_address(words, following) if following else "",
        first=_address(words) if before else "",
        is_behind=is_behind(__name__),
        comment_path=links.comment_path,
        body_class="search",
    )


def _description() -> Response:
    """Describe the search to browsers (OpenSearch 1.1)."""
    return Response(render_part("search/description.xml", here=HERE), mimetype=MIME)


def _of_wordpress() -> ResponseReturnValue | None:
    """Send WordPress's ``/?s=`` on."""
    is_search = request.endpoint == "core.home" and "s" in request.args
    return _old(request.args["s"]) if is_search else None


def _old(words: str) -> ResponseReturnValue:
    return redirect(_address(words[:LENGTH]), 301)


def _address(words: str, before: str = "") -> str:
    return f"{HERE}?{urlencode({'q': words} | ({'before': before} if before else {}))}"
