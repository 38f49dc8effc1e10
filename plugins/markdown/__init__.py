"""Make HTML of Markdown: all of it for posts, a little for comments."""

from blog import hookimpl


@hookimpl
def render_body(source: str, markup: str) -> str | None:
    """Render ``markdown`` and ``comment``; what would cost too much is left to the core."""
    from . import services  # noqa: PLC0415 - no start should pay for what few requests need

    return services.render(source, markup)
