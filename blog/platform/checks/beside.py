"""Check a plugin against those beside which it would run, importing none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from blog.db import session
from blog.models import PluginState
from blog.platform import code, order, states
from blog.platform.checks import routes
from blog.platform.checks import source as sources
from blog.platform.checks.manifests import at_key
from blog.platform.checks.source import Source
from blog.platform.discovery import Found, Place, find
from blog.platform.findings import Finding
from blog.platform.manifest import Manifest


@dataclass(frozen=True)
class Beside:
    """Hold what is around a plugin: all that were found, and which of them are on.

    Without a site only the bundled plugins are known, and nothing is on.
    """

    found: Mapping[str, Found] = field(default_factory=dict)
    enabled: frozenset[str] = frozenset()
    positions: Mapping[str, int] = field(default_factory=dict)
    is_site: bool = False

    def others(self, name: str) -> dict[str, Found]:
        """Give the plugins that can be read, but this one."""
        return {
            other: one
            for other, one in self.found.items()
            if other != name and one.manifest is not None and one.path.exists()
        }

    def sources(self, name: str) -> list[Source]:
        """Read the hooks that other plugins declare."""
        return [
            sources.read_one(one.path, "hookspecs", other)
            for other, one in self.others(name).items()
        ]

    def folders(self, name: str) -> dict[str, Path]:
        """Give the folders of the other plugins."""
        return {other: one.path for other, one in self.others(name).items()}

    def packages(self, name: str) -> list[str]:
        """Name the modules of others that were installed as packages."""
        found = self.others(name).values()
        return [one.module for one in found if one.place is Place.PACKAGE]


def on_site(found: Mapping[str, Found]) -> Beside:
    """See which of the plugins that were found are on; the site's database must be at hand."""
    rows = list(session.scalars(select(PluginState)))
    enabled = frozenset(row.name for row in rows if row.enabled)
    return Beside(found, enabled, states.positions(rows), is_site=True)


def without_site() -> Beside:
    """See the plugins that come with Palabre or were installed beside it; none is on."""
    return Beside(find(Path(os.devnull)))  # which is no folder that holds plugins


def check(source: Source, manifest: Manifest | None, beside: Beside) -> Iterator[Finding]:
    """Find what keeps a plugin from running beside those that are on."""
    first = beside.found.get(source.name)
    if first is not None and _are_two(first, source.path):
        message = f"the name {source.name!r} is taken by {first.path}"
        yield at_key(source, "", "duplicate-name", message, "rename one of the two")
    if manifest is None or not beside.is_site:
        return
    on = {
        name: one.manifest
        for name, one in beside.others(source.name).items()
        if name in beside.enabled and one.manifest
    }
    yield from _unmet(source, manifest, on)
    yield from _cycle(source, {**on, source.name: manifest}, beside.positions)


def taken(source: Source, beside: Beside) -> dict[str, tuple[routes.Route, ...]]:
    """Give the routes that the core and the plugins that are on answer."""
    found = {"the core": routes.of_core()}
    for name, one in beside.others(source.name).items():
        if name in beside.enabled:
            # What is bundled does not change while a process runs, which has imported it.
            is_bundled = one.place is Place.BUNDLED
            found[name] = _routes(one.path, name, "" if is_bundled else code.hash_of(one.path))
    return found


@lru_cache(maxsize=100)
def _routes(path: Path, name: str, _content: str) -> tuple[routes.Route, ...]:
    return tuple(routes.written(sources.read(path, name)))


def _unmet(source: Source, manifest: Manifest, on: Mapping[str, Manifest]) -> Iterator[Finding]:
    for need in manifest.requires:
        other = on.get(need.name)
        if other is None:
            message, mend = f"needs {need}, which is not on", f"palabre plugins enable {need.name}"
            yield at_key(source, "requires", "requirement-missing", message, mend)
        elif not need.specifier.contains(other.version, prereleases=True):
            message = f"needs {need}, but {need.name} is {other.version}"
            yield at_key(source, "requires", "requirement-version", message, f"upgrade {need.name}")
    for name, other in on.items():
        if name in manifest.conflicts or source.name in other.conflicts:
            message = f"cannot be on together with {name}"
            yield at_key(source, "conflicts", "conflict", message, "disable one of the two")


def _cycle(
    source: Source, manifests: Mapping[str, Manifest], positions: Mapping[str, int]
) -> Iterator[Finding]:
    try:
        order.arrange(manifests, positions)
    except order.OrderCycle as cycle:
        if source.name in cycle.members:
            key = "before" if manifests[source.name].before else "after"
            yield at_key(source, key, "cycle", str(cycle), "remove before or after from one")


def _are_two(first: Found, path: Path) -> bool:
    """Tell whether both would be found; what is elsewhere may take the place of the instance's."""
    one, other = first.path.resolve(), path.resolve()
    if one == other:
        return False
    return first.place is not Place.INSTANCE or one.parent == other.parent
