"""Import a WordPress export: posts, pages and every comment on them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from flask import Blueprint
from wtforms import TextAreaField
from wtforms.validators import Regexp

from blog import MenuItem, Nightly, Permission, SettingsForm, generation, hookimpl
from blog import lazy_gettext as _

from . import cli, hookspecs, views
from .jobs import import_file, sweep

__all__ = ["hookspecs"]


class Settings(SettingsForm):
    """Name the hosts that the old blog's files may be fetched from."""

    hosts = TextAreaField(
        _("Hosts of the old blog"),
        default="",
        validators=[Regexp(r"\s*([\w.:-]+\s+)*([\w.:-]+)?\Z", message=_("Write one host a line."))],
        description=_("One a line. Files are fetched from these alone, and only when you ask."),
    )


@hookimpl
def commands() -> Mapping[str, click.Command]:
    """Add ``import wordpress``."""
    return {"import wordpress": cli.wordpress}


@hookimpl
def jobs() -> Mapping[str, Any]:
    """Import what was uploaded, fetch and offer the old blog's files, sweep what was left."""
    nightly = {"offer": Nightly(_fetch), "sweep": Nightly(sweep)}
    return {"import": import_file, "fetch": _fetch, **nightly}


@hookimpl
def render_body(source: str, markup: str) -> str | None:
    """Render posts and comments as WordPress shows them."""
    from . import bodies  # noqa: PLC0415 - no start should pay for what few requests need

    return bodies.render(source, markup)


@hookimpl
def routes() -> Blueprint:
    """Serve the pictures that were copied, and the pages of the import."""
    return views.bp


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name what the pages of the import ask for."""
    return [Permission(views.IMPORT, _("Import from WordPress"))]


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Name the import in the navigation of the admin."""
    return [MenuItem(_("Import"), "wordpress.start", views.IMPORT, 60)]


@hookimpl(optionalhook=True)
def export_files(addresses: Sequence[str]) -> Mapping[str, Path]:
    """Give the pictures that were copied to an export that keeps them beside the text."""
    from . import uploads  # noqa: PLC0415 - no start should pay for what few requests need

    return uploads.at(addresses, generation().instance)


@hookimpl(optionalhook=True)
def export_forms() -> Mapping[str, Callable[[ModuleType], Iterator[str]]]:
    """Write what this plugin reads."""
    return {"wordpress.xml": _written}


def _fetch(payload: Mapping[str, Any]) -> None:
    """Fetch files of the old blog, and offer those that are here."""
    from . import fetching  # noqa: PLC0415 - no start should pay for what few requests need

    fetching.fetch(payload)


def _written(site: ModuleType) -> Iterator[str]:
    """Write posts, comments, terms and files as WordPress exports them (WXR 1.2)."""
    from . import writing  # noqa: PLC0415 - no start should pay for what few requests need

    return writing.written(site)
