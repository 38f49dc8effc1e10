"""Show a motto below the title of the blog."""

from blog import PostRow, hookimpl
from markupsafe import Markup


@hookimpl
def slot_header(post: PostRow | None) -> Markup:
    """Show it on every page."""
    return Markup('<p class="example-motto">Words fly, writing stays.</p>')
