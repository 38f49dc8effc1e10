"""Tell search machines to stay away from a post."""

from blog import PostRow, hookimpl
from markupsafe import Markup


@hookimpl
def slot_head(post: PostRow | None) -> Markup | None:
    """Say so on the page of one."""
    if post is None or post.slug != "private":
        return None
    return Markup('<meta name="robots" content="noindex">')
