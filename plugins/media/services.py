"""Keep files, each in a folder with what is known of it, and find them by their addresses."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from mimetypes import guess_type
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from sqlalchemy import select

from blog import Post, PostRow, addresses, generation, hookimpl, markup, posts, session, writing

# What other files than pictures are called, and how they begin.
BEGINS = re.compile(
    rb"(?s)(docx|epub|od[pst]|pptx|xlsx|zip)/PK\x03\x04|(ogg|opus)/OggS|(m4a|mp4)/....ftyp|flac/fLaC"
    rb"|pdf/%PDF-|wav/RIFF|mp3/(ID3|\xff[\xe2-\xff])|webm/\x1aE\xdf\xa3|(csv|txt)/[^\0]*\Z"
)
# Ours begin with a key; those of an old blog have a name, and perhaps a size.
PLACE = re.compile(r"/media/([0-9a-z]{16})/|(/wp-content/.*?)(?:-\d+x\d+|-scaled)?(\.\w+)\Z")
SCRIPT, SECONDS, PAGE = Path(__file__).with_name("pictures.py"), 40, 24
_turn = Lock()  # a picture may take a gigabyte: one at a time


class File(NamedTuple):
    """Describe a file: ``path`` is its address now, ``key`` is in every one that it ever had."""

    key: str
    path: str
    name: str
    alt: str
    width: int = 0
    height: int = 0
    widths: str = ""  # its own and those of the smaller ones beside it


class Refused(ValueError):
    """A file is not taken; one word says why."""


def take(key: str, data: bytes, name: str, alt: str, *, plain: bool) -> File:
    """Store data under a key, in the place of those that it has.

    Only a picture that is ``plain`` may say nothing.
    Raise ``Refused`` or ``OSError``; nothing is kept then.
    """
    name = markup.clean_line(PurePosixPath(name.replace("\\", "/")).name)[-200:]
    folder = at() / key / sha256(name.encode() + data).hexdigest()[:16]
    at().mkdir(parents=True, exist_ok=True)
    with _turn, TemporaryDirectory(prefix=".", dir=at()) as work:
        made, former = _made(data, PurePosixPath(name), Path(work)), known(key)
        if former and bool(former.width) is not ("width" in made):
            raise Refused("other")
        if "width" in made and not (alt or plain):
            raise Refused("alt")
        rmtree(folder, ignore_errors=True)  # of a write that was cut off, or the same again
        folder.parent.mkdir(exist_ok=True)
        Path(work, "out").replace(folder)
    path = f"/media/{key}/{folder.name}/{Path(made.pop('file')).name}"
    return note(File(key, path, name, alt, **made))


def note(file: File) -> File:
    """Write what is known of a file, remove what it was before, and let posts show it."""
    former, part = known(file.key), at() / file.key / "about.part"
    part.write_text(json.dumps(file._asdict()), "utf-8")
    part.replace(part.with_suffix(".json"))
    if former and former.path != file.path:
        rmtree(at(former.path).parent, ignore_errors=True)
    with writing() as write:
        posts.render_again(write, select(Post.id).where(Post.html.contains(f"/{file.key}/")))
    return file


def at(path: str = "/media") -> Path:
    """Name the place of what is served at a path; each file has a folder of its key."""
    return generation().instance / "media" / path[1:]


def known(key: str) -> File | None:
    """Read what is known of a file; nothing is of a key that is empty."""
    with suppress(FileNotFoundError):
        return File(**json.loads((at() / key / "about.json").read_text("utf-8")))
    return None


def every() -> Iterator[File]:
    """Give all files, those that changed last first."""
    found = sorted((one.stat().st_mtime, one.parent.name) for one in at().glob("*/about.json"))
    return (file for _, key in reversed(found) if (file := known(key)))


def listed(words: str, start: int) -> tuple[list[File], int]:
    """Give a page of the files with words in name or description, and where the next begins."""
    some = markup.clean_line(words).casefold().split()
    named = ((one, f"{one.name} {one.alt}".casefold()) for one in every())
    fits = (one for one, text in named if all(word in text for word in some))
    found = list(islice(fits, start, start + PAGE + 1))
    return found[:PAGE], start + PAGE if found[PAGE:] else 0


def key_of(address: str) -> str:
    """Give what all addresses of a file have in common: its key, or a hash of its old name."""
    match = PLACE.match(unquote(address))
    key, *name = match.groups("") if match else ("",)
    return key or (f"old{sha256(''.join(name).encode()).hexdigest()[:13]}" if name else "")


def using(file: File) -> list[PostRow]:
    """Give posts that show or link a file, as far as the asker may see them."""
    query = select(Post.id).where(Post.html.contains(f"/media/{file.key}/"))
    return list(posts.rows(session.scalars(query.limit(200))).values())


def remove(file: File) -> None:
    """Remove a file; one of an old blog is emptied there, so that it does not come back."""
    for one in at().parent.glob("wp-content/**/*.*") if file.key.startswith("old") else ():
        if one.is_file() and key_of(quote(f"/{one.relative_to(at().parent)}")) == file.key:
            one.write_bytes(b"")
    rmtree(at() / file.key)


@hookimpl(optionalhook=True)
def attachment_here(path: str, file: Path, alt: str) -> None:
    """Take a file of an old blog; posts that name its old address show it from now on."""
    mark = at() / f"{key_of(path)}.refused"
    try:
        if not (known(key_of(path)) or mark.exists()):
            take(key_of(path), file.read_bytes(), file.name, alt, plain=True)
    except Refused as error:
        if str(error) != "disk":  # that may pass; all else would be read again each night
            mark.touch()


@hookimpl(optionalhook=True)
def export_attachments() -> Sequence[Mapping[str, str]]:
    """Name the files for an export, but for those that an import kept."""
    named = ({**one._asdict(), "address": one.path, "title": one.name} for one in every())
    return [one for one in named if not one["key"].startswith("old")]


@hookimpl(optionalhook=True)
def export_files(addresses: Sequence[str]) -> Mapping[str, Path]:
    """Give the files to an export that keeps them beside the text."""
    return {one: at(file.path) for one in addresses if (file := known(key_of(one)))}


def _made(data: bytes, name: PurePosixPath, work: Path) -> dict[str, Any]:
    """Write what is served of a file into a folder ``out``; describe it."""
    (work / "out").mkdir()
    made, ending = {"problem": "unknown"}, name.suffix.lower()
    words = re.findall("[a-z0-9]+", addresses.slug_of(name.stem))
    target = work / "out" / ("-".join(words)[:60] or "file")
    if BEGINS.match(f"{ending[1:]}/".encode() + data):
        made = {"file": f"{target}{ending}"}
        Path(made["file"]).write_bytes(data)
    elif (guess_type(name.name)[0] or "image/").startswith("image/"):
        (work / "source").write_bytes(data)
        # No secret of the environment is in reach of what reads the file.
        env = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-P", *map(str, (SCRIPT, work / "source", target))]
        made = {"problem": "limits"}  # one may end it without a word
        with suppress(subprocess.TimeoutExpired, ValueError):
            done = subprocess.run(command, capture_output=True, env=env, timeout=SECONDS)
            made = json.loads(done.stdout)
    if "problem" in made:
        raise Refused(made["problem"])
    return made
