"""Fetch the files of the old blog that are not here, when its owner asks.

Each job fetches some and leaves the rest to another, so that other work goes on between; one that
is taken again after a crash finds what is there already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from sqlalchemy import select

from blog import Job, Leftover, Post, generation, jobs, outgoing, posts, session, writing

from . import uploads
from .plan import MARKUP
from .urls import split

PLUGIN, JOB = "wordpress", "fetch"
STEP, MOST_TOLD = 10, 200
LARGEST, SECONDS = 32 * 1024 * 1024, 60.0


def lacking() -> dict[str, list[str]]:
    """Give by host the addresses of files that an import brought and that are not here."""
    found: dict[str, list[str]] = {}
    for address in dict.fromkeys(_named()):
        parts = split(address)
        if parts and parts.hostname and _name(address) and not _is_here(address):
            found.setdefault(parts.hostname, []).append(address)
    return found


def begin(addresses: list[str]) -> None:
    """Ask for files."""
    with writing() as write:
        jobs.add(write, PLUGIN, JOB, {"todo": addresses, "counts": {}, "missed": []})


def latest() -> Job | None:
    """Give the job that fetches now, or did last."""
    query = select(Job).where(Job.plugin == PLUGIN, Job.job == JOB).order_by(Job.id.desc())
    return session.scalar(query.limit(1))


def fetch(payload: Mapping[str, Any]) -> None:
    """Fetch the next files; when there are no more, lead the posts to them."""
    counts, missed = Counter(payload["counts"]), list(payload["missed"])
    for address in payload["todo"][:STEP]:
        outcome = "known" if _is_here(address) else _fetched(address)
        counts[outcome] += 1
        if outcome not in ("known", "fetched") and len(missed) < MOST_TOLD:
            missed.append([address, outcome])
        jobs.tell(counts=dict(counts), missed=missed)
    rest = payload["todo"][STEP:]
    with writing() as write:
        if rest:
            jobs.add(write, PLUGIN, JOB, {"todo": rest, "counts": dict(counts), "missed": missed})
        else:
            posts.render_again(write, select(Post.id).where(Post.markup == MARKUP))


def _named() -> Iterator[str]:
    """Give the addresses of attachments, and those of smaller pictures that posts show."""
    for data in session.scalars(select(Leftover.data).where(Leftover.kind == "attachment")):
        yield str(data.get("url") or "")
    has = Post.html.contains(f"/{uploads.FOLDER}/")
    for html in session.scalars(select(Post.html).where(Post.markup == MARKUP, has)):
        yield from (unescape(one) for one in uploads.ADDRESS.findall(html))


def _fetched(address: str) -> str:
    """Fetch one file; say in a word what became of it."""
    name = _name(address)
    try:
        answer = outgoing.fetch(address, size=LARGEST, seconds=SECONDS)
        kind = answer.headers.get("content-type", "").partition(";")[0]
        wanted = (uploads.type_of(name) or "").partition("/")[0]
        if not answer.ok or (wanted == "image" and not kind.startswith("image/")):
            return "missing"  # many a server answers with a page that says so
        uploads.keep(answer.body, generation().instance, name)
    except outgoing.HostNotDeclared:
        return "host"
    except outgoing.TooLarge:
        return "large"
    except (outgoing.Failed, OSError):  # no disk takes every name
        return "unreached"
    return "fetched"


def _is_here(address: str) -> bool:
    return uploads.find(generation().instance, _name(address)) is not None


def _name(address: str) -> str:
    """Give the name of a file below the folder of uploads; empty for one that is not kept."""
    parts = split(address)
    name = unquote(parts.path.partition(f"/{uploads.FOLDER}/")[2]) if parts else ""
    pieces = PurePosixPath(name).parts
    is_odd = "\\" in name or "\0" in name or any(one.startswith((".", "/")) for one in pieces)
    return "" if is_odd or uploads.type_of(name) is None or len(name) > 200 else name
