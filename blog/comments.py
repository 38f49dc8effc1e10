"""Read comments, take new ones and moderate them; the only caller of their hooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from blog import identity, markup, posts
from blog.columns import COMMENT_COLUMNS, POST_COLUMNS, P, comment_row, post_row, visible
from blog.db import now, session, take_turns, writing
from blog.language import gettext as _
from blog.models import Comment, Post
from blog.moderation import Action, Draft, Judgement, Reason, Status
from blog.platform.context import config, generation, hooks
from blog.platform.states import mark_behind
from blog.posts import PostNotFound
from blog.rows import CommentRow, Cursor, PostRow, StatusChange, ThreadPage

LENGTH = 65_525
RESENT = timedelta(hours=1)
FLOOD_WINDOW = timedelta(minutes=10)


class CommentNotFound(LookupError):
    """There is no such comment."""


class CommentsClosed(PermissionError):
    """The post takes no comments any more."""


class ParentGone(LookupError):
    """The comment that this one answers is missing, held or removed."""


class SaidBefore(ValueError):
    """The same was said here before, too long ago to be a form sent twice."""


class TooMany(RuntimeError):
    """One network sends more comments than people do; try again after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"try again in {seconds} seconds")


class Saved(NamedTuple):
    """Hold a comment that was stored, or the one that an equal form stored before."""

    comment: CommentRow
    is_new: bool = True


# Reading


def page(post: PostRow, cursor: Cursor) -> ThreadPage:
    """Give one page of a post's published comments: nested by a plugin, else a flat list."""
    size = config().comments_per_page
    found = hooks.thread_page(post, cursor, size) or _flat(post, cursor, size)
    return found._replace(comments=hooks.comments_loaded(found.comments, post))


def get(comment_id: int) -> CommentRow:
    """Find a comment of any status by its id; raise ``CommentNotFound``."""
    return _one(Comment.id == comment_id)


def numbered(post: PostRow, number: int) -> CommentRow:
    """Find a comment of any status by its number in a post; raise ``CommentNotFound``."""
    if not 0 < number < 2**31:
        raise CommentNotFound(f"no comment {number}")
    return _one((Comment.post_id == post.id) & (Comment.number == number))


def parent_of(post: PostRow, number: int) -> CommentRow:
    """Find the published comment that a reply answers; raise ``ParentGone``."""
    try:
        parent = numbered(post, number)
    except CommentNotFound:
        raise ParentGone(f"comment {number} is not there") from None
    if parent.status is not Status.PUBLISHED:
        raise ParentGone(f"comment {number} cannot be answered")
    return parent


def latest(size: int, post: PostRow | None = None) -> list[tuple[CommentRow, PostRow]]:
    """Give the latest published comments, of one post or of all that the asker may read."""
    query = select(*COMMENT_COLUMNS).where(Comment.status == Status.PUBLISHED).limit(size)
    if post is not None:
        query = query.where(Comment.post_id == post.id).order_by(Comment.number.desc())
    else:
        here = select(P.id).where(P.id == Comment.post_id, visible())
        query = query.where(here.exists()).order_by(Comment.created_at.desc(), Comment.id.desc())
    found = hooks.comments_loaded([comment_row(one) for one in session.execute(query)], post)
    of = {post.id: post} if post else posts.rows(one.post_id for one in found)
    return [(one, of[one.post_id]) for one in found if one.post_id in of]


def listed(comment_ids: Sequence[int]) -> list[CommentRow]:
    """Give comments for a list that a plugin makes: the published ones, in this order.

    Show none whose post the asker may not see: ask ``posts.listed`` for those.
    """
    query = select(*COMMENT_COLUMNS).where(Comment.id.in_(comment_ids))
    found = session.execute(query.where(Comment.status == Status.PUBLISHED)) if comment_ids else ()
    rows = {one.id: one for one in map(comment_row, found)}
    shown = [rows[one] for one in comment_ids if one in rows]
    return hooks.comments_loaded(shown, None) if shown else []


