"""Let plugins prepare for a change of tables, whichever tables are older than the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, inspect, select

from blog import config as configuration
from blog import migrate
from blog.config import Pinned
from blog.db import Database
from blog.models import PluginState, StoredSettings
from blog.platform import code, context
from blog.platform import settings as plugin_settings
from blog.platform.building import folder_of
from blog.platform.context import Generation
from blog.platform.discovery import Found, Place, find
from blog.platform.loading import Plugin, load
from blog.platform.report import Report
from blog.platform.settings import BadSetting
from blog.platform.states import CORE


class MigrationHeld(migrate.MigrationFailed):
    """A plugin asks not to change tables now; nothing was changed."""


def prepare(
    database: Database, instance: Path, owners: Iterable[migrate.Owner], *, safe: bool = False
) -> None:
    """Ask plugins before the tables of these owners change; raise ``MigrationHeld``.

    Nobody is asked about first tables: they change nothing that is there.
    ``safe`` asks bundled plugins alone.
    """
    with database.reader.connect() as connection:
        changed = [one for one in owners if migrate.revision(connection, one)]
    late = [one.name for one in migrate.pending(database, changed)]
    if not late:
        return
    with database.bound(), context.using(_bare(database, instance, safe=safe)):
        reason = context.hooks.before_migration(late)
    if reason:
        raise MigrationHeld(f"nothing was migrated: {reason}")


def prepare_all(database: Database, instance: Path, *, safe: bool = False) -> None:
    """Ask plugins before the tables of the core and of all that are on change."""
    found, (rows, _) = find(instance), _read(database)
    places = {name: found[name].path for name in rows.keys() & found.keys()}
    own = [migrate.Owner(name, folder_of(path)) for name, path in sorted(places.items())]
    prepare(database, instance, [migrate.CORE, *own], safe=safe)


def bundled(instance: Path) -> Generation:
    """Load the bundled plugins where no site can say which plugins are on."""
    found = find(instance)
    names = [name for name, one in found.items() if one.place is Place.BUNDLED]
    return _loaded(instance, found, names, Pinned({}, {}, {}), {})


def _bare(database: Database, instance: Path, *, safe: bool) -> Generation:
    """Load the plugins that are on, reading no more than tables of any age have."""
    rows, data = _read(database)
    found = code.in_use(instance, find(instance), rows)
    names = [name for name in rows if name in found]
    if safe:
        names = [name for name in names if found[name].place is Place.BUNDLED]
    return _loaded(instance, found, names, configuration.read(instance), data)


def _loaded(
    instance: Path,
    found: Mapping[str, Found],
    names: Iterable[str],
    pinned: Pinned,
    data: Mapping[str, Any],
) -> Generation:
    config = configuration.effective(pinned, data.get(CORE, {}))
    settings: dict[str, Any] = {CORE: config}

    def keep_settings(plugin: Plugin) -> str:
        own = data.get(plugin.name, {}), pinned.plugins.get(plugin.name, {})
        try:
            settings[plugin.name] = plugin_settings.effective(plugin, *own, pinned.places)
        except BadSetting as error:
            return str(error)
        return ""

    loaded = load(found, names, {}, Report(), keep_settings)
    plugins, table, failures = loaded.plugins, loaded.table, loaded.failures
    return Generation(0, config, plugins, table, settings, pinned, failures, instance=instance)


def _read(database: Database) -> tuple[dict[str, PluginState], dict[str, dict[str, Any]]]:
    """Read which plugins are on, and all settings."""
    with database.reader.connect() as connection:
        if not inspect(connection).has_table(PluginState.__tablename__):
            return {}, {}
        table = Table(PluginState.__tablename__, MetaData(), autoload_with=connection)
        known = [one for one in table.columns if hasattr(PluginState, one.name)]
        query = select(*known).where(table.c.enabled)
        rows = {one["name"]: PluginState(**one) for one in connection.execute(query).mappings()}
        stored = select(StoredSettings.owner, StoredSettings.data)
        return rows, {one.owner: one.data for one in connection.execute(stored)}
