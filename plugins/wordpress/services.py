"""Import an export: check all of it, then write it item by item."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from blog import Post, generation, importing, session, settings

from . import bodies, fetching, own, uploads, wxr
from .addresses import digest, key_of, slug_of
from .findings import tell_of_item, tell_of_thread
from .leftovers import leftover_of
from .mapping import published_at, title_of
from .plan import (
    LONGEST_KEY,
    Blog,
    Plan,
    blog_of,
    comment_leftover,
    outline,
    plan_comments,
    plan_post,
    shortened,
)
from .records import Item, Survey
from .report import Line, Named, Report

Tell = Callable[[float], None]
MOST_ROWS = 200
MOST_TEXT = 2_000_000
LONGEST_TITLE = 100
Keyed = tuple[str, Item, list[str]]


class _Undo(Exception):
    """End a transaction without keeping anything of it."""


def run(
    file: BinaryIO, *, folder: Path | None = None, dry: bool = False, tell: Tell = lambda _: None
) -> Report:
    """Import a file, and the pictures of ``folder``; with ``dry`` only say what would come.

    Each item is written with all of its comments in one transaction, so an import that was cut
    off is completed by running it again.
    Raise ``BrokenExport`` before anything is written, ``NoUploads`` where there is no folder.
    """
    watched = cast(BinaryIO, Watched(file, tell))
    survey = wxr.check(watched)
    blog = blog_of(survey, ZoneInfo(settings["core"].timezone), generation().instance)
    report = Report()
    with _step(dry) as batch:
        _keep_channel(batch, survey, blog, report)
    if folder is not None:
        report.merge(uploads.copy(folder, blog.instance, dry=dry))
        if report.count("upload", outcome="copied") and not dry:
            bodies.render_again()
    for items in _parts(_keyed(wxr.items(watched))):
        plans = [_planned(*one, blog) for one in items]
        with _step(dry) as batch:
            part = Report()
            for plan in plans:
                _add(batch, plan, blog, part)
        report.merge(part)
    if not dry:
        _hand_over(blog.source, tell)
        fetching.begin()
    return report


def has_pictures(folder: Path, report: Report) -> bool:
    """Tell whether an import found pictures in a folder, and where the export names them."""
    of_other_type = report.count("upload", note="other type")
    return report.count("upload") > of_other_type and fetching.is_in(folder)


def _hand_over(source: str, tell: Tell) -> None:
    """Offer what was kept, each kind in a write of its own, and say in between that it goes on."""
    for kind in importing.counted(source):
        tell(1.0)
        with importing.batch() as batch:
            batch.hand_over(source, [kind])


class Watched:
    """Read a file twice and tell how far that has come."""

    def __init__(self, file: BinaryIO, tell: Tell) -> None:
        self._file = file
        self._tell = tell
        self._size = max(file.seek(0, os.SEEK_END), 1)
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes."""
        data = self._file.read(size)
        self._done += len(data)
        self._tell(min(self._done / (2 * self._size), 1.0))
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)


@contextmanager
def _step(dry: bool) -> Iterator[importing.Batch]:
    try:
        with importing.batch() as batch:
            yield batch
            if dry:
                raise _Undo
    except _Undo:
        pass


def _keyed(items: Iterable[Item]) -> Iterator[Keyed]:
    """Give each item a key; one whose key another has already gets one of its own words."""
    seen: set[str] = set()
    for item in items:
        key, notes = shortened(key_of(item), LONGEST_KEY), []
        if key in seen:
            notes = ["id of another item"]
            key = digest(key, item.type, item.slug, item.title, item.date, item.body)
        seen.add(key)
        yield key, item, notes


def _parts(keyed: Iterable[Keyed]) -> Iterator[list[Keyed]]:
    """Put small items together, so that a transaction is worth its price and has an end."""
    part: list[Keyed] = []
    rows = size = 0
    for key, item, notes in keyed:
        part.append((key, item, notes))
        rows += 1 + len(item.comments)
        size += len(item.body)
        if rows >= MOST_ROWS or size >= MOST_TEXT:
            yield part
            part, rows, size = [], 0, 0
    if part:
        yield part


def _planned(key: str, item: Item, notes: list[str], blog: Blog) -> Plan:
    """Plan an item before the write begins; what is there already is not rendered again."""
    plan = outline(item, key)
    plan.notes += notes
    if plan.fate.status is None:
        return plan
    known = importing.is_known(blog.source, "post", key)
    if known is not None and not _is_of(known, item, blog):
        plan.key = digest(key, item.type, item.slug, item.title, item.date)
        known = importing.is_known(blog.source, "post", plan.key)
    if known is None and own.here(item):  # the site imports what it exported itself
        plan.thread = plan.thread._replace(replies=[])
        return plan
    plan_comments(plan, blog)
    plan.comments = importing.rendered(blog.source, plan.comments)
    if known is None:
        plan_post(plan, blog)
    return plan


