"""Declare every hook of the core; the docstrings are the hook reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from flask import Blueprint
from markupsafe import Markup
from wtforms.fields.core import UnboundField

from blog.drafts import PostDraft
from blog.kinds import Kind, hookspec
from blog.moderation import Draft, Verdict
from blog.parts import Identity, Job, Permission, SignIn
from blog.rows import CommentRow, Cursor, PostRow, StatusChange, ThreadPage

if TYPE_CHECKING:
    FormField = UnboundField[Any]  # generic for checkers alone
else:
    FormField = UnboundField

# What a plugin adds to the site


@hookspec(kind=Kind.COLLECT, since="1.0")
def routes() -> Blueprint:
    """Add addresses to the site.

    Called once when an application is built.
    The blueprint is named like the plugin; its templates and static files are found without
    being declared.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def commands() -> Mapping[str, click.Command]:
    """Add commands to ``palabre``.

    Called once at each start of the command line.
    Keys are the words that call it: ``users``, or ``import wordpress`` for a command in a group.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def jobs() -> Mapping[str, Job]:
    """Name the work that this plugin's rows in the outbox ask for.

    A job is called with its payload, at least once, in a context where ``blog.session`` reads
    and ``blog.writing()`` writes; it must be idempotent.
    One that is wrapped as ``Nightly(function)`` is asked for by the site itself, once a night.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def permissions() -> Sequence[Permission]:
    """Declare permissions that this plugin asks for, so that roles can hold them."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def startup_lines(address: str, command: str) -> Sequence[str]:
    """Say something when a server starts, such as where an owner goes first.

    ``address`` is the blog's, without a slash at its end; ``command`` is how ``palabre`` is
    called for this site.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def catch_up() -> bool:
    """Rebuild a bounded step of this plugin's derived rows.

    Called again and again after the plugin was enabled, after one of its record hooks failed,
    and at start, until it answers ``False``: nothing is left to do.
    Each plugin is asked on its own, inside a write; ``blog.session`` is that write's.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def before_migration(owners: Sequence[str]) -> str | None:
    """Prepare for a change of tables, for example by keeping what is in them.

    ``owners`` names whose tables will change: ``core`` or plugins; not called for the first
    tables of a plugin.
    The tables may be older than the code: ``blog.transfer`` reads them as they are, and
    ``blog.settings`` are there.
    A sentence says why they must not change now, and nothing is migrated.
    ``None`` lets them change, and so does a plugin that fails: catch what it can fail at.
    """


# Who is asking


@hookspec(kind=Kind.FIRST, since="1.0")
def who_is_asking(session: Mapping[str, Any]) -> Identity | None:
    """Tell who sent a request from the signed session cookie.

    Not asked when the request carries no such cookie.
    ``None`` from every plugin means an anonymous reader.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def sign_in(path: str) -> SignIn | None:
    """Tell an anonymous person who asked for what they may not do how to sign in.

    ``path`` is the address that was asked for, with its query, to come back to.
    Who only asked to see a page is sent to the form that the answer names; everybody else gets
    403 with the answer's sentence, or with a general one.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def may_read(posts: Sequence[PostRow]) -> set[int]:
    """Answer which of these posts the person who is asking may read, by id.

    Only the plugin that a post names as its ``guard`` is asked, with all of its posts on the
    page at once.
    A failure or the absence of the guard means none.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def post_refused(post: PostRow) -> PostRow | SignIn | None:
    """Answer at the address of a post that the person who is asking may not read.

    Only the plugin that the post names as its ``guard`` is asked, after ``may_read``; ``post``
    comes without ``html`` and ``excerpt``.
    A ``SignIn`` leads an anonymous person to log in and back: an empty one as ``sign_in`` says.
    A ``PostRow`` is shown in the place of the post: without comments and form, and without what
    other plugins add to posts; its ``html`` is the plugin's own and must be safe.
    ``None``, a failure or the absence of the guard means 404; lists and feeds leave it out.
    """


# Reading


@hookspec(kind=Kind.FILTER, since="1.0")
def posts_loaded(posts: list[PostRow]) -> list[PostRow]:
    """Change the posts that a page is about to show.

    Called once a page with all of them: one for a post, up to a page full for a list.
    """


