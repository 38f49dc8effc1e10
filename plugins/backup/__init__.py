"""Keep the whole site in one archive, and put it back."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from flask import Blueprint
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # since 3.3
from wtforms.validators import NumberRange

from blog import MenuItem, Nightly, Permission, SettingsForm, hookimpl
from blog import lazy_gettext as _

from . import cli, services, views


class Settings(SettingsForm):
    """Say when archives are made and how many are kept."""

    schedule = SelectField(
        _("Make an archive"),
        default="weekly",
        choices=[
            SelectChoice("never", _("only when asked")),
            SelectChoice("nightly", _("every night")),
            SelectChoice("weekly", _("every week, at night")),
        ],
    )
    kept = IntegerField(
        _("Archives kept"),
        default=3,
        validators=[NumberRange(1, 100)],
        description=_("Older ones are removed, once a new one is whole."),
    )
    before_migrations = BooleanField(
        _("Make an archive before tables change"),
        default=True,
        description=_("A new version of Palabre or of a plugin may change them."),
    )


@hookimpl
def commands() -> Mapping[str, click.Command]:
    """Add ``backup`` and ``restore``."""
    return {"backup": cli.backup, "restore": cli.restore}


@hookimpl
def jobs() -> Mapping[str, Any]:
    """Make an archive beside the requests, when somebody asks and on schedule."""
    return {"make": services.make, "nightly": Nightly(services.nightly)}


@hookimpl
def before_migration() -> str | None:
    """Make an archive before tables change; without one they stay as they are."""
    return services.before_migration()


@hookimpl
def routes() -> Blueprint:
    """Serve the page of the archives."""
    return views.bp


@hookimpl
def permissions() -> Sequence[Permission]:
    """Let owners alone make and download archives: they hold everything."""
    return [Permission(views.KEEP, _("Make and download backups"))]


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Name the archives in the navigation of the admin."""
    return [MenuItem(_("Backup"), "backup.archives", views.KEEP, 75)]
