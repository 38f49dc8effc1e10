"""Read what a plugin says of itself without importing it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import Version

if TYPE_CHECKING:
    from packaging.requirements import Requirement

NAME = re.compile(r"[a-z][a-z0-9]*\Z")
OPENING, CLOSING = "# /// plugin", "# ///"
TEXTS = ("title", "summary", "version")
LISTS = ("requires", "uses", "conflicts", "before", "after")
NEEDED = ("title", "version", "api")
LONGEST, LONGEST_VERSION = 20_000, 50
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
KEYS = (*TEXTS, *LISTS, "api", "reach")
REACH = ("tables", "hosts", "secrets", "routes", "files", "jobs", "derived")
# Settings and tables of the core begin with these, and so do indexes and keys of every table:
# whatever begins with a plugin's name goes when the plugin does.
RESERVED = (
    *("core", "former", "plugin", "site", "welcome"),
    *("alembic", "ck", "fk", "ix", "pg", "pk", "sqlite", "uq"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Hold one mistake in a manifest: a finding's code, the key that it is about, the mend."""

    code: str
    key: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.message}; {self.mend}"


class BadManifest(ValueError):
    """A plugin's manifest is missing or cannot be understood."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(f"{name}: {problems[0]}")


class NoManifest(ValueError):
    """There is no manifest where one should be, or it has no end."""

    def __init__(self, message: str, mend: str) -> None:
        self.problem = Problem("manifest-missing", "", message, mend)
        super().__init__(message)


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
    problems = list(_of_name(name))
    table: dict[str, Any] = {}
    try:
        text = text_of(path)[0]
        if len(text) > LONGEST:
            raise ValueError(f"it is longer than {LONGEST} characters")
        table = tomllib.loads(text)
    except NoManifest as missing:
        problems.append(missing.problem)
    except (OSError, RecursionError, ValueError) as error:  # not only what is no TOML
        problems.append(
            Problem(
                "manifest-malformed",
                "",
                f"the manifest cannot be read: {error}",
                "write it as TOML",
            )
        )
    else:
        problems += _problems(table)
    if problems:
        raise BadManifest(name, problems)
    return _manifest(name, table)


def text_of(path: Path) -> tuple[str, int]:
    """Give the TOML of a manifest and the number of lines above it; raise ``NoManifest``."""
    if path.is_dir():
        file = path / "plugin.toml"
        if not file.exists():
            raise NoManifest("there is no manifest", f"write {file}")
        return file.read_text("utf-8"), 0
    lines = path.read_text("utf-8").splitlines()
    if OPENING not in lines:
        raise NoManifest("there is no manifest", f"begin one with a line '{OPENING}'")
    start = lines.index(OPENING) + 1
    try:
        end = lines.index(CLOSING, start)
    except ValueError:
        raise NoManifest("the manifest is not closed", f"end it with '{CLOSING}'") from None
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[start:end]), start


def _of_name(name: str) -> Iterator[Problem]:
    if not NAME.match(name):
        message = f"{name!r} is no plugin name"
        yield Problem("bad-name", "", message, "use small letters and digits, for example 'links'")
    elif name in RESERVED:
        message = f"the core keeps the name {name!r} for itself"
        yield Problem("bad-name", "", message, "choose another")


def _manifest(name: str, table: dict[str, Any]) -> Manifest:
    lists = {key: tuple(table.get(key, ())) for key in LISTS}
    return Manifest(
        name=name,
        title=table["title"],
        summary=table.get("summary", ""),
        version=table["version"],
        api=table["api"],
        requires=tuple(_requirement(text) for text in lists["requires"]),
        uses=lists["uses"],
        conflicts=lists["conflicts"],
        before=lists["before"],
        after=lists["after"],
        reach={key: list(value) for key, value in table.get("reach", {}).items()},
    )


def _problems(table: dict[str, Any]) -> Iterator[Problem]:
    for key in table:
        if key not in KEYS:
            yield Problem(
                "manifest-key", key, f"unknown key {key!r} in the manifest", _nearest(key, KEYS)
            )
    for key in NEEDED:
        if key not in table:
            yield Problem("manifest-malformed", "", f"the manifest lacks {key!r}", "write it")
    yield from _of_texts(table)
    for key in LISTS:
        if not _is_names(table.get(key, [])):
            yield _mistyped(key, "must be a list of names")
    yield from _of_numbers(table)
    yield from _of_reach(table.get("reach", {}))


def _of_texts(table: dict[str, Any]) -> Iterator[Problem]:
    for key in TEXTS:
        text = table.get(key, "")
        if not isinstance(text, str):
            yield _mistyped(key, "must be a text in quotes")
        elif UNSEEN.search(text):
            yield _mistyped(key, "must be one line, without characters that nobody sees")


def _mistyped(key: str, message: str) -> Problem:
    example = {"api": "api = 1", "reach": "[reach]"}.get(key)
    example = example or (f'{key} = ["threads"]' if key in LISTS else f'{key} = "1.0"')
    return Problem("manifest-malformed", key, f"{key!r} {message}", f"for example {example}")


def _of_numbers(table: dict[str, Any]) -> Iterator[Problem]:
    """Look at the numbers of versions: its own, the API's, those of what it requires."""
    if type(table.get("api", 1)) is not int:
        yield Problem(
            "bad-api", "api", "'api' must be a whole number, for example 1", "write api = 1"
        )
    version = table.get("version", "1")
    try:
        _version(version if isinstance(version, str) else "1")
    except ValueError:
        message = f"{version[:60]!r} is no version, for example '1.0'"
        yield Problem("bad-version", "version", message, "write it as packages of Python do")
    needs = table.get("requires", [])
    for text in needs if _is_names(needs) else ():
        try:
            _requirement(text)
        except ValueError:
            message = f"{text[:60]!r} is no requirement, for example 'threads>=1'"
            yield Problem("manifest-malformed", "requires", message, "write NAME>=VERSION")


def _of_reach(reach: Any) -> Iterator[Problem]:
    if not isinstance(reach, dict):
        yield _mistyped("reach", "must be a table")
        return
    for key, value in reach.items():
        if key not in REACH:
            yield Problem("manifest-key", key, f"unknown reach {key!r}", _nearest(key, REACH))
        elif not _is_names(value):
            message, mend = f"reach {key!r} must be a list of names", f'write {key} = ["…"]'
            yield Problem("manifest-malformed", key, message, mend)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _version(text: str) -> Version:
    if len(text) > LONGEST_VERSION:
        raise ValueError("a version this long is none")
    return Version(text)


def _requirement(text: str) -> Requirement:
    from packaging.requirements import Requirement  # noqa: PLC0415 - few plugins need it

    if len(text) > 4 * LONGEST_VERSION:
        raise ValueError("a requirement this long is none")
    return Requirement(text)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(known)}"
