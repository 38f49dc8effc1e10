"""Take bodies that are typed as verses: each line ends where it ends."""

from blog import hookimpl
from markupsafe import Markup, escape


@hookimpl
def render_body(source: str, markup: str) -> str | None:
    """Keep the lines of verses."""
    if markup != "verse":
        return None
    return "<p>" + Markup("<br>").join(escape(line) for line in source.splitlines()) + "</p>"
