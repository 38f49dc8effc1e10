"""Declare the hook through which other plugins give feeds of their lists."""

from blog import Kind, hookspec, posts


@hookspec(kind=Kind.FIRST, since="1.0")
def feed_at(path: str, before: str | None, size: int) -> posts.Listing | None:
    """Give the posts of the list at an address, for the feed at that address and ``feed/``.

    ``path`` begins and ends with a slash, as ``/category/news/``; ``before`` is the cursor of an
    older page.
    The answer has the title of the list and its ``path``: another one than was asked for means
    that the list moved there for good.
    Called as a stranger, so that nothing is in a feed that not everybody may read.
    ``None`` means that this is no list of yours.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """
