"""Keep the code of plugins by its content: an edit reaches readers when the owner says so."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from time import time

from sqlalchemy import select
from sqlalchemy.orm import Session

from blog.db import session, writing
from blog.models import PluginState
from blog.platform import states
from blog.platform.discovery import COPIES, Found, Place, find, recognised
from blog.platform.manifest import BadManifest, Manifest, read

KEPT = 2
LENGTH = 16
# A worker that was told to end leaves within a minute; what was replaced for longer serves nobody.
UNUSED_SECONDS = 3600
log = logging.getLogger("blog.plugins")


class CodeChanged(RuntimeError):
    """A plugin has other code than the one that this process has imported."""


def hash_of(path: Path) -> str:
    """Give the hash of all files of a plugin but caches and hidden ones."""
    digest = sha256()
    for file in _files(path):
        name = file.name if file == path else file.relative_to(path).as_posix()
        content = file.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:LENGTH]


def keep(instance: Path, found: Found) -> tuple[Found, str]:
    """Copy a plugin of the instance as it is now; give it as it lies there, and its hash.

    Other plugins stay where they are.
    Where nothing can be copied, as on a disk that is read only, the files themselves are used.
    """
    if found.place is not Place.INSTANCE:
        return found, hash_of(found.path)
    try:
        path, code = _copied(instance / COPIES, found)
        _remove_unused(instance, found.name, {code, *_codes(found.name)})
    except OSError as error:
        log.warning("the code of %s cannot be kept, it is used where it is: %s", found.name, error)
        return found, hash_of(found.path)
    return _at(path, found), code


def in_use(
    instance: Path, found: Mapping[str, Found], rows: Mapping[str, PluginState]
) -> dict[str, Found]:
    """Give every plugin as it is to be loaded: those of the instance as they were turned on."""
    return {
        name: _in_use(instance, one, rows[name].code) if name in rows else one
        for name, one in found.items()
    }


def on(instance: Path, found: Mapping[str, Found]) -> dict[str, Found]:
    """Give the plugins that are on, as they were turned on."""
    rows = {row.name: row for row in _enabled()}
    taken = in_use(instance, found, rows)
    return {name: one for name, one in taken.items() if name in rows}


def stay_the_same(imported: dict[str, str], plugins: Iterable[Found]) -> None:
    """Remember which code of plugins a process imports; raise ``CodeChanged`` where it has other.

    What an import does cannot be undone: event listeners, threads and mappings stay.
    """
    for one in plugins:
        if one.place is Place.INSTANCE and not one.problem:
            is_copy = one.path.parent.parent.name == COPIES
            code = one.path.parent.name if is_copy else hash_of(one.path)
            if imported.setdefault(one.name, code) != code:
                raise CodeChanged(f"{one.name} has other code than this process has imported")


def record(write: Session, found: Found, code: str) -> None:
    """Remember the code that a plugin is on with; workers that have other code are replaced."""
    row = states.of(write, found.name)
    if row.code and row.code != code:
        states.replace_workers(write)
    row.code = code if found.place is not Place.BUNDLED else ""
    row.version = found.manifest.version[:50] if found.manifest else ""


def adopt(instance: Path, *, edited: bool = False) -> None:
    """Keep and remember the code of plugins that were on before code was kept.

    ``edited`` takes what was changed since, too, as who develops wants it.
    """
    found = find(instance)
    for row in _enabled():
        one = found.get(row.name)
        if one is None or one.problem or one.place is Place.BUNDLED:
            continue
        if not row.code or (edited and hash_of(one.path) != row.code):
            taken, code = keep(instance, one)
            with writing() as write:
                record(write, taken, code)


def note_on(instance: Path, found: Found | None, row: PluginState | None) -> str:
    """Say what lies on the disk and is not what is served; empty when it is the same."""
    if found is None or row is None or not row.enabled or not row.code:
        return ""
    if found.place is Place.INSTANCE and found.problem:
        return f"as it was; what lies there now is not taken: {found.problem}"
    try:
        if found.place is Place.BUNDLED or hash_of(found.path) == row.code:
            return ""
    except OSError:
        return ""
    if found.place is Place.INSTANCE and kept(instance, found.name, row.code):
        return f"its files changed since it was taken: palabre plugins reload {found.name}"
    return f"its files are not those it was turned on with: palabre plugins reload {found.name}"


def kept(instance: Path, name: str, code: str) -> Path | None:
    """Give the place of a copy; ``None`` where there is none."""
    folder = instance / COPIES / f"{name}-{code}"
    for path in (folder / name, folder / f"{name}.py"):
        if path.exists():
            return path
    return None


def manifests(instance: Path, name: str) -> list[Manifest]:
    """Read the manifests of the copies of a plugin."""
    codes = (one.name.rpartition("-")[2] for one in _copies(instance, name))
    places = (kept(instance, name, one) for one in codes)
    found = (_at(one, Found(name, Place.INSTANCE, one)).manifest for one in places if one)
    return [one for one in found if one]


def forget(instance: Path, name: str) -> None:
    """Remove every copy of a plugin."""
    for folder in _copies(instance, name):
        shutil.rmtree(folder, ignore_errors=True)


def _files(path: Path) -> Iterator[Path]:
    """Give the files that belong to a plugin in an order that is the same everywhere."""
    if not path.is_dir():
        yield path
        return
    seen: set[str] = set()
    found: list[Path] = []
    for folder, folders, names in os.walk(path, followlinks=True):
        real = os.path.realpath(folder)
        folders[:] = [] if real in seen else [one for one in folders if _is_code(one)]
        if real not in seen:
            found += [Path(folder, one) for one in names if _is_code(one)]
        seen.add(real)
    yield from sorted(one for one in found if one.is_file())


def _is_code(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__" and not name.endswith(".pyc")


def _copied(root: Path, found: Found) -> tuple[Path, str]:
    """Copy first and hash the copy, so that an edit meanwhile is in both or in none."""
    root.mkdir(exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".", dir=root))
    draft.chmod(0o755)  # who runs commands may be another user than who serves
    try:
        _copy(found.path, draft / found.path.name)
        code = hash_of(draft / found.path.name)
        folder = root / f"{found.name}-{code}"
        if not folder.exists():
            draft.rename(folder)
        os.utime(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder / found.path.name, code


def _copy(source: Path, target: Path) -> None:
    for file in _files(source):
        place = target if file == source else target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def _in_use(instance: Path, found: Found, code: str) -> Found:
    if found.place is not Place.INSTANCE or not code:
        return found
    path = kept(instance, found.name, code)
    if path is None and not found.problem and hash_of(found.path) == code:
        return keep(instance, found)[0]
    if path is None:
        log.warning("the code that %s was turned on with is gone: its files are used", found.name)
        return found
    return _at(path, found)


def _at(path: Path, found: Found) -> Found:
    try:
        manifest = read(path, found.name)
    except BadManifest as error:
        return replace(found, path=path, manifest=None, problem=recognised(str(error)))
    return replace(found, path=path, manifest=manifest, problem="")


def _enabled() -> list[PluginState]:
    return list(session.scalars(select(PluginState).where(PluginState.enabled.is_(True))))


def _copies(instance: Path, name: str) -> list[Path]:
    """List the copies of a plugin, the latest first."""
    found = (instance / COPIES).glob(f"{name}-*")
    return sorted(found, key=lambda one: one.stat().st_mtime, reverse=True)


def _codes(name: str) -> list[str]:
    return list(session.scalars(select(PluginState.code).where(PluginState.name == name)))


def _remove_unused(instance: Path, name: str, used: set[str]) -> None:
    names = {f"{name}-{code}" for code in used}
    others = [one for one in _copies(instance, name) if one.name not in names]
    followed = time()
    for index, folder in enumerate(others):
        made = folder.stat().st_mtime
        if index >= KEPT - 1 and time() - followed > UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
        followed = made
