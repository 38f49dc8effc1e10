"""Show only the first names of commenters."""

from blog import CommentRow, PostRow, hookimpl


@hookimpl
def comments_loaded(comments: list[CommentRow], post: PostRow | None) -> list[CommentRow]:
    """Cut each name at its first space."""
    return [one._replace(author=one.author.partition(" ")[0]) for one in comments]
