"""Find plugins in three places without importing any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata, util
from importlib.machinery import ModuleSpec
from pathlib import Path

from blog.platform.manifest import BadManifest, Manifest, read

BUNDLE = "blog_plugins"
GROUP = "blog.plugins"
COPIES = ".plugins"  # in the instance, as NAME-HASH/NAME: see code.py
_COPY = re.compile(rf"{re.escape(COPIES)}([\\/])[a-z][a-z0-9]*-[0-9a-f]{{16}}[\\/]")


class Place(StrEnum):
    """Say where a plugin comes from."""

    BUNDLED = "bundled"
    INSTANCE = "instance"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Found:
    """Hold a plugin that is there, or why it cannot be one.

    ``module`` is the name to import for a bundled or packaged plugin.
    """

    name: str
    place: Place
    path: Path
    module: str = ""
    manifest: Manifest | None = None
    problem: str = ""


def find(instance: Path) -> dict[str, Found]:
    """Find every plugin by name, in the order of the names.

    A name found twice is kept once, as a problem that names both places.
    """
    plugins: dict[str, Found] = {}
    for found in (*_bundled(), *_placed(instance / "plugins"), *_packaged()):
        first = plugins.setdefault(found.name, found)
        if first is not found:
            problem = f"the name {found.name!r} is taken twice: {first.path} and {found.path}"
            plugins[found.name] = Found(found.name, first.place, first.path, problem=problem)
    return dict(sorted(plugins.items()))


def package_of(found: Found | None) -> str:
    """Name the package that an installer brought a plugin with; empty when none did."""
    if found is None or found.place is not Place.PACKAGE:
        return ""
    entries = metadata.entry_points(group=GROUP, name=found.name)
    return next((one.dist.name for one in entries if one.dist), "")


def recognised(text: str) -> str:
    """Name the files that an owner edits, where a text names those of copies."""
    return _COPY.sub(r"plugins\1", text) if COPIES in text else text


def bundled() -> list[Path]:
    """Give the places of the plugins that come with Palabre."""
    spec = util.find_spec(BUNDLE)
    roots = (spec.submodule_search_locations or ()) if spec else ()
    return [path for root in roots for path in _candidates(Path(root))]


def _bundled() -> Iterator[Found]:
    for path in bundled():
        yield _found(path, Place.BUNDLED, f"{BUNDLE}.{path.stem}")


def _placed(folder: Path) -> Iterator[Found]:
    for path in _candidates(folder):
        yield _found(path, Place.INSTANCE, "")


def _packaged() -> Iterator[Found]:
    for entry in metadata.entry_points(group=GROUP):
        top, *rest = entry.module.split(".")
        try:
            spec = util.find_spec(top)
        except (ImportError, ValueError):
            spec = None
        path = _path_of(spec, rest) if spec else None
        if path is None:
            problem = f"the package of {entry.name!r} is not there: install it again"
            yield Found(entry.name, Place.PACKAGE, Path(entry.module), problem=problem)
            continue
        yield _found(path, Place.PACKAGE, entry.module, entry.name)


def _path_of(spec: ModuleSpec, rest: list[str]) -> Path | None:
    """Find the folder or file of a module below a top-level package, importing none."""
    if not spec.submodule_search_locations:
        return Path(spec.origin) if spec.origin and not rest else None
    for location in spec.submodule_search_locations:
        folder = Path(location).joinpath(*rest)
        for path in (folder, folder.parent / f"{folder.name}.py"):
            if path.exists():
                return path
    return None


def _candidates(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    paths = (path for path in folder.iterdir() if path.name[0] not in "._" and not _is_test(path))
    return sorted(
        path for path in paths if path.is_dir() or (path.suffix == ".py" and path.is_file())
    )


def _is_test(path: Path) -> bool:
    """Tell tests from plugins: those of a single file stand beside it, as pytest finds them."""
    if path.suffix == ".py":
        return path.name.startswith("test_") or path.name == "conftest.py"
    return path.name == "tests" and not (path / "plugin.toml").exists()


def _found(path: Path, place: Place, module: str, name: str = "") -> Found:
    name = name or path.stem
    try:
        return Found(name, place, path, module, read(path, name))
    except BadManifest as error:
        return Found(name, place, path, module, problem=str(error))
