"""Give a feed of short posts, at ``/short/feed/``."""

from blog import hookimpl, posts
from blog import gettext as _

SHORT = 2000


@hookimpl(optionalhook=True)
def feed_at(path: str, before: str | None, size: int) -> posts.Listing | None:
    """Choose of the latest posts."""
    if path != "/short/":
        return None
    found = posts.stream(before, size=size)
    short = [one for one in found.posts if len(one.html) < SHORT]
    return found._replace(posts=short, title=_("Short posts"), path=path)
