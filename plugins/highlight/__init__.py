"""Colour the code in posts when they are saved."""

from markupsafe import Markup

from blog import PostRow, asset, hookimpl


@hookimpl
def body_rendered(html: str) -> str:
    """Colour each block of code that names its language."""
    from . import services  # noqa: PLC0415 - no start should pay for what few requests need

    return services.coloured(html)


@hookimpl
def slot_head(post: PostRow | None) -> Markup | None:
    """Bring the colours to the pages that show coloured code."""
    if post is None or '<span class="hl-' not in post.html:
        return None
    return Markup('<link rel="stylesheet" href="{}">').format(asset("highlight", "colours.css"))
