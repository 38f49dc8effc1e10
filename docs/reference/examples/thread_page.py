"""Show short threads in the order in which comments came, all on one page."""

from blog import Comment, Cursor, PostRow, Status, ThreadPage, columns, hookimpl, session
from sqlalchemy import select


@hookimpl
def thread_page(post: PostRow, cursor: Cursor, size: int) -> ThreadPage | None:
    """Leave threads that need pages to others."""
    if post.comment_count > size:
        return None
    shown = Comment.post_id == post.id, Comment.status == Status.PUBLISHED
    query = select(*columns.COMMENT_COLUMNS).where(*shown).order_by(Comment.number)
    return ThreadPage([columns.comment_row(one) for one in session.execute(query)])
