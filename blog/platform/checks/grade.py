"""Grade a plugin by what can be seen of it, never by what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from blog.platform.checks import settings, translations
from blog.platform.checks.source import Source
from blog.platform.discovery import bundled
from blog.platform.findings import Finding, Severity
from blog.platform.manifest import Manifest


class Grade(StrEnum):
    """Say how good a plugin is, from A to D."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what a grade is made of beside findings; each that is missing says what it is."""

    missing: tuple[str, ...] = ()


def grade(findings: Iterable[Finding], facts: Facts) -> Grade:
    """Give A to what lacks nothing, B to what lacks care, C to warnings, D to errors."""
    severities = {one.severity for one in findings}
    if Severity.ERROR in severities:
        return Grade.D
    if Severity.WARNING in severities:
        return Grade.C
    return Grade.B if facts.missing else Grade.A


def facts(source: Source, manifest: Manifest | None) -> Facts:
    """See what a plugin lacks: summary, tests, labels, translations."""
    return Facts(tuple(_missing(source, manifest)))


def _missing(source: Source, manifest: Manifest | None) -> Iterator[str]:
    if manifest is None or not manifest.summary:
        yield "a summary in the manifest"
    if not _has_tests(source.path, source.name):
        yield "tests, inside of it or beside it"
    unlabelled = [one.name for one in settings.declared(source) if not one.has_label]
    if unlabelled:
        yield f"a label for the setting {unlabelled[0]}"
    yield from translations.missing(source)


def _has_tests(path: Path, name: str) -> bool:
    """Look inside, beside, and for what is bundled where Palabre keeps its own tests."""
    path = path.resolve()  # it may be given as . in its own folder
    folders = [path / "tests"]
    if path in (one.resolve() for one in bundled()):
        folders.append(path.parent.parent / "tests" / "plugins" / name)
    if any(one for folder in folders for one in folder.rglob("test_*.py")):
        return True
    beside = (path.parent, path.parent / "tests")
    names = (f"test_{name}.py", f"test_{name}_*.py")
    return any(one for folder in beside for pattern in names for one in folder.glob(pattern))
