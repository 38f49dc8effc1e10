"""Turn plugins on and off, and build the generation that follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from blog import config as configuration
from blog import migrate
from blog.config import Pinned
from blog.db import Database, session, writing
from blog.models import PluginError, PluginState, SiteState, StoredSettings
from blog.platform import report as reporting
from blog.platform import settings as plugin_settings
from blog.platform.check import PluginRefused
from blog.platform.context import Generation, NoSite, generation
from blog.platform.discovery import Found, Place, find
from blog.platform.loading import Plugin, import_plugin, load, problem_of
from blog.platform.report import LOAD, Report

CORE = "core"


@dataclass(frozen=True, slots=True)
class Listing:
    """Show a plugin to the owner, without having imported it."""

    name: str
    title: str
    summary: str
    version: str
    place: Place | None
    state: str
    reason: str
    reach: Mapping[str, list[str]]


def listing(instance: Path) -> list[Listing]:
    """List every plugin that is there or was, by name, importing none."""
    found = find(instance)
    states = {row.name: row for row in session.scalars(select(PluginState))}
    failures = {
        row.plugin: row.message
        for row in session.scalars(select(PluginError).where(PluginError.hook == LOAD))
    }
    return [
        _listing(name, found.get(name), states.get(name), failures.get(name, ""))
        for name in sorted({*found, *(name for name, row in states.items() if row.enabled)})
    ]


def enable(database: Database, instance: Path, name: str) -> Plugin:
    """Turn a plugin on: check it, migrate its tables, start a new generation.

    Raise ``PluginRefused`` with the reason, or ``migrate.MigrationFailed``; nothing is changed.
    """
    found = find(instance)
    if name not in found:
        raise PluginRefused(_unknown(name, found))
    if found[name].problem:
        raise PluginRefused(found[name].problem)  # it says the name itself
    try:
        plugin = import_plugin(found[name], name)
    except PluginRefused as error:
        raise PluginRefused(f"{name} {error}") from error
    positions = _positions(session.scalars(select(PluginState)))
    problem = problem_of(plugin, _enabled_plugins(found, name), positions)
    if problem:
        raise PluginRefused(f"{name}: {problem}")
    migrate.upgrade(database, tables_of(plugin))
    with writing() as write:
        row = _state(write, name)
        row.enabled, row.behind, row.reason = True, True, ""
        reporting.forget(write, name)
        bump(write)
    return plugin


def disable(instance: Path, name: str) -> list[str]:
    """Turn a plugin off and name those that need it; one that is off already stays off."""
    with writing() as write:
        row = write.get(PluginState, name)
        if row is None and name not in (found := find(instance)):
            raise PluginRefused(_unknown(name, found))
        if row is not None and row.enabled:
            row.enabled = False
            bump(write)
    return [one.name for one in find(instance).values() if _needs(one, name)]


def store(owner: str, values: Mapping[str, Any]) -> None:
    """Keep settings of the core or a plugin and start a new generation."""
    with writing() as write:
        row = write.get(StoredSettings, owner)
        if row is None:
            row = StoredSettings(owner=owner, data={})
            write.add(row)
        plain = {name: plugin_settings.storable(value) for name, value in values.items()}
        row.data = {**row.data, **plain}
        bump(write)


def stored(owner: str) -> dict[str, Any]:
    """Give the settings that the database holds for the core or a plugin."""
    row = session.get(StoredSettings, owner)
    return dict(row.data) if row else {}


def bump(write: Session) -> None:
    """Tell every process to build its next application."""
    write.execute(update(SiteState).values(generation=SiteState.generation + 1))


def current_number() -> int:
    """Read the number of the current generation: one look-up by primary key."""
    return cast(int, session.connection().execute(_NUMBER).scalar_one())


def mark_behind(write: Session, plugins: Iterable[str]) -> None:
    """Remember that record hooks of plugins failed, so that they catch up.

    Plugins that were turned on after this request began have missed its write too.
    """
    for name in {*plugins, *_turned_on_since(write)}:
        changed = write.execute(
            update(PluginState)
            .where(PluginState.name == name, PluginState.behind.is_(False))
            .values(behind=True)
        )
        if changed.rowcount:  # type: ignore[attr-defined]
            bump(write)


def hold_state(write: Session, name: str) -> None:
    """Lock a plugin's row until the write ends, so that no other process catches up as well."""
    write.execute(select(PluginState.name).where(PluginState.name == name).with_for_update())


