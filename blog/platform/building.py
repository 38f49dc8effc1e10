"""Build the generation of what is enabled and stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from blog import config as configuration
from blog import migrate
from blog.config import Pinned
from blog.db import Database, session
from blog.models import PluginState, StoredSettings
from blog.platform import settings as plugin_settings
from blog.platform import states
from blog.platform import versions
from blog.platform.context import Generation
from blog.platform.discovery import find
from blog.platform.loading import Plugin, load
from blog.platform.report import Report
from blog.platform.states import CORE


def build(database: Database, instance: Path, pinned: Pinned, report: Report) -> Generation:
    """Read what is enabled and stored, load it, and give the generation that follows.

    Plugins whose tables are older than their code are left out, with the mend.
    """
    number = states.current_number()
    rows = {row.name: row for row in session.scalars(select(PluginState))}
    data = {row.owner: row.data for row in session.scalars(select(StoredSettings))}
    config = configuration.effective(pinned, data.get(CORE, {}))
    settings: dict[str, Any] = {CORE: config}

    def prepare(plugin: Plugin) -> str:
        return _prepare(database, plugin, data.get(plugin.name, {}), pinned, settings)

    enabled = [name for name, row in rows.items() if row.enabled]
    loaded = load(find(instance), enabled, states.positions(rows.values()), report, prepare)
    report.loaded(loaded.failures)
    behind = frozenset(name for name, row in rows.items() if row.behind and row.enabled)
    return Generation(
        number,
        config,
        loaded.plugins,
        loaded.table,
        settings,
        pinned,
        loaded.failures,
        behind,
        instance,
    )


def tables_of(plugin: Plugin) -> migrate.Owner:
    """Say where a plugin's migrations are."""
    folder = plugin.folder / "migrations" if plugin.folder else plugin.found.path / "none"
    return migrate.Owner(plugin.name, folder)


def _prepare(
    database: Database,
    plugin: Plugin,
    stored_values: Mapping[str, Any],
    pinned: Pinned,
    settings: dict[str, Any],
) -> str:
    owner = tables_of(plugin)
    try:
        if owner.head and migrate.pending(database, [owner]):
            return "its tables are older than its code: palabre migrate"
        values = pinned.plugins.get(plugin.name, {})
        settings[plugin.name] = plugin_settings.effective(
            plugin,
            versions.moved(plugin, stored_values, versions.stored_version(plugin.name)),
            values,
            pinned.places,
        )
    except (migrate.DatabaseTooNew, plugin_settings.BadSetting) as error:
        return str(error)
    except Exception as error:  # a plugin's own form may raise anything
        return f"its settings cannot be read: {type(error).__name__}: {error}"
    return ""
