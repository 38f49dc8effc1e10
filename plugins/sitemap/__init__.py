"""Tell search engines what there is to read, and robots what to leave alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import Blueprint
from wtforms import TextAreaField
from wtforms.validators import Length

from blog import PostRow, SettingsForm, hookimpl
from blog import lazy_gettext as _

from . import hookspecs, services, views

__all__ = ["hookspecs"]


class Settings(SettingsForm):
    """Say what robots are told."""

    robots = TextAreaField(
        _("Lines of robots.txt"),
        default="User-agent: *\nDisallow: /admin/\nDisallow: /login/",
        validators=[Length(max=50_000)],
        description=_("The address of the sitemap is added at the end."),
    )


@hookimpl
def routes() -> Blueprint:
    """Serve the sitemap and robots.txt, and send the addresses of WordPress there."""
    return views.blueprint()


@hookimpl
def sitemap_files() -> Mapping[str, datetime | None]:
    """Name the files of home, posts and pages."""
    return services.files()


@hookimpl
def sitemap_addresses(file: str) -> Mapping[str, datetime | None] | None:
    """Give the addresses of home, or of a range of posts and pages."""
    return services.addresses(file)


@hookimpl
def posts_saved(posts: Sequence[PostRow]) -> None:
    """Remember when the files changed that posts are in."""
    services.note(posts)


@hookimpl
def catch_up() -> bool:
    """Look at the files that changed while this was off."""
    return services.catch_up()
