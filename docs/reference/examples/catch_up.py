"""Rebuild what is derived from posts, a step at a time."""

from blog import Post, hookimpl, session
from sqlalchemy import select

STEP = 100
seen: set[int] = set()  # a real plugin keeps this in a table


@hookimpl
def catch_up() -> bool:
    """Look at posts that were not seen, until there are none."""
    query = select(Post.id).where(Post.id.not_in(seen)).order_by(Post.id).limit(STEP)
    found = session.scalars(query).all()
    seen.update(found)
    return bool(found)
