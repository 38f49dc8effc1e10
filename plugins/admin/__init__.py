"""Write, moderate and look after the site from a browser."""

from collections.abc import Mapping, Sequence

from flask import Blueprint
from markupsafe import Markup

from blog import CommentRow, MenuItem, PostRow, hookimpl, identity
from blog import lazy_gettext as _

from . import hookspecs, services, views

__all__ = ["hookspecs"]


@hookimpl
def routes() -> Blueprint:
    """Add the pages below ``/admin/``."""
    return views.bp


@hookimpl
def admin_pages() -> Sequence[MenuItem]:
    """Name the admin's own pages."""
    return [
        MenuItem(_("Overview"), "admin.overview", identity.WRITE, 0),
        MenuItem(_("Posts"), "admin.posts", identity.WRITE, 10),
        MenuItem(_("Pages"), "admin.pages", identity.WRITE, 20),
        MenuItem(_("Comments"), "admin.comments", identity.MODERATE, 30),
        MenuItem(_("Plugins"), "admin.plugins", identity.MANAGE, 70),
        MenuItem(_("Settings"), "admin.settings", identity.MANAGE, 80),
    ]


@hookimpl
def posts_loaded(posts: list[PostRow]) -> list[PostRow] | None:
    """Show those who may write where each post is edited."""
    if not identity.may(identity.WRITE):
        return None
    return [one._replace(edit_url=f"/admin/posts/{one.id}") for one in posts]


@hookimpl
def comments_loaded(comments: list[CommentRow]) -> list[CommentRow] | None:
    """Show moderators where each comment is moderated."""
    if not identity.may(identity.MODERATE):
        return None
    return [one._replace(edit_url=f"/admin/comments/{one.id}") for one in comments]


@hookimpl
def posts_saved(posts: Sequence[PostRow]) -> None:
    """Remember who saved which post."""
    services.log_saved(posts)


@hookimpl
def slot_before_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Tell who sees a post before others do that they alone see it."""
    return views.notices_of(posts)
