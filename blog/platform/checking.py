"""Check a plugin whole before it is turned on: its source, its import, and what is around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from blog.platform.check import PluginRefused
from blog.platform.checks import (
    beside,
    hidden,
    hooks,
    imported,
    imports,
    loops,
    manifests,
    promise,
    reaching,
    routes,
    settings,
    source,
    specs,
    tables,
    templates,
    text,
)
from blog.platform.checks.beside import Beside
from blog.platform.checks.grade import Grade, facts, grade
from blog.platform.checks.source import Source
from blog.platform.checks.specs import Spec
from blog.platform.discovery import Found, Place, recognised
from blog.platform.findings import Finding, errors
from blog.platform.manifest import Manifest
from blog.platform.probe import LIMIT, Probed, probe

# Without a sound manifest and source there is nothing to import.
UNSOUND = ("manifest", "bad", "api", "syntax")


@dataclass(frozen=True, slots=True)
class Checked:
    """Hold the findings about a plugin, sorted by place, its grade, and what a better one lacks."""

    name: str
    findings: tuple[Finding, ...]
    grade: Grade
    missing: tuple[str, ...]


def check(
    path: Path,
    around: Beside,
    *,
    name: str = "",
    module: str = "",
    against: str = "",
    probing: bool = True,
    limit: float = LIMIT,
) -> Checked:
    """Check a plugin's folder or file beside others, importing it in a child process alone."""
    read = source.read(path, name)
    manifest = manifests.read(read)
    hooks_known = specs.known([*around.sources(read.name), read])
    found = [*_static(read, manifest, around, hooks_known)]
    probed = Probed()
    if probing and not any(one.code.startswith(UNSOUND) for one in found):
        probed = probe(path, read.name, module, limit)
        found += imported.check(read, probed, _seen(read))
        found += reaching.check(read, manifest, probed)
    mine = imported.routes(probed) or list(routes.written(read))
    found += routes.check(mine, beside.taken(read, around) if mine else {})
    if against:
        found += promise.check(read, hooks_known, against)
    seen = facts(read, manifest)
    unique = tuple(sorted(set(found)))
    return Checked(read.name, unique, grade(unique, seen), seen.missing)


def refuse_mistakes(found: Found, around: Beside, *, probing: bool = True) -> None:
    """Raise ``PluginRefused`` with every finding when a plugin may not be turned on.

    What is bundled is tested before it is published, so it is not imported in a child.
    """
    probing = probing and found.place is not Place.BUNDLED
    checked = check(found.path, around, name=found.name, module=found.module, probing=probing)
    wrong = [replace(one, file=recognised(one.file)) for one in errors(checked.findings)]
    if not wrong:
        return
    first = wrong[0]
    place = f"{Path(first.file).name} line {first.line}"
    more = f" (and {len(wrong) - 1} more, see palabre plugins check)" if wrong[1:] else ""
    raise PluginRefused(f"{found.name}: {first.message} ({place}); {first.mend}{more}", wrong)


def _static(
    read: Source, manifest: Manifest | None, around: Beside, known: Mapping[str, Spec]
) -> Iterator[Finding]:
    yield from read.unread
    yield from manifests.check(read)
    yield from beside.check(read, manifest, around)
    yield from imports.check(read, around.packages(read.name))
    yield from hooks.check(read, known)
    yield from hidden.check(read)
    yield from tables.check(read)
    yield from settings.check(read)
    yield from templates.check(read, known, around.folders(read.name), _named(manifest))
    yield from loops.check(read)
    yield from text.check(read)


def _named(manifest: Manifest | None) -> set[str]:
    if manifest is None:
        return set()
    return {*manifest.uses, *(need.name for need in manifest.requires)}


def _seen(read: Source) -> set[str]:
    """Name what the source's checks have looked at already."""
    return {
        *(one.name for one in settings.declared(read)),
        *(one.name for one in tables.modelled(read)),
        *(one.hook for one in hooks.implementations(read)),
    }
