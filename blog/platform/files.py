"""Find the files that plugins keep in the instance, and those that its owner placed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from blog.platform.discovery import COPIES, Found, Place

# What the core or the owner keeps, whatever a plugin declares.
OTHERS = ("config.toml", "secret_key", "plugins", "templates", COPIES)
DATABASE = ".sqlite"
MEDIA = "media"  # every site has it


def kept(instance: Path, name: str, found: Mapping[str, Found]) -> list[str]:
    """Name the files that a plugin declared as its own, relative to the instance.

    Files below a path that another plugin declares as well are left to that one.
    """
    theirs = [path for other in found if other != name for path in declared(found.get(other))]
    names = {
        file
        for path in declared(found.get(name))
        for file in _below(instance, path)
        if not any(is_in(file, other) for other in theirs)
    }
    return sorted(names)


def placed(instance: Path, name: str, found: Mapping[str, Found]) -> list[str]:
    """Name what the owner placed for a plugin, which stays."""
    own = found.get(name)
    paths = [instance / "templates" / name]
    if own is None or own.place is Place.INSTANCE:
        paths += [instance / "plugins" / name, instance / "plugins" / f"{name}.py"]
    return [path.relative_to(instance).as_posix() for path in paths if path.exists()]


def declared(found: Found | None) -> list[str]:
    """Give the paths that a plugin declares and that may be a plugin's."""
    manifest = found.manifest if found else None
    paths = (manifest.reach.get("files", ()) if manifest else ()) or ()
    return [path for path in (one.strip("/") for one in paths) if is_allowed(path)]


def is_allowed(path: str) -> bool:
    """Tell whether a path stays inside the instance and is neither the core's nor the owner's."""
    parts = PurePosixPath(path).parts
    inside = bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path
    return inside and parts[0] not in OTHERS and DATABASE not in parts[0] and ":" not in parts[0]


def is_in(path: str, folder: str) -> bool:
    """Tell whether a path is another or lies below it."""
    return PurePosixPath(path).is_relative_to(PurePosixPath(folder))


def remove(instance: Path, names: Iterable[str]) -> list[str]:
    """Remove files, and the folders that are empty then; name those that would not go."""
    stayed = []
    for name in names:
        path = instance / name
        try:
            path.unlink(missing_ok=True)
        except OSError:
            stayed.append(name)
            continue
        for folder in path.parents[: len(PurePosixPath(name).parts) - 1]:
            if folder != instance / MEDIA:
                with suppress(OSError):  # another file is still there
                    folder.rmdir()
    return stayed


def _below(instance: Path, path: str) -> Iterator[str]:
    """Give the files at or below a path; a link out of the instance is not followed."""
    start, home = instance / path, instance.resolve()
    if not start.resolve().is_relative_to(home):
        return
    if start.is_file():
        yield path
    for folder, _, names in os.walk(start):
        for name in names:
            yield (Path(folder) / name).relative_to(instance).as_posix()
