"""Mark posts that are long."""

from blog import PostRow, hookimpl


@hookimpl
def posts_loaded(posts: list[PostRow]) -> list[PostRow]:
    """Say so in their titles."""
    return [
        one._replace(title=f"{one.title} (long)") if len(one.html) > 20_000 else one
        for one in posts
    ]
