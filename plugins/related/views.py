"""Show what is like a post."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from blog import PostKind, PostRow, render_part, settings

from . import services


def lists(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Give the list for a single post; none for a page, nor where nothing is like it."""
    if len(posts) != 1 or posts[0].kind is not PostKind.POST:
        return {}
    found = services.like(posts[0].id, settings["related"].most)
    shown = render_part("related/list.html", found=found) if found else Markup()
    return {posts[0].id: shown} if found else {}