def mark_caught_up(write: Session, name: str) -> None:
    """Remember, in the write that found it so, that a plugin has nothing left to catch up on."""
    _state(write, name).behind = False
    bump(write)


def write_first_list(write: Session, instance: Path) -> None:
    """Write down the plugins that a new site begins with: every bundled one."""
    for name, found in find(instance).items():
        if found.place is Place.BUNDLED and not found.problem:
            write.add(PluginState(name=name, enabled=True, behind=True))


def enabled_plugins(instance: Path) -> list[Plugin]:
    """Import the plugins that are on, leaving out those that cannot be."""
    return list(_enabled_plugins(find(instance), "").values())


def tables_of(plugin: Plugin) -> migrate.Owner:
    """Say where a plugin's migrations are."""
    folder = plugin.folder / "migrations" if plugin.folder else plugin.found.path / "none"
    return migrate.Owner(plugin.name, folder)


def build(database: Database, instance: Path, pinned: Pinned, report: Report) -> Generation:
    """Read what is enabled and stored, load it, and give the generation that follows.

    Plugins whose tables are older than their code are left out, with the mend.
    """
    number = current_number()
    states = {row.name: row for row in session.scalars(select(PluginState))}
    data = {row.owner: row.data for row in session.scalars(select(StoredSettings))}
    config = configuration.effective(pinned, data.get(CORE, {}))
    settings: dict[str, Any] = {CORE: config}

    def prepare(plugin: Plugin) -> str:
        return _prepare(database, plugin, data.get(plugin.name, {}), pinned, settings)

    enabled = [name for name, row in states.items() if row.enabled]
    loaded = load(find(instance), enabled, _positions(states.values()), report, prepare)
    report.loaded(loaded.failures)
    behind = frozenset(name for name, row in states.items() if row.behind and row.enabled)
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


_STATE = SiteState.__table__.c
_NUMBER = select(_STATE.generation).where(_STATE.id == 1)


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
            plugin, stored_values, values, pinned.places
        )
    except (migrate.DatabaseTooNew, plugin_settings.BadSetting) as error:
        return str(error)
    except Exception as error:  # a plugin's own form may raise anything
        return f"its settings cannot be read: {type(error).__name__}: {error}"
    return ""


def _enabled_plugins(found: Mapping[str, Found], but: str) -> dict[str, Plugin]:
    names = session.scalars(select(PluginState.name).where(PluginState.enabled.is_(True)))
    plugins = {}
    for name in names:
        if name != but:
            try:
                plugins[name] = import_plugin(found.get(name), name)
            except PluginRefused:
                continue
    return plugins


def _turned_on_since(write: Session) -> list[str]:
    try:
        current = generation()
    except NoSite:
        return []
    if write.scalar(_NUMBER) == current.number:
        return []
    known = {one.name for one in current.plugins} | current.failures.keys()
    names = write.scalars(select(PluginState.name).where(PluginState.enabled.is_(True)))
    return [name for name in names if name not in known]


def _positions(rows: Iterable[PluginState]) -> dict[str, int]:
    return {row.name: row.position for row in rows if row.position is not None}


def _unknown(name: str, found: Iterable[str]) -> str:
    near = get_close_matches(name, found, 1)
    mend = f"did you mean {near[0]!r}?" if near else "see palabre plugins list"
    return f"no plugin is called {name!r}: {mend}"


def _state(write: Session, name: str) -> PluginState:
    row = write.get(PluginState, name)
    if row is None:
        row = PluginState(name=name, enabled=False, behind=False, reason="")
        write.add(row)
    return row


def _needs(found: Found, name: str) -> bool:
    row = session.get(PluginState, found.name)
    on = row is not None and row.enabled
    return on and any(
        need.name == name for need in (found.manifest.requires if found.manifest else ())
    )


def _listing(name: str, found: Found | None, row: PluginState | None, failure: str) -> Listing:
    manifest = found.manifest if found else None
    enabled = row is not None and row.enabled
    problem = found.problem if found else "it is not there any more"
    reason = problem or (failure if enabled else "") or (row.reason if row else "")
    state = "off"
    if enabled:
        state = "failed" if reason else "on"
    elif row is not None and row.reason:
        state = "switched-off"
    return Listing(
        name,
        manifest.title if manifest else name,
        manifest.summary if manifest else "",
        manifest.version if manifest else "",
        found.place if found else None,
        state,
        reason,
        manifest.reach if manifest else {},
    )
