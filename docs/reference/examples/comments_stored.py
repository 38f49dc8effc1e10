"""Remember which field was filled with each comment."""

from collections.abc import Sequence

from blog import CommentRow, Draft, hookimpl

towns: dict[int, str] = {}  # a real plugin writes rows: blog.session is its own here


@hookimpl
def comments_stored(comments: Sequence[CommentRow], draft: Draft | None) -> None:
    """Keep what was typed here; an import brings no draft."""
    if draft is not None:
        towns.update({one.id: draft.extra.get("example_town", "") for one in comments})
