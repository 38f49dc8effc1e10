"""Take what another system wrote: rows, their numbers, and what has no place here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from blog import columns, markup, posts
from blog.db import session, writing
from blog.models import Comment, FormerAddress, Imported, Leftover, Post
from blog.moderation import CommentKind, Status
from blog.platform.context import hooks
from blog.platform.states import mark_behind
from blog.posts import PostDraft

NUMBERS = 2**31 - 1
PART = 1000
LEFTOVERS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedComment:
    """Hold a comment of another system.

    ``original`` is its id there and ``parent`` that of the one it answers; each comment comes
    after its parent.
    ``html`` is made by ``rendered``; where it is missing, it is made inside the write.
    """

    original: str
    parent: str | None
    number: int
    author: str
    email: str
    url: str
    body: str
    status: Status
    kind: CommentKind
    created_at: datetime
    sender: str = ""
    markup: str = "comment"
    html: str | None = None
    identity: str | None = None
    reasons: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class AddedComments:
    """Tell what became of the comments of a post; ``ids`` are those of the new ones."""

    added: int = 0
    known: int = 0
    renumbered: tuple[tuple[str, int, int], ...] = ()
    ids: Mapping[str, int] = field(default_factory=dict)


def is_known(source: str, kind: str, original: str) -> int | None:
    """Give the id of the row that an original became; ``None`` when it is new."""
    return session.scalar(
        select(Imported.row_id).where(
            Imported.source == source, Imported.kind == kind, Imported.original == original
        )
    )


def rendered(source: str, found: Sequence[ImportedComment]) -> list[ImportedComment]:
    """Render the comments that are new, before the write begins: readers' comments wait for it."""
    known = _known(session, source, "comment", [one.original for one in found])
    return [
        one
        if one.original in known or one.html is not None
        else replace(one, html=markup.render_comment(one.body, one.markup))
        for one in found
    ]


@contextmanager
def batch() -> Iterator[Batch]:
    """Write a part of an import in one transaction."""
    with writing() as write:
        made = Batch(write)
        yield made
        made.finish()


