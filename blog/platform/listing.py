"""List every plugin that is there or was, importing none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from sqlalchemy import select

from blog.db import session
from blog.models import PluginError, PluginState
from blog.platform import code
from blog.platform.check import PluginRefused, check_manifest
from blog.platform.discovery import Found, Place, find
from blog.platform.manifest import Manifest
from blog.platform.report import LOAD


@dataclass(frozen=True, slots=True)
class Listing:
    """Show a plugin to the owner, without having imported it.

    ``state`` is on, off, failed (on, but left out), incompatible (with this Palabre, or with the
    version of a plugin that it needs) or switched-off (not by its owner).
    """

    name: str
    title: str
    summary: str
    version: str
    place: Place | None
    state: str
    reason: str
    reach: Mapping[str, list[str]]


def plugins(instance: Path) -> list[Listing]:
    """List every plugin that is there or was, by name, importing none."""
    lying = find(instance)
    rows = {row.name: row for row in session.scalars(select(PluginState))}
    found = code.in_use(instance, lying, {name: row for name, row in rows.items() if row.enabled})
    notes = {name: code.note_on(instance, lying.get(name), row) for name, row in rows.items()}
    failures = {
        row.plugin: row.message
        for row in session.scalars(select(PluginError).where(PluginError.hook == LOAD))
    }
    return [
        _listing(name, found, rows.get(name), failures.get(name, ""), notes.get(name, ""))
        for name in sorted({*found, *(name for name, row in rows.items() if row.enabled)})
    ]


def unknown(name: str, found: Iterable[str]) -> str:
    """Say that no plugin has this name, with the nearest that is there."""
    near = get_close_matches(name, found, 1)
    mend = f"did you mean {near[0]!r}?" if near else "see palabre plugins list"
    return f"no plugin is called {name!r}: {mend}"


def misfit(manifest: Manifest, found: Mapping[str, Found]) -> str:
    """Say why a plugin fits neither this Palabre nor the plugins that are there; else empty."""
    try:
        check_manifest(manifest)
    except PluginRefused as error:
        return str(error)
    for need in manifest.requires:
        other = found[need.name].manifest if need.name in found else None
        if other and not need.specifier.contains(other.version, prereleases=True):
            return f"needs {need}, but {need.name} is {other.version}"
    return ""


def needs(found: Found, name: str) -> bool:
    """Tell whether a plugin that is on requires another."""
    row = session.get(PluginState, found.name)
    on = row is not None and row.enabled
    return on and any(
        need.name == name for need in (found.manifest.requires if found.manifest else ())
    )


def _listing(
    name: str, every: Mapping[str, Found], row: PluginState | None, failure: str, note: str
) -> Listing:
    found = every.get(name)
    manifest = found.manifest if found else None
    enabled = row is not None and row.enabled
    unfit = misfit(manifest, every) if manifest else ""
    problem = unfit or (found.problem if found else "it is not there any more")
    reason = problem or (failure if enabled else "") or (row.reason if row else "")
    state = "off"
    if unfit:
        state = "incompatible"
    elif enabled:
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
        reason or note,
        manifest.reach if manifest else {},
    )
