"""Let an owner, moderators and members log in with name and password."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from flask import Blueprint
from markupsafe import Markup
from wtforms import BooleanField, IntegerField
from wtforms.validators import NumberRange

from blog import Identity, Nightly, SettingsForm, SignIn, hookimpl
from blog import lazy_gettext as _

from . import cli, services, views


class Settings(SettingsForm):
    """Say how often somebody may mistype, and whether readers see the way in."""

    attempts = IntegerField(
        _("Failed log-ins before a pause"),
        default=10,
        validators=[NumberRange(3, 1000)],
        description=_("Counted for each name and network, over a quarter of an hour."),
    )
    footer = BooleanField(
        _("Show a log-in link in the footer"),
        default=True,
        description=_("The address is /login/ either way."),
    )


@hookimpl
def routes() -> Blueprint:
    """Add the pages for logging in, logging out and setting up."""
    return views.bp


@hookimpl
def jobs() -> Mapping[str, Nightly]:
    """Forget attempts and links that are old."""
    return {"forget": Nightly(services.forget_old)}


@hookimpl
def commands() -> Mapping[str, click.Command]:
    """Add ``users`` and ``setup-link``."""
    return {"users": cli.users, "setup-link": cli.setup_link}


@hookimpl
def who_is_asking(session: Mapping[str, Any]) -> Identity | None:
    """Recognise the person whose session this is."""
    return services.who(session)


@hookimpl
def sign_in(path: str) -> SignIn:
    """Lead to the log-in form, or say how a site without an owner gets one."""
    return views.way_in(path)


@hookimpl
def startup_lines(address: str, command: str) -> Sequence[str]:
    """Print the link that sets the site up, or where its owner goes."""
    return cli.startup_lines(address, command)


@hookimpl
def slot_head() -> Markup | None:
    """Bring the look of the way out."""
    return views.style()


@hookimpl
def slot_header() -> Markup | None:
    """Show who is signed in and the way out."""
    return views.way_out()


@hookimpl
def slot_footer() -> Markup | None:
    """Show the way in."""
    return views.way_into()
