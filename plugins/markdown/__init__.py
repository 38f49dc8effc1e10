"""Make HTML of Markdown: all of it for posts, a little for comments."""

from blog import hookimpl

from . import services


@hookimpl
def render_body(source: str, markup: str) -> str | None:
    """Render ``markdown`` and ``comment``; what would cost too much is left to the core."""
    return services.render(source, markup)
