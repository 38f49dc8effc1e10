"""Write zips that take their place when they are whole, and believe none unseen."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

MANIFEST, MEMBERS = "manifest.json", "members"
PART, STALE_SECONDS = ".palabre-part", 3600
LARGEST, LARGEST_MANIFEST, LONGEST_LINE = 2**40, 16 * 2**20, 256 * 2**20
BOMB, SMALL = 500, 2**26
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class RestoreRefused(ValueError):
    """An archive cannot be restored; nothing was changed."""


@contextmanager
def written(
    target: Path, kind: str, number: int, check: Callable[[Path], object] = bool
) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """Write a zip and what its manifest says; it takes the place of a file of before when whole.

    ``kind`` and ``number`` say what it is and in which format; size and SHA-256 of each member
    are added.
    ``check`` looks at the file before it takes its place.
    Whoever else may read in that folder cannot read it.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PART}")
    _sweep(target.parent)
    try:
        with _private(part) as file:
            with zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False
            ) as archive:
                head: dict[str, Any] = {"kind": kind, "format": number}
                yield archive, head
                infos = archive.infolist()
                head[MEMBERS] = {one.filename: [one.file_size, _sum(archive, one)] for one in infos}
                archive.writestr(MANIFEST, json.dumps(head, ensure_ascii=False, indent=1))
            file.flush()
            os.fsync(file.fileno())
        check(part)
        part.replace(target)
        _fsync(target.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def opened(
    path: Path, kind: str, number: int, tops: Callable[[Mapping[str, Any]], Iterable[str]]
) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """Open a zip once every member has the size and SHA-256 that its manifest says; give both.

    ``tops`` gives the folders and files that it may hold at its top, as the manifest has them.
    Raise ``RestoreRefused`` for what is another thing, newer, cut, damaged or a bomb, and for
    names that lead out of a folder.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise RestoreRefused(f"{path} is no archive, or only a part of one: {error}") from error
    with archive:
        head = _head(archive, path, kind, number)
        try:
            _check(archive, head[MEMBERS], path, {*tops(head)})
        except RestoreRefused:
            raise
        except Exception as error:  # also what zlib and zipfile raise for broken bytes
            raise RestoreRefused(f"{path} is damaged: {error}") from error
        yield archive, head


def lines(archive: zipfile.ZipFile, member: str) -> Iterator[dict[str, Any]]:
    """Read objects from a member, one at a time; raise ``RestoreRefused`` for what is none."""
    with archive.open(member) as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise RestoreRefused(f"a line of {member} is too long")
            row = json.loads(line)
            if not isinstance(row, dict):
                raise RestoreRefused(f"a line of {member} is no row")
            yield row


def extract(archive: zipfile.ZipFile, folder: Path, tops: Iterable[str]) -> None:
    """Write what an opened zip holds in some of its folders, or as files, below a folder."""
    wanted = {*tops}
    for name in archive.namelist():
        if name.partition("/")[0] not in wanted:
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as member, target.open("xb") as file:
            shutil.copyfileobj(member, file)


def add(
    archive: zipfile.ZipFile, root: Path, tops: Iterable[str], tell: Callable[[], object] = bool
) -> int:
    """Write the files below some folders of a root, and count them; ``tell`` hears of each.

    Those of ``media`` are mostly small already, and stored as they are.
    """
    count = 0
    for path in files(root, tops):
        packed = zipfile.ZIP_STORED if path.startswith("media/") else zipfile.ZIP_DEFLATED
        with suppress(FileNotFoundError):  # its owner deleted it this moment
            archive.write(root / path, path, packed)
            count += 1
        tell()
    return count


def files(root: Path, tops: Iterable[str]) -> Iterator[str]:
    """Name the files below some folders of a root, links followed and no folder twice."""
    seen = set()
    for top in tops:
        for folder, folders, names in os.walk(root / top, followlinks=True):
            # What is being uploaded is not there yet.
            folders[:] = sorted(one for one in folders if top != "media" or one[0] != ".")
            real = os.path.realpath(folder)
            if real in seen or Path(folder).name == "__pycache__":
                folders.clear()
                continue
            seen.add(real)
            paths = (Path(folder, one) for one in sorted(names))
            yield from (one.relative_to(root).as_posix() for one in paths if one.is_file())


@contextmanager
def exchanging(stage: Path, root: Path, names: Iterable[str]) -> Iterator[Callable[[], None]]:
    """Give what puts files and folders of a stage in the place of those below a root.

    They go back when anything fails later on; what was there is below the stage in the end.
    """
    moved: list[tuple[Path, Path]] = []
    pairs = [(root / one, stage / one) for one in names if (stage / one).exists()]

    def exchange() -> None:
        aside = stage / secrets.token_hex(8)
        aside.mkdir()
        for there, new in pairs:
            for source, target in ((there, aside / there.name), (new, there)):
                if source.exists() or source.is_symlink():
                    source.rename(target)
                    moved.append((source, target))

    try:
        yield exchange
    except BaseException:
        for source, target in reversed(moved):
            target.rename(source)
        raise


def _head(archive: zipfile.ZipFile, path: Path, kind: str, number: int) -> dict[str, Any]:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > LARGEST_MANIFEST:
            raise ValueError("too large")
        head: dict[str, Any] = json.loads(archive.read(info))
        if head["kind"] != kind or not isinstance(head[MEMBERS], dict):
            raise ValueError("another")
        newer = int(head["format"]) > number
    except Exception as error:  # whatever is wrong with it, it is not one that was written here
        raise RestoreRefused(f"{path} is no {kind}, or it is damaged") from error
    if newer:
        raise RestoreRefused(f"{path} is newer than this Palabre: its format is {head['format']}")
    return head


def _check(
    archive: zipfile.ZipFile, members: dict[str, list[Any]], path: Path, tops: set[str]
) -> None:
    infos = {one.filename: one for one in archive.infolist()}
    if len(archive.namelist()) != len(infos) or {*members, MANIFEST} != {*infos}:
        raise RestoreRefused(f"{path} is damaged: it does not hold what it says")
    bad = sorted(name for name in members if not _is_plain(name, tops))
    if bad:
        raise RestoreRefused(f"{path} holds a file with the bad path {bad[0]!r}")
    sizes = [(one.file_size, one.compress_size) for one in infos.values()]
    is_bomb = any(size > SMALL and size > BOMB * packed for size, packed in sizes)
    free = shutil.disk_usage(path.absolute().parent).free
    if is_bomb or sum(size for size, _ in sizes) > min(free, LARGEST):
        raise RestoreRefused(f"{path} would unpack to more than there is room for")
    for name, said in members.items():
        info = infos[name]
        is_known = info.compress_type in PACKED and not info.flag_bits & 1
        if not is_known or [info.file_size, _sum(archive, info)] != said:
            raise RestoreRefused(f"{path} is damaged: {name} is not as it was written")


def _is_plain(name: str, tops: set[str]) -> bool:
    path = PurePosixPath(name)
    odd = {"..", "\\", ":", "\0"} & {*path.parts, *name}
    return path.as_posix() == name and not odd and path.parts[0] in tops


def _sum(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    digest = sha256()
    with archive.open(member) as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that only its owner may read."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        yield file


def _sweep(folder: Path) -> None:
    """Remove the parts that a killed process left."""
    for one in folder.glob(f".*{PART}"):
        if one.is_file() and time.time() - one.stat().st_mtime > STALE_SECONDS:
            one.unlink(missing_ok=True)


def _fsync(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
