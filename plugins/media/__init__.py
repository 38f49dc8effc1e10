"""Upload pictures and files, and show pictures in fitting sizes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flask import Blueprint
from markupsafe import Markup

from blog import MenuItem, PostRow, hookimpl, identity
from blog import lazy_gettext as _

from . import bodies, services, views


@hookimpl
def routes() -> Blueprint:
    """Serve files, and add the library to the admin."""
    return views.bp


@hookimpl
def body_rendered(html: str) -> str:
    """Show pictures in the width that fits, and without a jump."""
    return bodies.with_sizes(html)


@hookimpl
def posts_saved(posts: Sequence[PostRow]) -> None:
    """Note which files posts use."""
    services.record(posts)


@hookimpl
def catch_up() -> bool:
    """Note it of posts that were saved while this was off."""
    return services.catch_up()


@hookimpl(optionalhook=True)
def slot_post_form(post: PostRow | None) -> Markup:
    """Show in the editor where a file is chosen, and what became of it."""
    return views.field(post.id if post else 0)


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Name the library."""
    return [MenuItem(_("Media"), "media.library", identity.WRITE, 25)]


@hookimpl(optionalhook=True)
def export_attachments() -> Sequence[Mapping[str, str]]:
    """Name the files for an export."""
    return services.attachments()


@hookimpl(optionalhook=True)
def export_files(addresses: Sequence[str]) -> Mapping[str, Path]:
    """Give the files to an export that keeps them beside the text."""
    return services.at(addresses)
