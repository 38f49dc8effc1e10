"""Declare the hook through which another plugin tells which posts are alike."""

from collections.abc import Sequence

from blog import Kind, PostRow, hookspec


@hookspec(kind=Kind.FIRST, since="1.0")
def similar_posts(post: PostRow, most: int) -> Sequence[int] | None:
    """Give the ids of at most so many posts that are like one, the nearest first.

    Asked in a job after a post was saved, and again on later nights; what is not public is left
    out when the list is shown.
    ``None`` means that this cannot be told yet.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """
