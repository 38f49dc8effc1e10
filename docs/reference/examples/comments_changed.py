"""Count what moderators do."""

from collections import Counter
from collections.abc import Sequence

from blog import Status, StatusChange, hookimpl

done: Counter[Status] = Counter()  # a real plugin writes rows: blog.session is its own here


@hookimpl
def comments_changed(changes: Sequence[StatusChange]) -> None:
    """Count by what comments became."""
    done.update(one.after for one in changes)
