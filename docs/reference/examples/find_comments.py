"""Find the replies to a comment by its id, typed as ``>7``."""

from collections.abc import Sequence

from sqlalchemy import select

from blog import Comment, hookimpl, session


@hookimpl(optionalhook=True)
def find_comments(words: str) -> Sequence[int] | None:
    """Give the latest replies; whatever else is typed is somebody else's to find."""
    number = words.removeprefix(">")
    if number == words or not number.isdecimal() or len(number) > 9:
        return None
    replies = select(Comment.id).where(Comment.parent_id == int(number))
    return session.scalars(replies.order_by(Comment.id.desc()).limit(1000)).all()
