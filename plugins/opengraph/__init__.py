"""Say what a page is, with a picture, to whoever shows a link to it."""

from flask import Blueprint
from markupsafe import Markup

from blog import PostRow, ThreadPage, hookimpl

from . import services, views


@hookimpl
def routes() -> Blueprint:
    """Serve the pictures that are drawn for posts without one."""
    return views.blueprint()


@hookimpl
def slot_head(post: PostRow | None) -> Markup | None:
    """Describe the post, or the blog on its home."""
    if post is None:
        return views.home()
    return views.head(post) if services.is_shown(post) else None


@hookimpl
def slot_after_thread(post: PostRow, thread: ThreadPage) -> Markup | None:
    """Describe the post and the comments on this page for machines that read JSON-LD."""
    return views.data(post, thread) if services.is_shown(post) else None
