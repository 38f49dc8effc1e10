"""Give feeds of posts and comments to those who read many sites in one place."""

from flask import Blueprint
from markupsafe import Markup
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import NumberRange, Optional, Regexp

from blog import PostRow, SettingsForm, hookimpl
from blog import lazy_gettext as _

from . import hookspecs, views

__all__ = ["hookspecs"]


class Settings(SettingsForm):
    """Say how much a feed holds."""

    entries = IntegerField(_("Entries in a feed"), default=20, validators=[NumberRange(1, 100)])
    whole = BooleanField(
        _("Whole posts"),
        default=True,
        description=_("Otherwise a feed has the beginning of each post."),
    )
    authority = StringField(
        _("Name in identifiers"),
        default="",
        validators=[Optional(), Regexp(r"[a-z0-9.-]+,\d{4}(-\d\d){0,2}$")],
        description=_(
            "Empty is the site's host. Before the site moves, keep the old one here, for example"
            " old.example.org,2026, so that no reader sees every post again as new."
        ),
    )


@hookimpl
def routes() -> Blueprint:
    """Serve the feeds, and send the addresses of WordPress to them."""
    return views.blueprint()


@hookimpl
def slot_head(post: PostRow | None) -> Markup:
    """Tell programs where the feeds are."""
    return views.head(post)


@hookimpl
def slot_footer() -> Markup:
    """Tell people where the feeds are."""
    return views.footer()