def counts() -> dict[Status, int]:
    """Count the comments of each status."""
    query = select(Comment.status, func.count()).group_by(Comment.status)
    found = dict(session.execute(query).all())
    return {status: found.get(status, 0) for status in Status}


# Taking


def submit(post: PostRow, draft: Draft) -> Saved:
    """Check, judge and store a comment, then tell the plugins.

    Raise ``CommentsClosed``, ``ParentGone``, ``SaidBefore``, ``TooMany`` or ``PostNotFound``;
    an equal form sent again within an hour gives the comment that is there.
    """
    digest = _digest(draft)
    before = _check(session, post, draft, digest)
    if before is not None:
        return before
    html = markup.render_comment(draft.body)
    judgement = judge(post, draft)
    try:
        with writing() as write:
            take_turns(write, f"comments of {draft.sender}")
            before = _check(write, post, draft, digest)
            if before is not None:
                return before
            row = _insert(write, post, draft, html, digest, judgement)
            mark_behind(write, hooks.comments_stored([row], draft))
    except IntegrityError:
        before = _check(session, post, draft, digest)
        if before is None:
            raise
        return before
    hooks.comment_submitted(row, post)
    return Saved(row)


def judge(post: PostRow, draft: Draft) -> Judgement:
    """Ask every judge; the most severe verdict stands, and without any the site's own rule."""
    answers = hooks.check_comment(post, draft)
    reasons = [
        Reason(
            answer.plugin,
            answer.value.action.name.lower(),
            answer.value.reason,
            answer.value.weight,
        )
        for answer in answers
    ]
    actions = [answer.value.action for answer in answers]
    worst = max(actions, default=Action.PUBLISH)
    if draft.trusted:
        return Judgement(Status.PUBLISHED, tuple(reasons))
    missing = sorted(generation().failures)
    if missing:  # one of them might have judged: what is not judged is not published
        names = ", ".join(missing)
        reasons.append(Reason("core", "hold", _("left out: %(names)s", names=names), 1.0))
    elif not actions and not config().comments_publish:
        reasons.append(Reason("core", "hold", _("every comment is looked at first"), 1.0))
    if any(one.plugin == "core" for one in reasons):
        worst = max(worst, Action.HOLD)
    status = {
        Action.PUBLISH: Status.PUBLISHED,
        Action.HOLD: Status.PENDING,
        Action.SPAM: Status.SPAM,
    }[worst]
    return Judgement(status, tuple(reasons))


# Moderating


def set_status(comment_ids: Iterable[int], status: Status) -> list[StatusChange]:
    """Change the status of comments; those that have it already are left alone."""
    return set_statuses(dict.fromkeys(comment_ids, status))


def set_statuses(wanted: dict[int, Status]) -> list[StatusChange]:
    """Change the status of each comment to the one wanted, in one transaction."""
    changes: list[StatusChange] = []
    with writing() as write:
        query = select(Comment.id, Comment.post_id, Comment.status).where(
            Comment.id.in_(list(wanted))
        )
        query = query.order_by(Comment.id).with_for_update()  # two moderators count once
        for comment_id, post_id, status in write.execute(query):
            if status != wanted[comment_id]:
                changes.append(
                    StatusChange(comment_id, post_id, Status(status), wanted[comment_id])
                )
        for change in changes:
            write.execute(
                update(Comment).where(Comment.id == change.comment_id).values(status=change.after)
            )
        _count(write, {change.post_id for change in changes}, changes)
        if changes:
            mark_behind(write, hooks.comments_changed(changes))
    return changes


def remove(comment_ids: Sequence[int]) -> int:
    """Delete comments in the trash or in spam for good; answer how many."""
    gone = (Status.TRASH, Status.SPAM)
    with writing() as write:
        result = write.execute(
            delete(Comment).where(Comment.id.in_(comment_ids), Comment.status.in_(gone))
        )
        return int(result.rowcount)  # type: ignore[attr-defined]


def _one(condition: ColumnElement[bool]) -> CommentRow:
    found = session.execute(select(*COMMENT_COLUMNS).where(condition)).one_or_none()
    if found is None:
        raise CommentNotFound("no such comment")
    return comment_row(found)


