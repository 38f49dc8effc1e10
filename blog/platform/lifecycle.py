"""Turn plugins on and off, and keep their settings."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from blog import migrate
from blog.db import Database, session, take_turns, writing
from blog.models import PluginState, StoredSettings
from blog.platform import code, collisions, listing, preparing, states, versions
from blog.platform import report as reporting
from blog.platform import settings as plugin_settings
from blog.platform.building import tables_of
from blog.platform.check import PluginRefused
from blog.platform.discovery import Found, Place, find, recognised
from blog.platform.loading import Plugin, import_plugin, problem_of


def enable(database: Database, instance: Path, name: str, *, probing: bool = True) -> Plugin:
    """Turn a plugin on: check it, migrate its tables, start a new generation.

    Raise ``PluginRefused`` with the reason, or ``migrate.MigrationFailed``; nothing is changed.
    """
    plugin, kept = take(instance, name, probing=probing)
    preparing.prepare(database, instance, [tables_of(plugin)])
    migrate.upgrade(database, tables_of(plugin))
    with writing() as write:
        row = states.of(write, name)
        row.enabled, row.behind, row.reason = True, True, ""
        row.failures, row.failing_since = 0, None
        code.record(write, plugin.found, kept)
        versions.keep(write, plugin)
        reporting.forget(write, name)
        states.bump(write)
    return plugin


def take(instance: Path, name: str, *, probing: bool = True) -> tuple[Plugin, str]:
    """Keep the code of a plugin as it is now, and check that; give it with the code's hash.

    Code that is new is imported in a child process first, unless ``probing`` is off.
    Raise ``PluginRefused`` with the reason.
    """
    # A server checks no plugin before one is turned on.
    from blog.platform.checking import refuse_mistakes  # noqa: PLC0415
    from blog.platform.checks.beside import on_site  # noqa: PLC0415

    importlib.invalidate_caches()  # a package may have been installed a moment ago
    found = find(instance)
    if name not in found:
        raise PluginRefused(listing.unknown(name, found))
    if found[name].problem:
        raise PluginRefused(found[name].problem)  # it says the name itself
    found[name], kept = code.keep(instance, found[name])
    row = session.get(PluginState, name)
    is_known = row is not None and row.code == kept  # it has been imported in a child before
    refuse_mistakes(found[name], on_site(found), probing=probing and not is_known)
    try:
        plugin = import_plugin(found[name], name)
    except PluginRefused as error:
        raise PluginRefused(f"{name} {error}") from error
    collisions.refuse_taken(plugin)
    positions = states.positions(session.scalars(select(PluginState)))
    problem = problem_of(plugin, _enabled_plugins(instance, found, name), positions)
    if problem:
        raise PluginRefused(f"{name}: {recognised(problem)}")
    return plugin, kept


def prepare_trial(instance: Path, name: str, *, probing: bool = True) -> None:
    """Check a plugin that is off and keep its code, for a trial in any process.

    Raise ``PluginRefused`` with the reason.
    """
    plugin, kept = take(instance, name, probing=probing)
    with writing() as write:
        code.record(write, plugin.found, kept)


def disable(instance: Path, name: str) -> list[str]:
    """Turn a plugin off and name those that need it; one that is off already stays off."""
    with writing() as write:
        row = write.get(PluginState, name)
        if row is None and name not in (found := find(instance)):
            raise PluginRefused(listing.unknown(name, found))
        if row is not None and (row.enabled or row.reason):  # switched off: now its owner says so
            row.enabled, row.reason = False, ""
            states.bump(write)
    return [one.name for one in find(instance).values() if listing.needs(one, name)]


def store(owner: str, values: Mapping[str, Any]) -> None:
    """Keep settings of the core or a plugin and start a new generation."""
    with writing() as write:
        take_turns(write, versions.turn_of(owner))
        versions.keep_loaded(write, owner)
        row = write.get(StoredSettings, owner)
        if row is None:
            row = StoredSettings(owner=owner, data={})
            write.add(row)
        plain = {name: plugin_settings.storable(value) for name, value in values.items()}
        row.data = {**row.data, **plain}
        states.bump(write)


def write_first_list(write: Session, instance: Path) -> None:
    """Write down the plugins that a new site begins with: every bundled one."""
    for name, found in find(instance).items():
        if found.place is Place.BUNDLED and not found.problem:
            write.add(PluginState(name=name, enabled=True, behind=True))


def prepare_tables(database: Database, instance: Path, report: reporting.Report) -> list[str]:
    """Migrate the tables of every plugin that is on; one that fails stops no other.

    Give what went wrong.
    """
    problems = []
    for plugin in enabled_plugins(instance):
        try:
            migrate.upgrade(database, tables_of(plugin))
        except migrate.MigrationFailed as error:
            report.failed(plugin.name, "migrate", error)
            problems.append(str(error))
    with writing() as write:
        states.bump(write)
    return problems


def enabled_plugins(instance: Path) -> list[Plugin]:
    """Import the plugins that are on, leaving out those that cannot be."""
    return list(_enabled_plugins(instance, find(instance), "").values())


def _enabled_plugins(instance: Path, found: Mapping[str, Found], but: str) -> dict[str, Plugin]:
    """Import what is on, as it was taken."""
    query = select(PluginState).where(PluginState.enabled.is_(True), PluginState.name != but)
    rows = {row.name: row for row in session.scalars(query)}
    found = code.in_use(instance, found, rows)
    plugins = {}
    for name in rows:
        try:
            plugins[name] = import_plugin(found.get(name), name)
        except PluginRefused:
            continue
    return plugins
