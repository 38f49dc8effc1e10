"""Install packages into the environment that runs this, with pip."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

PALABRE = "palabre"
GROUP = "blog.plugins"
SECONDS = 600


class NotInstalled(RuntimeError):
    """A package is not installed; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Change:
    """Hold a package that an installation adds or changes; ``before`` is empty for a new one."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name} {self.before} → {self.after}" if self.before else self._added

    @property
    def _added(self) -> str:
        return f"{self.name} {self.after} (new)"


def options(*, index_url: str | None, find_links: str | None, no_index: bool) -> list[str]:
    """Say to pip where packages are."""
    found = ["--no-index"] if no_index else []
    found += ["--index-url", index_url] if index_url else []
    return found + (["--find-links", find_links] if find_links else [])


def look(name: str, where: Sequence[str]) -> list[Change]:
    """Ask pip what would change, and change nothing; raise ``NotInstalled``.

    Raise it too when Palabre could not run with what would be there.
    """
    _check(name)
    told = _pip("install", "--dry-run", "--quiet", "--report", "-", *where, name)
    try:
        found = json.loads(told)["install"]
    except (ValueError, KeyError):
        raise NotInstalled("pip did not say what it would do: it must be 23.0 or newer") from None
    changes = [
        Change(
            one["metadata"]["name"], _version(one["metadata"]["name"]), one["metadata"]["version"]
        )
        for one in found
    ]
    for one in changes:
        _refuse(one, name)
    return changes


def install(changes: Sequence[Change], where: Sequence[str]) -> None:
    """Install exactly what was shown; raise ``NotInstalled``."""
    _pip(
        "install", "--quiet", "--no-deps", *where, *(f"{one.name}=={one.after}" for one in changes)
    )


def plugins_of(name: str) -> list[str]:
    """Name the plugins that an installed package holds."""
    importlib.invalidate_caches()
    try:
        found = metadata.distribution(Requirement(name).name).entry_points
    except metadata.PackageNotFoundError:
        return []
    return [one.name for one in found if one.group == GROUP]


def _check(name: str) -> None:
    """Take names alone: what is at an address or in a folder is nobody's word."""
    try:
        is_name = Requirement(name).url is None
    except InvalidRequirement:
        is_name = False
    if not is_name:
        raise NotInstalled(f"{name!r} is no name of a package, for example palabre-links==1.2")


def _refuse(change: Change, wanted: str) -> None:
    """Refuse a change that Palabre cannot run with."""
    if canonicalize_name(change.name) == PALABRE:
        raise NotInstalled(
            f"{wanted} would put Palabre {change.after} in the place of {change.before}:"
            " upgrade Palabre by itself first"
        )
    for text in metadata.requires(PALABRE) or ():
        need = Requirement(text)
        applies = need.marker is None or need.marker.evaluate({"extra": ""})
        is_it = canonicalize_name(need.name) == canonicalize_name(change.name)
        if applies and is_it and not need.specifier.contains(change.after, prereleases=True):
            raise NotInstalled(
                f"{wanted} would bring {change.name} {change.after}, and Palabre needs"
                f" {need.name}{need.specifier}: ask its author for another version"
            )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _pip(*words: str) -> str:
    """Run the pip of this environment and give what it printed."""
    command = [sys.executable, "-m", "pip", *words, "--no-input", "--disable-pip-version-check"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"pip took longer than {SECONDS} seconds: try again") from None
    if done.returncode == 0:
        return done.stdout
    if "No module named pip" in done.stderr:
        raise NotInstalled("there is no pip here: python -m ensurepip")
    said = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
    reason = said[-1].removeprefix("ERROR: ") if said else "it gave no reason"
    raise NotInstalled(f"pip says: {reason}")
