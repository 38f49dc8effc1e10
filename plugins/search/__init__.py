"""Find posts, pages and comments by their words, in the database's own full-text index."""

from collections.abc import Sequence

from flask import Blueprint, request
from markupsafe import Markup

from blog import CommentRow, PostRow, StatusChange, hookimpl, render_part

from . import index, services, views


@hookimpl
def routes() -> Blueprint:
    """Answer at ``/search``, and send the addresses of WordPress there."""
    return views.bp


@hookimpl
def posts_saved(posts: Sequence[PostRow]) -> None:
    """Index posts in the transaction that saves them."""
    index.store(index.POST, [one.id for one in posts])


@hookimpl
def comments_stored(comments: Sequence[CommentRow]) -> None:
    """Index comments in the transaction that stores them."""
    index.store(index.COMMENT, [one.id for one in comments])


@hookimpl
def comments_changed(changes: Sequence[StatusChange]) -> None:
    """Let readers find the comments that are published now, and no others."""
    index.store(index.COMMENT, [one.comment_id for one in changes])


@hookimpl
def catch_up() -> bool:
    """Index what came while this was off."""
    return index.catch_up()


@hookimpl(optionalhook=True)
def find_posts(words: str) -> Sequence[int] | None:
    """Find posts of any status for the lists of the admin."""
    return services.find(words, index.POST)


@hookimpl(optionalhook=True)
def find_comments(words: str) -> Sequence[int] | None:
    """Find comments of any status for the queue of the admin."""
    return services.find(words, index.COMMENT)


@hookimpl(optionalhook=True)
def similar_posts(post: PostRow, most: int) -> Sequence[int] | None:
    """Find posts that share rare words with one."""
    return services.similar_posts(post.id, most)


@hookimpl
def slot_head() -> Markup:
    """Tell browsers that this site can be searched."""
    return render_part("search/head.html")


@hookimpl
def slot_footer() -> Markup | None:
    """Show the field at the end of every page but the one that has it above."""
    return None if request.endpoint == "search.results" else render_part("search/form.html")
