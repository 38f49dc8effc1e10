"""Find posts, pages and comments by their words, in the database's own full-text index."""

from collections.abc import Sequence

from flask import Blueprint
from markupsafe import Markup

from blog import CommentRow, PostRow, StatusChange, hookimpl

from . import index, services, views


@hookimpl
def routes() -> Blueprint:
    """Answer at ``/search``, and send the addresses of WordPress there."""
    return views.blueprint()


@hookimpl
def posts_saved(posts: Sequence[PostRow]) -> None:
    """Index posts in the transaction that saves them."""
    index.store_posts(posts)


@hookimpl
def comments_stored(comments: Sequence[CommentRow]) -> None:
    """Index comments in the transaction that stores them."""
    index.store_comments(comments)


@hookimpl
def comments_changed(changes: Sequence[StatusChange]) -> None:
    """Let readers find the comments that are published now, and no others."""
    index.show(one.comment_id for one in changes)


@hookimpl
def catch_up() -> bool:
    """Index what came while this was off."""
    return index.catch_up()


@hookimpl(optionalhook=True)
def find_posts(words: str) -> Sequence[int] | None:
    """Find posts of any status for the lists of the admin."""
    return services.find(words)


@hookimpl(optionalhook=True)
def find_comments(words: str) -> Sequence[int] | None:
    """Find comments of any status for the queue of the admin."""
    return services.find(words, in_comments=True)


@hookimpl(optionalhook=True)
def similar_posts(post: PostRow, most: int) -> Sequence[int] | None:
    """Find posts that share rare words with one."""
    return services.similar_posts(post, most)


@hookimpl
def slot_head() -> Markup:
    """Tell browsers that this site can be searched."""
    return views.head()


@hookimpl
def slot_footer() -> Markup | None:
    """Show the field at the end of every page."""
    return views.form()
