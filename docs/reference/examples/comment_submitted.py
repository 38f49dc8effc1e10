"""Ask for work when a comment came, and do it beside the requests."""

from collections.abc import Callable, Mapping
from typing import Any

from blog import CommentRow, PostRow, hookimpl, writing
from blog import jobs as outbox


@hookimpl
def comment_submitted(comment: CommentRow, post: PostRow) -> None:
    """Put it into the outbox, so that nobody waits for it."""
    with writing() as write:
        outbox.add(write, "example", "tell", {"comment": comment.id})


@hookimpl
def jobs() -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
    """Name the work that was asked for."""
    return {"tell": tell}


def tell(payload: Mapping[str, Any]) -> None:
    """Say which comment came."""
    outbox.tell(comment=payload["comment"])
