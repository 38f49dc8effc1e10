"""Render the bodies of WordPress, and again when pictures come."""

from __future__ import annotations

from sqlalchemy import select, update

from blog import Leftover, Post, generation, markup, session, writing

from . import text, uploads
from .plan import COMMENT_MARKUP, MARKUP

PAGE = 100


def render(source: str, name: str) -> str | None:
    """Render a body of WordPress, with pictures that were copied; ``None`` for other markups."""
    if name == COMMENT_MARKUP:
        return text.render_comment(source)
    if name != MARKUP:
        return None
    made = text.render(source).html
    if not uploads.is_in(made):
        return made
    return uploads.localise(made, hosts(), generation().instance)


def hosts() -> set[str]:
    """Name the hosts of every blog that was imported."""
    query = select(Leftover.data).where(Leftover.kind == "channel")
    return {host for data in session.scalars(query) for host in data.get("hosts", ())}


def render_again() -> int:
    """Render every body of WordPress anew, because pictures came; give how many changed."""
    changed = last = 0
    while True:
        query = select(Post.id, Post.body, Post.html).where(Post.markup == MARKUP, Post.id > last)
        found = session.execute(query.order_by(Post.id).limit(PAGE)).all()
        if not found:
            return changed
        last = found[-1].id
        made = {one.id: markup.render(one.body, MARKUP) for one in found}
        new = {one.id: made[one.id] for one in found if made[one.id] != one.html}
        if new:
            with writing() as write:
                for post_id, html in new.items():
                    write.execute(update(Post).where(Post.id == post_id).values(html=html))
        changed += len(new)
