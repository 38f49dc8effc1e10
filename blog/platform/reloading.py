"""Take the changed code of plugins that are on, in every worker."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from blog import migrate
from blog.db import Database, session, writing
from blog.models import PluginState
from blog.platform import code, lifecycle, preparing, states
from blog.platform import report as reporting
from blog.platform.building import tables_of
from blog.platform.check import PluginRefused
from blog.platform.discovery import Place, find


def reload(database: Database, instance: Path, name: str) -> bool:
    """Take the code of a plugin as it is now; tell whether that changed.

    It is checked and its tables are migrated first: where that fails, all stays as it is, and
    ``PluginRefused`` or ``migrate.MigrationFailed`` says why.
    """
    row = session.get(PluginState, name)
    if row is None or not row.enabled:
        raise PluginRefused(f"{name} is not on: palabre plugins enable {name} takes its code")
    before = row.code
    plugin, kept = lifecycle.take(instance, name)
    preparing.prepare(database, instance, [tables_of(plugin)])
    migrate.upgrade(database, tables_of(plugin))
    with writing() as write:
        states.of(write, name).behind = True
        code.record(write, plugin.found, kept)
        if kept == before:  # what it uses may have changed all the same
            states.replace_workers(write)
        reporting.forget(write, name)
        states.bump(write)
    return kept != before


def names(instance: Path) -> list[str]:
    """Name the plugins that are on and can change under a running server: all but bundled ones."""
    found = find(instance)
    on = session.scalars(select(PluginState.name).where(PluginState.enabled.is_(True)))
    return sorted(one for one in on if one in found and found[one].place is not Place.BUNDLED)
