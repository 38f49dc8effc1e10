"""Find the files that plugins keep in the instance, and those that its owner placed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from blog.platform.discovery import COPIES, Found, Place
from blog.platform.manifest import Manifest

# What the core or the owner keeps, whatever a plugin declares.
OTHERS = ("config.toml", "secret_key", "plugins", "templates", COPIES)
DATABASE = ".sqlite"
MEDIA = "media"  # every site has it


def kept(instance: Path, name: str, found: Mapping[str, Found]) -> list[str]:
    """Name the files in the declared folders of a plugin's own, relative to the instance."""
    paths = declared(found.get(name))
    return sorted({file for path in paths for file in _below(instance, path)})


def staying(instance: Path, name: str, found: Mapping[str, Found]) -> list[str]:
    """Name what stays without a plugin: what the owner placed, and what is not its alone."""
    own = found.get(name)
    paths = [instance / "templates" / name]
    if own is None or own.place is Place.INSTANCE:
        paths += [instance / "plugins" / name, instance / "plugins" / f"{name}.py"]
    placed = [path.relative_to(instance).as_posix() for path in paths if path.exists()]
    manifest = own.manifest if own else None
    shared = [one for one in _named(manifest) if not is_own(one, name)]
    return placed + [one for one in shared if (instance / one).exists()]


def declared(found: Found | None) -> list[str]:
    """Give the paths that a plugin declares and that bear its name: they go when it does."""
    manifest = found.manifest if found else None
    return [one for one in _named(manifest) if manifest and is_own(one, manifest.name)]


def stranded(manifest: Manifest) -> list[str]:
    """Name the paths that a plugin keeps files at and that nobody will remove.

    Folders below ``media`` hold what posts show, and some paths are the core's or the owner's.
    """
    return [
        one
        for one in _named(manifest)
        if not is_own(one, manifest.name)
        and (one == MEDIA or not is_in(one, MEDIA))
        and PurePosixPath(one).parts[:1] not in {(other,) for other in OTHERS}
    ]


def is_own(path: str, name: str) -> bool:
    """Tell whether a path bears a plugin's name: ``NAME/…`` or ``media/NAME/…``."""
    folder = f"{MEDIA}/{name}"
    own = is_in(path, folder) or (name != MEDIA and is_in(path, name))
    return own and is_allowed(path)


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


def _named(manifest: Manifest | None) -> list[str]:
    """Give the paths that a manifest names."""
    return [one.strip("/") for one in manifest.reach.get("files", ())] if manifest else []


def _below(instance: Path, path: str) -> Iterator[str]:
    """Give the files at or below a path; no link is followed, inside the instance neither."""
    start, home = instance / path, instance.resolve()
    if start.resolve() != home / path:
        return
    if start.is_file():
        yield path
    for folder, _, names in os.walk(start):
        for name in names:
            yield (Path(folder) / name).relative_to(instance).as_posix()