class Batch:
    """Add what belongs together; nothing of it stays when something fails."""

    def __init__(self, write: Session) -> None:
        self._write = write
        self._posts: list[int] = []

    def finish(self) -> None:
        """Tell the hooks of the new posts, all at once."""
        if self._posts:
            posts.tell_stored(self._write, self._posts)
        self._posts = []

    def post(
        self,
        source: str,
        original: str,
        draft: PostDraft,
        *,
        path: str | None,
        created_at: datetime | None,
        updated_at: datetime | None,
        html: str | None = None,
        former: Iterable[str] = (),
    ) -> tuple[int, str | None]:
        """Add a post with its own address; give its id and the address, or its one before.

        A path that is taken here is replaced by one of the site's pattern.
        """
        known = self._row(source, "post", original)
        if known is not None:
            return known, self._write.scalar(select(Post.path).where(Post.id == known))
        post = posts.insert(
            self._write,
            draft,
            markup.render(draft.body, draft.markup)
            if html is None
            else markup.finish(html, draft.markup),
            path=path,
            created_at=created_at,
            updated_at=updated_at,
        )
        for address in former:
            if self._write.get(FormerAddress, address) is None:
                self._write.add(FormerAddress(path=address, post_id=post.id))
        self._remember(source, "post", original, post.id)
        self._posts.append(post.id)
        return post.id, post.path

    def comments(
        self, source: str, post_id: int, found: Sequence[ImportedComment]
    ) -> AddedComments:
        """Add comments to a post; each keeps its number unless the post has it already."""
        known = _known(self._write, source, "comment", [one.original for one in found])
        if self._write.get(Post, post_id) is None:  # it was deleted here, and stays so
            return AddedComments(0, len(known))
        new = [one for one in found if one.original not in known]
        if not new:
            return AddedComments(0, len(found))
        taken = set(self._write.scalars(select(Comment.number).where(Comment.post_id == post_id)))
        last = max(taken | {one.number for one in new if 0 < one.number <= NUMBERS}, default=0)
        renumbered, rows = [], {}
        for one in new:
            number = one.number
            if number in taken or not 0 < number <= NUMBERS:
                last += 1
                number = last
                renumbered.append((one.original, one.number, number))
            taken.add(number)
            rows[one.original] = _comment(post_id, one, number)
        parents = {one.original: one.parent for one in new if one.parent is not None}
        self._insert(rows, parents, self._alive(known))
        ids = {original: row.id for original, row in rows.items()}
        for original, row_id in ids.items():
            self._remember(source, "comment", original, row_id)
        self._finish(post_id, last, list(rows.values()))
        return AddedComments(len(rows), len(found) - len(new), tuple(renumbered), ids)

    def leftover(
        self,
        source: str,
        kind: str,
        original: str,
        data: Mapping[str, Any],
        post_id: int | None = None,
        *,
        is_new: bool = False,
    ) -> bool:
        """Keep raw what the core has no place for; ``False`` when it is kept already.

        ``is_new`` says that it belongs to a row that this batch added, so nobody needs to look.
        """
        there = select(Leftover.id).where(
            Leftover.source == source, Leftover.kind == kind, Leftover.original == original
        )
        if not is_new and self._write.scalar(there) is not None:
            return False
        self._write.add(
            Leftover(source=source, kind=kind, original=original, data=dict(data), post_id=post_id)
        )
        return True

    def hand_over(self, source: str, kinds: Iterable[str]) -> None:
        """Offer what was kept to the plugins, kind by kind."""
        self.finish()
        self._write.flush()
        for kind in kinds:
            mark_behind(self._write, hooks.import_leftovers(source, kind))

    def _insert(
        self, rows: Mapping[str, Comment], parents: Mapping[str, str], ids: dict[str, int]
    ) -> None:
        """Insert comments level by level, since a reply needs the id of what it answers."""
        waiting = dict(rows)
        while waiting:
            level = {
                original: row
                for original, row in waiting.items()
                if parents.get(original) not in waiting
            }
            for original, row in level.items():
                row.parent_id = ids.get(parents.get(original, ""))
            self._write.add_all(level.values())
            self._write.flush()
            ids |= {original: row.id for original, row in level.items()}
            waiting = {key: row for key, row in waiting.items() if key not in level}

    def _finish(self, post_id: int, last: int, added: Sequence[Comment]) -> None:
        published = select(func.count()).where(
            Comment.post_id == post_id, Comment.status == Status.PUBLISHED
        )
        self._write.execute(
            update(Post)
            .where(Post.id == post_id)
            .values(
                comment_count=published.scalar_subquery(),
                last_number=func.coalesce(
                    select(func.max(Comment.number))
                    .where(Comment.post_id == post_id)
                    .scalar_subquery(),
                    last,
                ),
            )
        )
        rows = [
            columns.comment_row([getattr(one, column.key) for column in columns.COMMENT_COLUMNS])
            for one in added
        ]
        mark_behind(self._write, hooks.comments_stored(rows, None))

    def _row(self, source: str, kind: str, original: str) -> int | None:
        found = self._write.get(Imported, (source, kind, original))
        return found.row_id if found else None

    def _alive(self, known: Mapping[str, int]) -> dict[str, int]:
        """Leave out the comments that were deleted here since they were imported."""
        alive: set[int] = set()
        for part in _parts(list(known.values())):
            alive.update(self._write.scalars(select(Comment.id).where(Comment.id.in_(part))))
        return {original: row for original, row in known.items() if row in alive}

    def _remember(self, source: str, kind: str, original: str, row_id: int) -> None:
        self._write.add(Imported(source=source, kind=kind, original=original, row_id=row_id))


def leftovers(source: str, kind: str) -> Iterator[Leftover]:
    """Give what an import kept of one kind, in parts, so that never all of it is in memory."""
    query = select(Leftover).where(Leftover.source == source, Leftover.kind == kind)
    last = 0
    while True:
        next_ones = query.where(Leftover.id > last).order_by(Leftover.id).limit(LEFTOVERS)
        part = list(session.scalars(next_ones))
        yield from part
        if len(part) < LEFTOVERS:
            return
        last = part[-1].id


def counted(source: str) -> dict[str, int]:
    """Count what an import kept, by kind."""
    query = (
        select(Leftover.kind, func.count())
        .where(Leftover.source == source)
        .group_by(Leftover.kind)
        .order_by(Leftover.kind)
    )
    return dict(session.execute(query).all())


def _known(session: Session, source: str, kind: str, originals: Sequence[str]) -> dict[str, int]:
    query = select(Imported.original, Imported.row_id).where(
        Imported.source == source, Imported.kind == kind
    )
    found: dict[str, int] = {}
    for part in _parts(originals):
        rows = session.execute(query.where(Imported.original.in_(part)))
        found |= {original: row or 0 for original, row in rows}
    return found


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a list to what a statement may carry."""
    return (values[start : start + PART] for start in range(0, len(values), PART))


def _comment(post_id: int, one: ImportedComment, number: int) -> Comment:
    return Comment(
        post_id=post_id,
        number=number,
        kind=one.kind,
        status=one.status,
        author=one.author[:245],
        email=one.email[:100],
        url=one.url,
        body=one.body,
        html=markup.render_comment(one.body, one.markup) if one.html is None else one.html,
        created_at=one.created_at,
        sender=one.sender,
        identity=one.identity,
        reasons=[dict(each) for each in one.reasons],
    )
