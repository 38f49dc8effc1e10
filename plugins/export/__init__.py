"""Leave with all that is yours: for WordPress, as Markdown files, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from flask import Blueprint

from blog import MenuItem, hookimpl, identity
from blog import lazy_gettext as _

from . import cli, services, views


@hookimpl
def commands() -> Mapping[str, click.Command]:
    """Add ``export markdown``, and one command for each form of ``export_forms``."""
    made = (cli.command(key, form) for key, form in services.forms().items())
    return {f"export {one.name}": one for one in (cli.markdown, *made)}


@hookimpl
def export_forms() -> Mapping[str, Any]:
    """Write JSON."""
    return {"json.json": services.json}


@hookimpl
def routes() -> Blueprint:
    """Offer the same from a page."""
    return views.bp


@hookimpl(optionalhook=True)
def admin_pages() -> Sequence[MenuItem]:
    """Name the export in the navigation of the admin."""
    return [MenuItem(_("Export"), "export.start", identity.MANAGE, 61)]
