"""Fetch the files of the old blog that are not here, when its owner asks, and offer what is here.

A job does some and leaves the rest to the next, so that other work goes on between; one that is
taken again after a crash finds what is there already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from html import unescape
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import or_, select

from blog import Job, Leftover, Post, generation, hooks, jobs, outgoing, posts, session, writing

from . import uploads
from .plan import MARKUP
from .urls import FILES, hostname_of, split

PLUGIN, FETCH, OFFER = "wordpress", "fetch", "offer"
PART, MOST_TOLD, STEP_SECONDS = 100, 200, 5.0
BEGINNING: Mapping[str, Any] = {
    "hosts": [],
    "after": [0, 0],
    "counts": {},
    "missed": [],
    "came": False,
}
ODD = re.compile(r"[\\\x00-\x1f\x7f-\x9f]")  # what no plain file has in its name
LARGEST, SECONDS = 32 * 1024 * 1024, 60.0


def lacking() -> Counter[str]:
    """Count by host the files that an import brought and that are not here."""
    return Counter(hostname_of(one) for one in set(_lacking()))


def is_offered() -> bool:
    """Tell whether there is anything to fetch, or what was fetched to be read of."""
    return latest() is not None or any(_lacking())


def is_in(folder: Path) -> bool:
    """Tell whether a folder has any of the attachments that imports named, or they named none."""
    attachments = _rows(0, 0, of_posts=False)
    named = [name for _, (address,), _ in attachments if (name := _name(address))]
    return not named or any((uploads.within(folder) / one).is_file() for one in named)


def begin(hosts: Collection[str] = ()) -> None:
    """Ask for the files of hosts; without any, those that came by an import are offered."""
    _go_on({**BEGINNING, "hosts": list(hosts), "came": not hosts})


def latest() -> Job | None:
    """Give the job that fetches now, or did last."""
    query = select(Job).where(Job.plugin == PLUGIN, Job.job == FETCH).order_by(Job.id.desc())
    return session.scalar(query.limit(1))


def fetch(payload: Mapping[str, Any]) -> None:
    """Fetch and offer for some seconds; at the end, lead the posts to what came, if anything did.

    Without hosts only attachments are looked at: posts name what could be fetched.
    """
    payload = {**BEGINNING, **payload}  # each night there is none
    counts, missed = Counter(payload["counts"]), dict(payload["missed"])
    until, came = monotonic() + STEP_SECONDS, payload["came"] or _was_cut_off()
    for place, addresses, alt in _rows(*payload["after"], of_posts=bool(payload["hosts"])):
        for address in addresses:
            is_asked = hostname_of(address) in payload["hosts"] and address not in missed
            if is_asked and _name(address) and not _here(address):
                outcome = _fetched(address)
                counts[outcome] += 1
                came = came or outcome == "fetched"
                if outcome != "fetched" and len(missed) < MOST_TOLD:
                    missed[address] = outcome
                jobs.tell(counts=dict(counts), missed=list(missed.items()))
        if alt is not None:
            came = _is_taken(addresses[0], alt) or came
        if monotonic() > until:
            said = {"counts": dict(counts), "missed": list(missed.items())}
            _go_on({**payload, **said, "after": place, "came": came})
            return
    if came:
        with writing() as write:
            posts.render_again(write, select(Post.id).where(Post.markup == MARKUP))


def _was_cut_off() -> bool:
    """Tell whether a job is taken again: what came before its end is told by nothing else."""
    is_again = Job.done_at.is_(None), Job.attempts > 1
    is_ours = Job.plugin == PLUGIN, Job.job.in_((FETCH, OFFER))
    return session.scalar(select(Job.id).where(*is_again, *is_ours).limit(1)) is not None


def _lacking() -> Iterator[str]:
    named = (one for _, addresses, _ in _rows(0, 0) for one in addresses)
    return (one for one in named if hostname_of(one) and _name(one) and not _here(one))


def _rows(
    stage: int, after: int, *, of_posts: bool = True
) -> Iterator[tuple[list[int], list[str], str | None]]:
    """Give attachments, then posts: the place of each, the files it names, and words for them.

    Begin behind a place; only attachments have words.
    """
    kinds = (_attachments, _posts) if of_posts else (_attachments,)
    for number, read in list(enumerate(kinds))[stage:]:
        while part := read(after):
            yield from (([number, row], found, alt) for row, found, alt in part)
            after = part[-1][0]
        after = 0


def _attachments(after: int) -> list[tuple[int, list[str], str | None]]:
    query = select(Leftover.id, Leftover.data).where(Leftover.kind == "attachment")
    found = session.execute(query.where(Leftover.id > after).order_by(Leftover.id).limit(PART))
    return [(row, [str(data.get("url") or "")], str(data.get("alt") or "")) for row, data in found]


def _posts(after: int) -> list[tuple[int, list[str], str | None]]:
    """Read what posts name: also smaller pictures than those that are attachments.

    A query asks WordPress.com for a smaller one at the same address.
    """
    named = (Post.html.contains(f"{one}/") for one in (f"/{uploads.FOLDER}", FILES))
    has = Post.markup == MARKUP, or_(*named), Post.id > after
    query = select(Post.id, Post.html).where(*has).order_by(Post.id).limit(PART)
    return [
        (row, [unescape(one).partition("?")[0] for one in uploads.ADDRESS.findall(html)], None)
        for row, html in session.execute(query)
    ]


def _go_on(payload: dict[str, Any]) -> None:
    with writing() as write:
        jobs.add(write, PLUGIN, FETCH if payload["hosts"] else OFFER, payload)


def _is_taken(address: str, alt: str) -> bool:
    """Offer a file of the old blog to plugins, if it is here; tell whether any took it now."""
    file = _here(address)
    if file is None or uploads.is_deleted(file):
        return False
    path = f"/{uploads.FOLDER}/{quote(_name(address))}"
    return any(answer.value for answer in hooks.attachment_here(path, file, alt))


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


def _here(address: str) -> Path | None:
    return uploads.find(generation().instance, _name(address))


def _name(address: str) -> str:
    """Give the name of a file below the folder of uploads; empty for one that is not kept."""
    parts = split(address)
    name = unquote(uploads.name_in(parts)) if parts else ""
    pieces = PurePosixPath(name).parts
    is_odd = ODD.search(name) or any(one.startswith((".", "/")) for one in pieces)
    return "" if is_odd or uploads.type_of(name) is None or len(name) > 200 else name
