"""Keep files, each in a folder with what is known of it, and find them by their addresses."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
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
# Ours begin with a key; those of an old blog have a name.
PLACE = re.compile(r"/media/([0-9a-z]{16})/|(/wp-content/.*\.\w+)\Z")
# A smaller picture of an old blog, the original, and what WordPress made of one that was large.
SIZE, FORMS = re.compile(r"(-\d+x\d+|-scaled)?(\.\w+)\Z"), (r"\1\2", r"\2", r"-scaled\2")
SCRIPT, SECONDS, PAGE, MEGABYTES = Path(__file__).with_name("pictures.py"), 40, 24, 32
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
        if "width" in made and not (markup.clean_line(alt) or plain):
            raise Refused("alt")
        rmtree(folder, ignore_errors=True)  # of a write that was cut off, or the same again
        folder.parent.mkdir(exist_ok=True)
        Path(work, "out").replace(folder)
    path = f"/media/{key}/{folder.name}/{Path(made.pop('file')).name}"
    return note(File(key, path, name, alt, **made))


def note(file: File) -> File:
    """Write what is known of a file, let posts show it, and remove what it was before.

    What is new of it goes on an error.
    """
    file = file._replace(alt=markup.clean_line(file.alt)[:1000])
    former, about = known(file.key), at() / file.key / "about.json"
    part = about.with_suffix(".part")
    try:
        with part.open("w", encoding="utf-8") as text:
            json.dump(file._asdict(), text)
            text.flush()
            os.fsync(text.fileno())
        with writing() if former else nullcontext() as write:  # no post can show a new one
            if write:
                shown = Post.html.contains(f"/{file.key}/")
                posts.render_again(write, select(Post.id).where(shown))
            part.replace(about)
    except BaseException:
        now = known(file.key)
        if now and now.path != file.path:
            rmtree(at(file.path).parent, ignore_errors=True)
        part.unlink(missing_ok=True)
        if not about.exists():
            rmtree(about.parent, ignore_errors=True)
        raise
    if former and former.path != file.path:
        rmtree(at(former.path).parent, ignore_errors=True)
    return file


def at(path: str = "/media") -> Path:
    """Name the place of what is served at a path; each file has a folder of its key."""
    return generation().instance / "media" / path[1:]


def known(key: str) -> File | None:
    """Read what is known of a file; nothing is of a key that is empty."""
    with suppress(OSError, ValueError, TypeError):  # a damaged one hides no other
        return File(**json.loads((at() / key / "about.json").read_text("utf-8"))) if key else None
    return None


def every() -> Iterator[File]:
    """Give all files, those that changed last first."""
    found = []
    for one in at().glob("*/about.json"):
        with suppress(OSError):  # it goes this moment
            found.append((one.stat().st_mtime, one.parent.name))
    return (file for _, key in sorted(found, reverse=True) if (file := known(key)))


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
    key, name = match.groups("") if match else ("", "")
    return key or (name and f"old{sha256(name.encode()).hexdigest()[:13]}")


def found(address: str) -> File | None:
    """Find a file by its address, or by that of a smaller one that an old blog made of it."""
    for form in FORMS:
        key = key_of(SIZE.sub(form, address))
        if (file := known(key)) or _mark(key).exists():
            return file  # a file of its own is no other, also when it is not taken
    return None


def using(file: File) -> list[PostRow]:
    """Give posts that show or link a file, as far as the asker may see them."""
    query = select(Post.id).where(Post.html.contains(f"/media/{file.key}/"))
    return list(posts.rows(session.scalars(query.limit(200))).values())


def remove(file: File) -> None:
    """Remove a file; one of an old blog is emptied there, so that it does not come back."""
    if file.key.startswith("old"):
        for one in at().parent.glob("wp-content/**/*.*"):
            shown = found(quote(f"/{one.relative_to(at().parent)}")) if one.is_file() else None
            if shown and shown.key == file.key:
                one.write_bytes(b"")
        _mark(file.key).touch()
    rmtree(at() / file.key)


@hookimpl(optionalhook=True)
def attachment_here(path: str, file: Path, alt: str) -> bool:
    """Take a file of an old blog; posts that name its old address show it from now on."""
    key = key_of(path)
    if not key or known(key) or _mark(key).exists():
        return False
    try:
        if file.stat().st_size > MEGABYTES << 20:
            raise Refused("large")
        take(key, file.read_bytes(), file.name, alt, plain=True)
    except Refused as error:
        if str(error) != "disk":  # that may pass; all else would be read again each night
            at().mkdir(parents=True, exist_ok=True)
            _mark(key).touch()
        return False
    return True


@hookimpl(optionalhook=True)
def export_attachments() -> Sequence[Mapping[str, str]]:
    """Name the files for an export, but for those that an import kept."""
    named = ({**one._asdict(), "address": one.path, "title": one.name} for one in every())
    return [one for one in named if not one["key"].startswith("old")]


@hookimpl(optionalhook=True)
def export_files(addresses: Sequence[str]) -> Mapping[str, Path]:
    """Give the files to an export that keeps them beside the text."""
    return {one: at(file.path) for one in addresses if (file := found(one))}


def _mark(key: str) -> Path:
    """Name what says that a file of an old blog is not taken, or was deleted."""
    return at() / f"{key}.refused"


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
