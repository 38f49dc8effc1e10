"""Read what a plugin says of itself without importing it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from packaging.requirements import Requirement

NAME = re.compile(r"[a-z][a-z0-9]*\Z")
OPENING, CLOSING = "# /// plugin", "# ///"
TEXTS = ("title", "summary", "version")
LISTS = ("requires", "uses", "conflicts", "before", "after")
NEEDED = ("title", "version", "api")
KEYS = (*TEXTS, *LISTS, "api", "reach")
REACH = ("tables", "hosts", "secrets", "routes", "files", "jobs")
# Settings and tables of the core begin with these.
RESERVED = ("core", "former", "plugin", "site", "welcome")


class BadManifest(ValueError):
    """A plugin's manifest is missing or cannot be understood."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Hold a plugin's own words: what it is, what it needs, what it touches."""

    name: str
    title: str
    summary: str
    version: str
    api: int
    requires: tuple[Requirement, ...] = ()
    uses: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    reach: dict[str, list[str]] = field(default_factory=dict)


def read(path: Path, name: str = "") -> Manifest:
    """Read the manifest of a plugin's folder or file; raise ``BadManifest`` with the mend.

    The plugin is called ``name``, or like its folder or file.
    """
    name = name or (path.stem if path.is_file() else path.name)
    if not NAME.match(name):
        raise BadManifest(
            f"{name!r} is no plugin name: use small letters and digits, for example 'links'"
        )
    if name in RESERVED:
        raise BadManifest(f"the core keeps the name {name!r} for itself: choose another")
    try:
        source = _source(path)
        return _manifest(name, tomllib.loads(source))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadManifest(f"the manifest of {name!r} cannot be read: {error}") from error


def _source(path: Path) -> str:
    if path.is_dir():
        file = path / "plugin.toml"
        if not file.exists():
            raise BadManifest(f"{path.name} has no manifest: write {file}")
        return file.read_text("utf-8")
    lines = path.read_text("utf-8").splitlines()
    if OPENING not in lines:
        raise BadManifest(f"{path.name} has no manifest: begin one with a line '{OPENING}'")
    start = lines.index(OPENING) + 1
    try:
        end = lines.index(CLOSING, start)
    except ValueError:
        raise BadManifest(
            f"the manifest in {path.name} is not closed: end it with '{CLOSING}'"
        ) from None
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[start:end])


def _manifest(name: str, table: dict[str, Any]) -> Manifest:
    for key in table:
        if key not in KEYS:
            raise BadManifest(f"{name}: unknown key {key!r} in the manifest{_nearest(key, KEYS)}")
    for key in NEEDED:
        if key not in table:
            raise BadManifest(f"{name}: the manifest lacks {key!r}")
    _check_types(name, table)
    reach = {key: list(value) for key, value in table.get("reach", {}).items()}
    return Manifest(
        name=name,
        title=table["title"],
        summary=table.get("summary", ""),
        version=table["version"],
        api=table["api"],
        requires=tuple(_requirement(name, text) for text in table.get("requires", ())),
        uses=tuple(table.get("uses", ())),
        conflicts=tuple(table.get("conflicts", ())),
        before=tuple(table.get("before", ())),
        after=tuple(table.get("after", ())),
        reach=reach,
    )


def _check_types(name: str, table: dict[str, Any]) -> None:
    for key in TEXTS:
        if not isinstance(table.get(key, ""), str):
            raise BadManifest(f"{name}: {key!r} must be a text in quotes")
    for key in LISTS:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise BadManifest(f"{name}: {key!r} must be a list of names")
    if type(table["api"]) is not int:
        raise BadManifest(f"{name}: 'api' must be a whole number, for example 1")
    try:
        Version(table["version"])
    except InvalidVersion:
        raise BadManifest(
            f"{name}: {table['version']!r} is no version, for example '1.0'"
        ) from None
    _check_reach(name, table.get("reach", {}))


def _check_reach(name: str, reach: Any) -> None:
    if not isinstance(reach, dict):
        raise BadManifest(f"{name}: 'reach' must be a table")
    for key, value in reach.items():
        if key not in REACH:
            raise BadManifest(f"{name}: unknown reach {key!r}{_nearest(key, REACH)}")
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise BadManifest(f"{name}: reach {key!r} must be a list of names")


def _requirement(name: str, text: str) -> Requirement:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - few need it

    try:
        return Requirement(text)
    except InvalidRequirement:
        raise BadManifest(f"{name}: {text!r} is no requirement, for example 'threads>=1'") from None


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
