"""Remember how often each post was saved."""

from collections import Counter
from collections.abc import Sequence

from blog import PostRow, hookimpl

saved: Counter[int] = Counter()  # a real plugin writes rows: blog.session is its own here


@hookimpl
def posts_saved(posts: Sequence[PostRow]) -> None:
    """Count them."""
    saved.update(one.id for one in posts)