@hookspec(kind=Kind.FILTER, since="1.0")
def comments_loaded(comments: list[CommentRow], post: PostRow | None) -> list[CommentRow]:
    """Change the comments that a page is about to show.

    Called once a page with all of them.
    ``post`` is ``None`` where comments of several posts are shown together.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def thread_page(post: PostRow, cursor: Cursor, size: int) -> ThreadPage | None:
    """Give one page of a post's published comments, nested.

    ``size`` is the number of comments that a page aims at.
    ``None`` from every plugin means a flat list in the order of their numbers.
    """


@hookspec(kind=Kind.FIRST, since="1.0")
def render_body(source: str, markup: str) -> str | None:
    """Make HTML of a body when it is saved.

    ``markup`` names how it was typed: ``markdown``, ``wordpress``, or ``comment`` for comments.
    The answer is sanitised by the core.
    ``None`` means that this markup is somebody else's; without any answer paragraphs and links
    are made of plain text.
    """


@hookspec(kind=Kind.FILTER, since="1.0")
def body_rendered(html: str, markup: str) -> str:
    """Change the HTML of a post's body when it is saved.

    ``markup`` names how it was typed: ``markdown``, ``html``, ``plain``, ``wordpress``…
    The answer is sanitised by the core: elements and attributes stay as far as bodies may have
    them, and of classes ``highlight``, those that begin with ``hl-`` and a few more.
    When a plugin that renders is turned on or off or has a new version, the core renders posts
    again by itself.
    Bodies of comments do not pass.
    """


# Writing


@hookspec(kind=Kind.RECORD, since="1.0")
def posts_saved(posts: Sequence[PostRow], draft: PostDraft | None) -> None:
    """Write rows of your own about posts, in the transaction that saved them.

    One post with its ``draft`` when it was typed here, which holds in ``extra`` what the fields
    of ``post_form_fields`` held; without when its status was changed, or an import brought many.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def comment_form_fields(post: PostRow) -> Mapping[str, FormField]:
    """Add fields to the comment form.

    Keys are field names that begin with the plugin's name; what was typed arrives in
    ``Draft.extra``, where a field that was not sent at all is missing.
    The fields are shown by the slot ``slot_comment_form``.
    """


@hookspec(kind=Kind.JUDGE, since="1.0")
def check_comment(post: PostRow, draft: Draft) -> Verdict | Sequence[Verdict] | None:
    """Judge a comment before it is stored.

    Every plugin is asked and the most severe verdict stands: publish, hold, spam.
    ``None`` means no opinion.
    A plugin that fails counts as a verdict to hold.
    Called before the write lock is taken: ``blog.session`` reads.
    """


@hookspec(kind=Kind.RECORD, since="1.0")
def comments_stored(comments: Sequence[CommentRow], draft: Draft | None) -> None:
    """Write rows of your own about new comments, in the transaction that stores them.

    One comment with its ``draft`` when it was typed here; many without when an import brought
    them, each after the comment that it answers.
    """


@hookspec(kind=Kind.EVENT, since="1.0")
def comment_submitted(comment: CommentRow, post: PostRow) -> None:
    """Hear of a comment after it was committed, whatever its status."""


@hookspec(kind=Kind.RECORD, since="1.0")
def comments_changed(changes: Sequence[StatusChange]) -> None:
    """Write rows of your own about changes of status, in the transaction that makes them."""


@hookspec(kind=Kind.RECORD, since="1.0")
def import_leftovers(source: str, kind: str) -> None:
    """Take what an import kept because the core has no place for it.

    Called once for each kind of leftover (``term``, ``attachment``, ``commentmeta``…) after an
    import, each in a transaction of its own.
    Read the rows with ``blog.importing.leftovers(source, kind)``.
    """


# Slots: what a plugin shows, and where


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_head(post: PostRow | None) -> Markup:
    """Show in the ``head`` of every page; ``post`` is set on the page of a post."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_header(post: PostRow | None) -> Markup:
    """Show at the end of the header of every page."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_before_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show above the body of a post, on its own page alone: a mapping from the id of a post."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_after_posts(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show below the bodies of posts: a mapping from the id of a post.

    Lists show it only where there is one post on the page.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_list_meta(posts: Sequence[PostRow]) -> Mapping[int, Markup]:
    """Show in the line below each post of a list: a mapping from the id of a post.

    Called once a list with all of its posts; a post's own page shows ``slot_after_posts``.
    """


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_under_comments(comments: Sequence[CommentRow], post: PostRow) -> Mapping[int, Markup]:
    """Show under comments: a mapping from the id of a comment."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_after_thread(post: PostRow, thread: ThreadPage) -> Markup:
    """Show below the comments of a post, where ``thread`` is the page of them that is shown."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_comment_form(post: PostRow, form: Any) -> Markup:
    """Show in the comment form, above its button; ``form`` has the fields that plugins added."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_reply_title(post: PostRow, parent: CommentRow | None) -> Markup:
    """Show in the heading of the comment form, for example a link that cancels a reply."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def slot_footer(post: PostRow | None) -> Markup:
    """Show in the footer of every page."""
