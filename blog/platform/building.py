"""Build the generation of what is enabled and stored."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from blog import config as configuration
from blog import migrate
from blog.config import Pinned
from blog.db import Database, session
from blog.models import PluginState, StoredSettings
from blog.platform import code, interrupts, limits, states, versions
from blog.platform import settings as plugin_settings
from blog.platform.context import Generation
from blog.platform.discovery import Found, Place, find
from blog.platform.loading import Plugin, load
from blog.platform.report import Report, described
from blog.platform.states import CORE

OFF_WHILE_SAFE = "off while only what is bundled with Palabre runs"


@dataclass(frozen=True)
class Choice:
    """Say which plugins a generation has besides those that are on, or without.

    ``tried`` names one more; ``bundled`` leaves out all others, and ``for_now`` says that a
    first process does so only before its workers begin.
    ``imported`` holds what code this process has of each plugin, and is added to; ``None``
    lets changed code in.
    """

    tried: str = ""
    bundled: bool = False
    for_now: bool = False
    from_source: bool = False
    imported: dict[str, str] | None = None


PLAIN = Choice()
ATTEMPTS = 20


def build(
    database: Database, instance: Path, pinned: Pinned, report: Report, choice: Choice = PLAIN
) -> Generation:
    """Read what is enabled and stored, load it, and give the generation that follows.

    Plugins whose tables are older than their code are left out, with the mend.
    Raise ``code.CodeChanged`` rather than import other code of a plugin beside the one before.
    """
    state, rows, data = _read()
    config = configuration.effective(pinned, data.get(CORE, {}))
    settings: dict[str, Any] = {CORE: config}

    def prepare(plugin: Plugin) -> str:
        return _prepare(database, plugin, data.get(plugin.name, {}), pinned, settings, choice.tried)

    importlib.invalidate_caches()  # a package may have been installed a moment ago
    found = find(instance)
    if not choice.from_source:
        found = code.in_use(instance, found, rows)
    enabled = {name for name, row in rows.items() if row.enabled} | {choice.tried} - {""}
    safe = _others(enabled, found) if choice.bundled or state.safe else {}
    wanted = enabled - safe.keys()
    if choice.imported is not None:
        code.stay_the_same(choice.imported, (found[name] for name in wanted & found.keys()))
    loaded = load(found, wanted, states.positions(rows.values()), report, prepare)
    failures = {**loaded.failures, **safe}
    if not choice.for_now:
        report.loaded(failures)
    limits.impose(report, config, loaded.table, found, failures, rows)
    behind = {name for name, row in rows.items() if row.behind and row.enabled}
    return Generation(
        state.number,
        config,
        loaded.plugins,
        loaded.table,
        settings,
        pinned,
        failures,
        frozenset(behind | {choice.tried} - {""}),
        instance,
    )


def _read() -> tuple[states.State, dict[str, PluginState], dict[str, dict[str, Any]]]:
    """Read what one generation is made of; once more where a change came in between."""
    fresh = {"populate_existing": True}
    for _ in range(ATTEMPTS):
        state = states.current()
        plugins = session.scalars(select(PluginState), execution_options=fresh)
        stored = session.scalars(select(StoredSettings), execution_options=fresh)
        rows = {row.name: row for row in plugins}
        data = {row.owner: row.data for row in stored}
        if states.current() == state:
            break
    return state, rows, data


def _others(names: Iterable[str], found: Mapping[str, Found]) -> dict[str, str]:
    """Name the plugins that are not bundled."""
    return {
        name: OFF_WHILE_SAFE
        for name in names
        if name not in found or found[name].place is not Place.BUNDLED
    }


def tables_of(plugin: Plugin) -> migrate.Owner:
    """Say where a plugin's migrations are."""
    return migrate.Owner(plugin.name, folder_of(plugin.found.path))


def folder_of(place: Path) -> Path:
    """Give the folder of a plugin's migrations; one that is a single file has none."""
    return place / "migrations"


def _prepare(
    database: Database,
    plugin: Plugin,
    stored_values: Mapping[str, Any],
    pinned: Pinned,
    settings: dict[str, Any],
    tried: str,
) -> str:
    owner = tables_of(plugin)
    try:
        if owner.head and migrate.pending(database, [owner]):
            if plugin.name == tried:
                return "its tables are made when it is turned on: it cannot be tried before"
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
    except BaseException as error:  # a plugin's own form may raise anything
        interrupts.heed(error)
        return f"its settings cannot be read: {described(error)}"
    return ""
