"""Ask for work when a comment came."""

from blog import CommentRow, PostRow, hookimpl, jobs, writing


@hookimpl
def comment_submitted(comment: CommentRow, post: PostRow) -> None:
    """Put it into the outbox, so that nobody waits for it."""
    with writing() as write:
        jobs.add(write, "example", "tell", {"comment": comment.id})
