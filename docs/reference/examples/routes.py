"""Answer at an address of its own."""

from blog import hookimpl
from flask import Blueprint

bp = Blueprint("example", __name__)


@bp.get("/hello/")
def hello() -> str:
    """Say hello."""
    return "Hello."


@hookimpl
def routes() -> Blueprint:
    """Add the page."""
    return bp