def _is_of(post_id: int, item: Item, blog: Blog) -> bool:
    """Tell whether a post came of an item, or of another blog at the same address.

    Many blogs are at ``localhost``; one that is the same has kept its title, slug or date.
    """
    there = session.get(Post, post_id)
    if there is None:
        return True
    created = published_at(item, blog.zone)
    return (
        there.title == title_of(item) or there.slug == slug_of(item) or there.created_at == created
    )


def _add(batch: importing.Batch, plan: Plan, blog: Blog, report: Report) -> None:
    item = plan.item
    if plan.fate.status is None:
        _leave_out(batch, plan, blog, report)
        return
    if plan.draft is None:
        post_id, path = importing.is_known(blog.source, "post", plan.key) or 0, None
        outcome = "known"
    else:
        post_id, path = batch.post(
            blog.source,
            plan.key,
            plan.draft,
            path=plan.path,
            created_at=plan.created_at,
            updated_at=plan.updated_at,
            html=plan.html,
            former=plan.former,
        )
        outcome = str(plan.draft.status)
        for kind, data in plan.kept.items():
            _keep(batch, blog, kind, plan.key, data, report, post_id)
    with report.about(Named(post_id, title_of(item)[:LONGEST_TITLE], path or "")):
        tell_of_item(plan, report)
        report.add(Line("item", item.type, item.status, outcome, plan.fate.reason))
        if plan.comments:
            _add_comments(batch, plan, blog, post_id, report)


def _leave_out(batch: importing.Batch, plan: Plan, blog: Blog, report: Report) -> None:
    item, reason = plan.item, plan.fate.reason
    outcome = "left out"
    for kind, data in plan.kept.items():
        outcome = "kept" if _keep(batch, blog, kind, plan.key, data, report) else "known"
    tell_of_item(plan, report)
    report.add(Line("item", item.type, item.status, outcome, reason))
    for comment in item.comments:
        note = f"on {item.type or 'no type'}" if plan.kept else f"on {reason}"
        report.add(Line("comment", comment.type or "comment", comment.approved, outcome, note))


def _add_comments(
    batch: importing.Batch, plan: Plan, blog: Blog, post_id: int, report: Report
) -> None:
    added = batch.comments(blog.source, post_id, plan.comments)
    for planned, reply in zip(plan.comments, plan.thread.replies, strict=True):
        new = added.ids.get(planned.original)
        outcome = "known" if new is None else str(planned.status)
        report.add(Line("comment", str(planned.kind), reply.comment.approved, outcome))
        data = comment_leftover(reply.comment)
        if data and new is not None:
            data = {"comment": new, **data}
            _keep(batch, blog, "commentmeta", planned.original, data, report, post_id)
    if added.added:
        tell_of_thread(plan, report, len(added.renumbered))


def _keep_channel(batch: importing.Batch, survey: Survey, blog: Blog, report: Report) -> None:
    """Keep what the blog says of itself, its authors and its terms."""
    channel = survey.channel
    about = {
        "title": channel.title,
        "description": channel.description,
        "language": channel.language,
        "version": channel.version,
        "hosts": sorted(blog.hosts),
        "elements": [leftover_of(one) for one in channel.leftovers],
    }
    _keep(batch, blog, "channel", "channel", about, report)
    for author in channel.authors:
        data = {key: getattr(author, key) for key in ("id", "login", "email", "name")}
        _keep(batch, blog, "author", author.login or author.id, data, report)
    for term in channel.terms:
        told = {key: getattr(term, key) for key in ("id", "taxonomy", "slug", "parent", "name")}
        told |= {"description": term.description, "element": leftover_of(term.element)}
        key = f"{term.taxonomy}:{term.slug or term.name}:{term.id}"
        _keep(batch, blog, "term", key, told, report)
    report.add(Line("file", "", "", "left out", "characters that XML forbids"), survey.removed)


def _keep(
    batch: importing.Batch,
    blog: Blog,
    kind: str,
    key: str,
    data: dict[str, Any],
    report: Report,
    post_id: int | None = None,
) -> bool:
    is_new = batch.leftover(
        blog.source,
        kind,
        shortened(key, LONGEST_KEY),
        data,
        post_id,
        is_new=post_id is not None,
    )
    report.add(Line("leftover", kind, outcome="kept" if is_new else "known"))
    return is_new
