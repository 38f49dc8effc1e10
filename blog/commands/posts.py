"""List, write, publish and remove posts from a shell."""

from __future__ import annotations

import os
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, TextIO

import click
from sqlalchemy import select

from blog import columns
from blog import posts as service
from blog.console import Group, Refused, say, show, with_site
from blog.db import session
from blog.models import Post, PostKind, PostStatus
from blog.platform.context import config, generation, hooks
from blog.platform.discovery import find
from blog.platform.listing import unknown
from blog.posts import PostDraft

# Those of bundled plugins are known also while they are off; plugins may bring others.
MARKUPS = ("plain", "html", "markdown", "wordpress")


@click.group(cls=Group)
def posts() -> None:
    """List, write, publish and trash posts and pages."""


@posts.command("list")
@click.option(
    "--status", type=click.Choice([one.value for one in PostStatus]), help="Only these posts."
)
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@with_site
def list_(status: str | None, as_json: bool) -> None:
    """List posts and pages, the latest first."""
    query = select(Post).order_by(Post.published_at.desc(), Post.id.desc())
    if status:
        query = query.where(Post.status == status)
    show([_described(one) for one in session.scalars(query)], as_json=as_json)


@posts.command()
@click.argument("title")
@click.option("--file", type=click.File("r", encoding="utf-8"), help="Read the body; - is stdin.")
@click.option("--body", default="", help="The body, when it is short.")
@click.option(
    "--kind",
    type=click.Choice([one.value for one in PostKind]),
    default="post",
    show_default=True,
    help="A post of the stream, or a page.",
)
@click.option("--slug", default="", help="Its name in the address. Default: made of the title.")
@click.option("--author", default="", help="The name that readers see. Default: none.")
@click.option(
    "--markup",
    default="markdown",
    show_default=True,
    help="How the body is typed: plain, html, markdown, or what a plugin renders.",
)
@click.option("--publish", is_flag=True, help="Publish at once.")
@click.option("--at", help="Publish at this time (ISO 8601, UTC unless it says otherwise).")
@click.option("--position", type=int, help="The place of a page in the menu.")
@click.option("--guard", help="The plugin that says who may read it, such as members.")
@with_site
def new(
    title: str, file: TextIO | None, body: str, publish: bool, at: str | None, **values: Any
) -> None:
    """Write a post; without --publish or --at it stays a draft."""
    _check_markup(values["markup"])
    values["guard"] = _guard(values["guard"])
    draft = PostDraft(
        title=title,
        body=file.read() if file else body,
        kind=PostKind(values.pop("kind")),
        status=PostStatus.PUBLISHED if publish or at else PostStatus.DRAFT,
        published_at=_moment(at),
        **values,
    )
    _tell(service.save(draft).id)


@posts.command()
@click.argument("post", type=int)
@click.option("--title", help="A new title.")
@click.option("--file", type=click.File("r", encoding="utf-8"), help="A new body; - is stdin.")
@click.option("--slug", help="A new name in the address; the old address leads to it.")
@click.option("--guard", help='The plugin that says who may read it; "" opens it for everybody.')
@with_site
def edit(
    post: int, title: str | None, file: TextIO | None, slug: str | None, guard: str | None
) -> None:
    """Change a post; without options its body is opened in $EDITOR."""
    before = _found(post)
    body = before.body
    if file:
        body = file.read()
    elif title is None and slug is None and guard is None:
        typed = click.edit(body, extension=".md") if _has_editor() else None
        if typed is None:
            raise Refused("nothing was changed: save the text in the editor, or give --file")
        body = typed
    draft = draft_of(before, title=title, body=body, slug=slug)
    if guard is not None:
        draft = replace(draft, guard=_guard(guard))
    _tell(service.save(draft, post).id)


@posts.command()
@click.argument("post", type=int)
@with_site
def publish(post: int) -> None:
    """Publish a post."""
    _found(post)
    service.set_status([post], PostStatus.PUBLISHED)
    _tell(post)


@posts.command()
@click.argument("post", type=int)
@with_site
def trash(post: int) -> None:
    """Move a post to the trash."""
    _found(post)
    service.set_status([post], PostStatus.TRASH)
    say(f"post {post} is in the trash")


def draft_of(post: Post, **changes: Any) -> PostDraft:
    """Give a stored post as it would be typed again, with changes."""
    names = {one.name for one in fields(PostDraft)} - {"kind", "status", "extra"}
    values = {name: getattr(post, name) for name in names}
    values |= {name: value for name, value in changes.items() if value is not None}
    kind, status = PostKind(post.kind), PostStatus(post.status)
    return PostDraft(**values, kind=kind, status=status)


def _has_editor() -> bool:
    """Tell whether an editor was named; without a terminal none is guessed, for it would hang."""
    return sys.stdin.isatty() or bool(os.environ.get("VISUAL") or os.environ.get("EDITOR"))


def _check_markup(name: str) -> None:
    """Refuse a markup that nobody renders, which would be shown as plain text."""
    if name not in MARKUPS and hooks.render_body("", name) is None:
        near = get_close_matches(name, MARKUPS, 1)
        mend = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(MARKUPS)}"
        raise Refused(f"nothing renders the markup {name!r}; {mend}")


def _guard(name: str | None) -> str | None:
    """Give the name of a guard; refuse one that nobody has, for it would hide the post for good."""
    known = find(generation().instance)
    if name and name not in known:
        raise Refused(unknown(name, known))
    return name or None


def _found(post_id: int) -> Post:
    found = session.get(Post, post_id)
    if found is None:
        raise Refused(f"there is no post {post_id}: see palabre posts list")
    return found


def _tell(post_id: int) -> None:
    post = session.get_one(Post, post_id, populate_existing=True)
    say(f"post {post.id}: {post.status} {_described(post)['url']}")
    click.echo(post.id)


def _described(post: Post) -> dict[str, Any]:
    base = config().site_url.rstrip("/")
    return {
        "id": post.id,
        "kind": post.kind,
        "slug": post.slug,
        "title": post.title,
        "status": columns.status_now(post.status, post.published_at),
        "published": post.published_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        if post.published_at
        else None,
        "url": base + (post.path or f"/?p={post.id}"),
        "comments": post.comment_count,
    }


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no time, for example 2026-11-24T18:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
