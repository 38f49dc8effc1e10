"""Say whose words these are."""

from blog import PostRow, hookimpl
from markupsafe import Markup


@hookimpl
def slot_footer(post: PostRow | None) -> Markup:
    """Show it on every page."""
    return Markup('<p class="example-rights">© Ama</p>')
