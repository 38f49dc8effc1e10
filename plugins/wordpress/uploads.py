"""Copy the pictures of the old blog, find them again, and lead bodies to them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, unquote

from .report import Line, Report
from .urls import FILES, split

FOLDER = "wp-content/uploads"
MONTH = re.compile(r"/\d{4}/\d{2}/[^/]+\Z")
TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "ico": "image/x-icon",
    "jpe": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "m4v": "video/mp4",
    "mov": "video/quicktime",
    "mp4": "video/mp4",
    "ogv": "video/ogg",
    "webm": "video/webm",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "gpx": "application/gpx+xml",
    "txt": "text/plain",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "epub": "application/epub+zip",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rtf": "application/rtf",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
SHOWN = ("image/", "audio/", "video/", "application/pdf", "text/plain")
TAG = re.compile(r"<(?:a|audio|img|source|video)\s[^<>]*+>", re.IGNORECASE)
ADDRESS = re.compile(r"""https?://[^\s"'<>,]++""")


class NoUploads(ValueError):
    """A folder has nothing of an old blog in it."""


def media(instance: Path) -> Path:
    """Name the folder in which a site keeps them."""
    return instance / "media" / FOLDER


def copy(source: Path, instance: Path, *, dry: bool = False) -> Report:
    """Copy the files of safe types that are not there yet; links are not followed.

    ``source`` is the old ``uploads`` folder or one that holds ``wp-content/uploads``.
    A file that is there with another content stays as it is, and the report says so.
    """
    source = within(source)
    report, target = Report(), media(instance)
    for file, name in _files(source):
        suffix = file.suffix.lower().lstrip(".")
        if suffix not in TYPES:
            report.add(Line("upload", suffix, "", "left out", "other type"))
            continue
        there = target / name
        if there.exists():
            same = _is_same(file, there)
            outcome, note = ("known", "") if same else ("left out", "another file is there")
        else:
            outcome, note = "copied", ""
            if not dry:
                _put(file, there)
        report.add(Line("upload", suffix, "", outcome, note))
    return report


def within(source: Path) -> Path:
    """Give the folder of uploads, where it is inside of the one given."""
    return source / FOLDER if (source / FOLDER).is_dir() else source


def keep(data: bytes, instance: Path, name: str) -> None:
    """Keep a file that was fetched; one that is cut off is not taken for it."""
    there = media(instance) / name
    there.parent.mkdir(parents=True, exist_ok=True)
    part = there.with_name(f".{there.name}.part")
    part.write_bytes(data)
    part.replace(there)


def find(instance: Path, name: str) -> Path | None:
    """Find a file by its name below the folder; ``None`` outside of it or of another type.

    One that was deleted is found too.
    """
    folder = media(instance)
    if "\\" in name or "\0" in name or type_of(name) is None:
        return None
    try:
        file = (folder / name.lstrip("/")).resolve()
        if file.is_file() and file.is_relative_to(folder.resolve()):
            return file
    except (OSError, ValueError):
        pass
    return None


def is_deleted(file: Path) -> bool:
    """Tell whether somebody deleted a file: an empty one in its place lets none come again."""
    return file.stat().st_size == 0


def at(addresses: Iterable[str], instance: Path) -> dict[str, Path]:
    """Find the files that are served at addresses."""
    names = {one: unquote(one.partition(f"/{FOLDER}/")[2]) for one in addresses}
    found = {one: find(instance, name) for one, name in names.items() if name}
    return {one: file for one, file in found.items() if file and not is_deleted(file)}


def type_of(name: str) -> str | None:
    """Give the type by which a file is served; ``None`` for one that never is."""
    return TYPES.get(PurePosixPath(name).suffix.lower().lstrip("."))


def is_shown(kind: str) -> bool:
    """Tell whether a browser may show a file itself, rather than offer to keep it."""
    return kind.startswith(SHOWN)


def localise(html: str, hosts: Collection[str], instance: Path) -> str:
    """Lead the addresses of an old blog's uploads here, where the file was copied."""
    if not hosts or not is_in(html):
        return html
    known = {bare(host) for host in hosts}
    return TAG.sub(
        lambda tag: ADDRESS.sub(lambda found: _local(found[0], known, instance), tag[0]), html
    )


def is_in(html: str) -> bool:
    """Tell whether a text may name uploads of an old blog."""
    return FOLDER in html or FILES in html


def name_in(parts: SplitResult) -> str:
    """Give the name below the folder that an address names, as it is written there."""
    is_own = (parts.hostname or "").endswith(FILES) and MONTH.match(parts.path)
    return parts.path[1:] if is_own else parts.path.partition(f"/{FOLDER}/")[2]


def bare(host: str) -> str:
    """Give a host without what two names of the same blog differ in."""
    return host.lower().removeprefix("www.")


def _local(address: str, hosts: Collection[str], instance: Path) -> str:
    parts = split(address.replace("&amp;", "&"))
    name = name_in(parts) if parts and bare(parts.hostname or "") in hosts else ""
    if not name or find(instance, unquote(name)) is None:
        return address
    return f"/{FOLDER}/{name}"


def _files(source: Path) -> Iterator[tuple[Path, str]]:
    if not source.is_dir():
        raise NoUploads(f"{source} is no folder: give the old blog's {FOLDER}")
    for folder, inner, names in os.walk(source):
        inner[:] = sorted(one for one in inner if not one.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and file.is_file() and not file.is_symlink():
                yield file, file.relative_to(source).as_posix()


def _is_same(file: Path, there: Path) -> bool:
    if file.stat().st_size != there.stat().st_size:
        return False
    with file.open("rb") as one, there.open("rb") as other:
        while part := one.read(1 << 20):
            if part != other.read(1 << 20):
                return False
    return True


def _put(file: Path, there: Path) -> None:
    """Copy beside and move, so that a copy that is cut off is not taken for the file."""
    there.parent.mkdir(parents=True, exist_ok=True)
    part = there.with_name(f".{there.name}.part")
    shutil.copyfile(file, part, follow_symlinks=False)
    shutil.copystat(file, part)
    part.chmod(0o644)
    part.replace(there)
