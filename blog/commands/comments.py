"""List and moderate comments from a shell."""

from __future__ import annotations

import click
from sqlalchemy import select

from blog import comments as service
from blog.console import Group, Refused, say, show, with_site
from blog.db import session
from blog.models import Comment
from blog.moderation import Status

IDS = click.argument("ids", type=int, nargs=-1, required=True)


@click.group(cls=Group)
def comments() -> None:
    """List, approve, file and trash comments."""


@comments.command("list")
@click.option("--status", type=click.Choice([one.value for one in Status]))
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@with_site
def list_(status: str | None, as_json: bool) -> None:
    """List comments of every status, the latest first."""
    query = select(
        Comment.id,
        Comment.number,
        Comment.post_id.label("post"),
        Comment.parent_id.label("parent"),
        Comment.author,
        Comment.status,
        Comment.kind,
        Comment.created_at.label("created"),
    ).order_by(Comment.id.desc())
    if status:
        query = query.where(Comment.status == status)
    rows = [dict(one) for one in session.execute(query).mappings()]
    show(
        [{**one, "created": f"{one['created']:%Y-%m-%dT%H:%M:%SZ}"} for one in rows],
        as_json=as_json,
    )


@comments.command()
@IDS
@with_site
def approve(ids: tuple[int, ...]) -> None:
    """Publish comments."""
    _move(ids, Status.PUBLISHED)


@comments.command()
@IDS
@with_site
def spam(ids: tuple[int, ...]) -> None:
    """File comments as spam."""
    _move(ids, Status.SPAM)


@comments.command()
@IDS
@with_site
def trash(ids: tuple[int, ...]) -> None:
    """Move comments to the trash."""
    _move(ids, Status.TRASH)


def _move(ids: tuple[int, ...], status: Status) -> None:
    known = set(session.scalars(select(Comment.id).where(Comment.id.in_(ids))))
    missing = sorted(set(ids) - known)
    if missing:
        raise Refused(
            f"there is no comment {', '.join(map(str, missing))}: see palabre comments list"
        )
    changed = service.set_status(ids, status)
    say(f"{len(changed)} of {len(known)} changed to {status}")
