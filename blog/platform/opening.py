"""Open a plugin's export and believe nothing that it says unseen."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from blog.platform import files
from blog.platform.archive import FILES, FORMAT, JOBS, KIND, MANIFEST, TABLES, Contents, Kept
from blog.platform.manifest import NAME, RESERVED

LARGEST = 50 * 2**30
HIGHEST = 2**53  # far from where a table has no number left
LARGEST_MANIFEST = 16 * 2**20
LONGEST_LINE = 256 * 2**20
REVISION = re.compile(r"(\d{4})?\Z")
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class RestoreRefused(ValueError):
    """An export cannot be restored; nothing was changed."""


@contextmanager
def opened(path: Path, plugin: str) -> Iterator[tuple[zipfile.ZipFile, Contents]]:
    """Open a plugin's export, its manifest read and checked against what is in it.

    Raise ``RestoreRefused``.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise RestoreRefused(f"{path} cannot be read as a zip: {error}") from error
    with archive:
        contents = _contents(archive, path)
        if contents.plugin != plugin:
            raise RestoreRefused(f"{path} holds the data of {contents.plugin}, not of {plugin}")
        _check_members(archive, contents, path)
        yield archive, contents


def lines(archive: zipfile.ZipFile, member: str) -> Iterator[dict[str, Any]]:
    """Read objects from a member, one at a time."""
    with archive.open(member) as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise RestoreRefused(f"a line of {member} is too long")
            row = json.loads(line)
            if not isinstance(row, dict):
                raise RestoreRefused(f"a line of {member} is no row")
            yield row


def _contents(archive: zipfile.ZipFile, path: Path) -> Contents:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > LARGEST_MANIFEST:
            raise RestoreRefused(f"the manifest in {path} is too large")
        head = json.loads(archive.read(info))
        if head.pop("kind") != KIND:
            raise KeyError("kind")
        number = head.pop("format")
        if number != FORMAT:
            raise RestoreRefused(f"{path} has the format {number}, this Palabre reads {FORMAT}")
        contents = Contents(**{**head, "tables": [Kept(**one) for one in head["tables"]]})
        _check(contents)
    except RestoreRefused:
        raise
    except Exception as error:  # whatever is wrong with it, it is not one that was written here
        raise RestoreRefused(f"{path} is no export of a plugin, or it is damaged") from error
    return contents


def _check(contents: Contents) -> None:
    """Raise where a manifest says what no export says."""
    name, tables = contents.plugin, contents.tables
    columns = [one["name"] for table in tables for one in table.columns]
    counts = [contents.jobs, contents.settings_version]
    counts += [number for table in tables for number in (table.rows, table.last)]
    texts = [contents.version, contents.palabre, contents.made_at, *columns, *contents.files]
    is_sound = (
        NAME.match(name)
        and name not in RESERVED
        and REVISION.match(contents.revision)
        and all(table.name.startswith(f"{name}_") for table in tables)
        and all(isinstance(one, str) for one in texts)
        and all(type(number) is int and 0 <= number <= HIGHEST for number in counts)
        and (contents.settings is None or type(contents.settings) is dict)
        and len({table.name for table in tables}) == len(tables)
    )
    if not is_sound:
        raise ValueError("not as written")


def _check_members(archive: zipfile.ZipFile, contents: Contents, path: Path) -> None:
    """Refuse what the manifest does not name, what is missing, and what is too large."""
    for one in contents.files:
        if not files.is_allowed(one) or PurePosixPath(one).as_posix() != one:
            raise RestoreRefused(f"{path} holds a file with the bad path {one!r}")
    expected = {MANIFEST, JOBS, *(f"{FILES}{one}" for one in contents.files)}
    expected |= {f"{TABLES}{one.name}.jsonl" for one in contents.tables}
    names = archive.namelist()
    odd = sorted(expected ^ set(names))
    if odd or len(names) != len(expected):
        raise RestoreRefused(f"{path} is damaged: look at {(odd or names)[0]!r} in it")
    infos = archive.infolist()
    if any(one.compress_type not in PACKED or one.flag_bits & 1 for one in infos):
        raise RestoreRefused(f"{path} is packed in a way that no export is")
    size = sum(one.file_size for one in infos)
    free = shutil.disk_usage(path.absolute().parent).free
    if size > min(LARGEST, free):
        raise RestoreRefused(f"{path} would unpack to {size:,} bytes, which is too much")
