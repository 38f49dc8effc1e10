"""Keep files with their rows: stored whole or not at all, and known by the posts that use them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path, PurePosixPath
from shutil import rmtree
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from blog import Post, PostRow, addresses, columns, generation, markup, posts, session, writing

from . import pictures
from .models import Address, File, Use

# How other files than pictures begin.
BEGINS = {
    **dict.fromkeys("docx epub odp ods odt pptx xlsx zip".split(), rb"PK\x03\x04"),
    **dict.fromkeys(("ogg", "opus"), rb"OggS"),
    **dict.fromkeys(("m4a", "mp4"), rb"....ftyp"),
    **dict.fromkeys(("csv", "txt"), rb"[^\0]*\Z"),
    **dict(zip(("flac", "pdf", "wav"), (rb"fLaC", rb"%PDF-", rb"RIFF"), strict=True)),
    **dict(zip(("mp3", "webm"), (rb"ID3|\xff[\xe2-\xff]", rb"\x1aE\xdf\xa3"), strict=True)),
}
PLACE = re.compile(r"/media/([0-9a-f]{20})/")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,70}\.[a-z0-9]{2,5}")
STEP, PAGE = 200, 24
_turn = Lock()  # a picture may take a gigabyte: one at a time


class Refused(ValueError):
    """A file is not taken; one word says why."""


def take(data: bytes, name: str, alt: str, *, plain: bool, instead: File | None = None) -> File:
    """Store a file, in the place of another if there is one, or give the one that is the same.

    Only a picture that is ``plain`` may say nothing.
    Raise ``Refused``; nothing of it is kept then.
    """
    name = markup.clean_line(PurePosixPath(name.replace("\\", "/")).name)[-200:]
    digest = sha256(data).hexdigest()[:20]
    while (known := found([digest]).get(digest)) and (instead or known.hash != digest):
        digest = sha256(digest.encode()).hexdigest()[:20]  # that one leads to another already
    if known:
        return known
    file, former = instead or File(alt=alt), root() / instead.hash if instead else None
    try:
        root().mkdir(parents=True, exist_ok=True)
        with _turn, TemporaryDirectory(prefix=".", dir=root()) as work:
            made = _made(data, name, Path(work))
            if instead and bool(instead.width) is not ("width" in made):
                raise Refused("other")
            if "width" in made and not (alt or plain):
                raise Refused("alt")
            file = note(file, {**made, "name": name, "hash": digest}, work)
    except (OSError, DBAPIError) as error:
        raise Refused("again" if isinstance(error, IntegrityError) else "disk") from error
    if former:
        rmtree(former, ignore_errors=True)
    return file


def note(file: File, values: Mapping[str, Any], work: str = "") -> File:
    """Write a file's row, and put what is in ``work`` in its place before that is committed."""
    with writing() as write:
        row: File = write.merge(file)
        for name, value in values.items():
            setattr(row, name, value)
        write.flush()
        write.merge(Address(hash=row.hash, file_id=row.id))
        if work:
            rmtree(root() / row.hash, ignore_errors=True)
            Path(work, "out").replace(root() / row.hash)
        posts.render_again(write, select(Use.post_id).where(Use.file_id == row.id))
    return row


def remove(file: File) -> None:
    """Delete a file for good."""
    digest = file.hash
    with writing() as write:
        write.delete(write.merge(file))
    rmtree(root() / digest, ignore_errors=True)


def root() -> Path:
    """Name the folder in which each file has a folder of its hash."""
    return generation().instance / "media" / "media"


def find(digest: str, name: str) -> Path | None:
    """Find a file that is served."""
    fits = PLACE.fullmatch(f"/media/{digest}/") and NAME.fullmatch(name)
    return file if fits and (file := root() / digest / name).is_file() else None


def at(paths: Iterable[str]) -> dict[str, Path]:
    """Find the files that are served at addresses below the site."""
    places = {one: found for one in paths if (found := PLACE.match(one))}
    files = {one: find(place[1], one[place.end() :]) for one, place in places.items()}
    return {one: file for one, file in files.items() if file}


def attachments() -> list[dict[str, str]]:
    """Name all files for an export."""
    return [
        {
            "address": one.path,
            "title": one.name,
            "alt": one.alt,
            "created_at": one.created_at.isoformat(),
        }
        for one in session.scalars(select(File).order_by(File.id))
    ]


def type_of(name: str) -> str:
    """Give the type by which a file is served."""
    return guess_type(name, strict=False)[0] or "application/octet-stream"


def found(hashes: Iterable[str]) -> dict[str, File]:
    """Give the files that hashes lead to, in one statement."""
    query = select(Address.hash, File).join(File, File.id == Address.file_id)
    wanted = set(hashes)
    return dict(session.execute(query.where(Address.hash.in_(wanted))).all() if wanted else ())


def listed(words: str, before: int) -> list[Any]:
    """List files, the newest first, each with the number of posts that use it."""
    used = select(func.count(Use.post_id.distinct())).where(Use.file_id == File.id)
    query = select(File, used.scalar_subquery()).order_by(File.id.desc()).limit(PAGE + 1)
    for word in words.split()[:10]:
        query = query.where((File.name + " " + File.alt).icontains(word, autoescape=True))
    return list(session.execute(query.where(File.id < before) if before else query))


def using(file: File) -> list[PostRow]:
    """Give the posts that use a file, as far as the asker may see them."""
    ids = select(Use.post_id).where(Use.file_id == file.id).distinct().limit(STEP)
    return list(posts.rows(session.scalars(ids)).values())


def record(saved: Sequence[PostRow]) -> None:
    """Note which files posts use."""
    session.execute(delete(Use).where(Use.post_id.in_([one.id for one in saved])))
    places = [(one, set(PLACE.findall(one.html))) for one in saved if "/media/" in one.html.lower()]
    known = found({digest for _, digests in places for digest in digests})
    for one, digests in places:
        ids = {known[digest].id for digest in digests & known.keys()}
        files: set[int | None] = {*ids} or {None}
        session.add_all(Use(post_id=one.id, file_id=id_, saved_at=one.updated_at) for id_ in files)
    session.flush()


def catch_up() -> bool:
    """Note which files posts use that were saved while nobody looked, some at a time."""
    noted, has = exists().where(Use.post_id == Post.id), func.lower(Post.html).contains("/media/")
    lacks = or_(and_(has, ~noted.where(Use.saved_at == Post.updated_at)), and_(~has, noted))
    query = select(*columns.POST_COLUMNS).where(lacks).limit(STEP)
    rows = [columns.post_row(one) for one in session.execute(query)]
    if rows:
        record(rows)
    return bool(rows)


def _made(data: bytes, name: str, work: Path) -> dict[str, Any]:
    """Write what is served of a file into a folder ``out``; describe it."""
    out, path = work / "out", PurePosixPath(name)
    out.mkdir()
    slug = addresses.slug_of(path.stem).encode("ascii", "ignore").decode()
    stem, kind = re.sub("-+", "-", slug)[:60].strip("-") or "file", path.suffix[1:].lower()
    if kind not in BEGINS:
        (work / "source").write_bytes(data)
        made = pictures.make(work / "source", out, stem)
    elif re.match(BEGINS[kind], data, re.DOTALL):
        made = {"file": f"{stem}.{kind}"}
        (out / made["file"]).write_bytes(data)
    else:
        made = {"problem": "unknown"}
    if "problem" in made:
        raise Refused(made["problem"])
    file = out / made["file"]
    return {"widths": "", **made, "size": file.stat().st_size, "type": type_of(file.name)}
