"""Give pages and hooks what they show as frozen rows, never entities."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from blog.models import PostKind, PostStatus
from blog.moderation import CommentKind, Status


class PostRow(NamedTuple):
    """Show one post or page.

    ``path`` is its permalink below the site's address and starts with a slash.
    ``comments_open`` says whether a comment would be taken now.
    ``edit_url`` is filled by the hook ``posts_loaded`` for those who may edit it: what
    ``posts.at``, ``posts.get`` and ``posts.stream`` give has it, but not what ``posts.rows`` gives.
    """

    id: int
    kind: PostKind
    slug: str
    path: str
    title: str
    html: str
    excerpt: str
    author: str
    language: str
    status: PostStatus
    published_at: datetime | None
    updated_at: datetime
    comments_open: bool
    comment_count: int
    identity: str | None = None
    guard: str | None = None
    edit_url: str = ""


class CommentRow(NamedTuple):
    """Show one comment.

    ``number`` is unique in its post and is what addresses carry; ``depth`` counts from 1.
    ``answers`` names the author of the comment that it answers where the nesting cannot show it,
    with ``answers_number`` as its number.
    """

    id: int
    post_id: int
    number: int
    parent_id: int | None
    author: str
    url: str
    html: str
    status: Status
    kind: CommentKind
    created_at: datetime
    identity: str | None = None
    depth: int = 1
    answers: str = ""
    answers_number: int = 0
    edit_url: str = ""


class StatusChange(NamedTuple):
    """Tell that a comment went from one status to another."""

    comment_id: int
    post_id: int
    before: Status
    after: Status


class ThreadPage(NamedTuple):
    """Hold one page of a thread, in the order in which it is read.

    ``next`` is the number of the top-level comment after which the next page begins.
    ``rest`` is the number of the last comment shown of a subtree that was cut.
    ``begins`` is true for the first page.
    """

    comments: list[CommentRow]
    next: int | None = None
    rest: int | None = None
    begins: bool = True


class Cursor(NamedTuple):
    """Say which page of a thread is asked for, by comment numbers; all ``None`` is the first.

    ``after``: the page after this top-level comment and all its replies.
    ``rest``: what follows this comment inside a subtree that was cut.
    ``comment``: the page on which this comment is.
    """

    after: int | None = None
    rest: int | None = None
    comment: int | None = None