def _flat(post: PostRow, cursor: Cursor, size: int) -> ThreadPage:
    start = cursor.after or cursor.rest or 0
    first = Comment.number > start
    if cursor.comment is not None:
        first = Comment.number >= cursor.comment
    query = (
        select(*COMMENT_COLUMNS)
        .where(Comment.post_id == post.id, Comment.status == Status.PUBLISHED, first)
        .order_by(Comment.number)
        .limit(size + 1)
    )
    found = [comment_row(one) for one in session.execute(query)]
    following = found[size - 1].number if len(found) > size else None
    return ThreadPage(found[:size], following, None, start == 0 and cursor.comment is None)


def _check(read: Session, post: PostRow, draft: Draft, digest: str) -> Saved | None:
    """Refuse what cannot be taken; give the comment that an equal form stored before."""
    twin = read.execute(
        select(*COMMENT_COLUMNS).where(Comment.post_id == post.id, Comment.digest == digest)
    ).one_or_none()
    if twin is not None:
        row = comment_row(twin)
        if now() - row.created_at < RESENT and row.status is not Status.TRASH:
            return Saved(row, is_new=False)
        raise SaidBefore("the same was said here before")
    still = read.execute(select(*POST_COLUMNS).where(Post.id == post.id)).one_or_none()
    if still is None or not _is_there(post_row(still)):
        raise PostNotFound("the post was withdrawn")
    if not post_row(still).comments_open:
        raise CommentsClosed("comments are closed")
    if draft.parent is not None:
        _parent(read, post, draft.parent)
    if draft.sender and not draft.trusted:
        _refuse_flood(read, draft.sender)
    return None


def _is_there(post: PostRow) -> bool:
    return posts.is_live(post) or identity.may(identity.READ_PRIVATE)


def _parent(read: Session, post: PostRow, number: int) -> int:
    query = select(Comment.id).where(
        Comment.post_id == post.id,
        Comment.number == number,
        Comment.status == Status.PUBLISHED,
    )
    parent_id = read.scalar(query) if 0 < number < 2**31 else None
    if parent_id is None:
        raise ParentGone(f"comment {number} cannot be answered")
    return parent_id


def _refuse_flood(read: Session, sender: str) -> None:
    recent = (Comment.sender == sender, Comment.created_at > now() - FLOOD_WINDOW)
    sent = read.scalar(select(func.count()).select_from(Comment).where(*recent)) or 0
    if sent >= config().flood_limit:
        raise TooMany(int(FLOOD_WINDOW.total_seconds()))


def _insert(
    write: Session, post: PostRow, draft: Draft, html: str, digest: str, judgement: Judgement
) -> CommentRow:
    number = write.scalar(
        update(Post)
        .where(Post.id == post.id)
        .values(
            last_number=Post.last_number + 1,
            comment_count=Post.comment_count + int(judgement.status is Status.PUBLISHED),
        )
        .returning(Post.last_number)
    )
    comment = Comment(
        post_id=post.id,
        number=number,
        parent_id=None if draft.parent is None else _parent(write, post, draft.parent),
        status=judgement.status,
        author=draft.author,
        email=draft.email,
        url=draft.url,
        body=draft.body,
        html=html,
        sender=draft.sender,
        identity=draft.identity,
        digest=digest,
        reasons=[one.stored() for one in judgement.reasons],
    )
    write.add(comment)
    write.flush()
    return comment_row([getattr(comment, one.key) for one in COMMENT_COLUMNS])


def _count(write: Session, post_ids: set[int], changes: Sequence[StatusChange]) -> None:
    for post_id in sorted(post_ids):
        step = sum(
            (one.after is Status.PUBLISHED) - (one.before is Status.PUBLISHED)
            for one in changes
            if one.post_id == post_id
        )
        if step:
            write.execute(
                update(Post)
                .where(Post.id == post_id)
                .values(comment_count=Post.comment_count + step)
            )


def _digest(draft: Draft) -> str:
    parts = (draft.parent or 0, draft.author, draft.body, draft.sender, draft.identity or "")
    return sha256("\x00".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:32]
