"""Render posts again that were rendered by other plugins than today's."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, or_, select

from blog import markup, posts
from blog.db import session, take_turns, writing
from blog.models import Post
from blog.platform import states
from blog.platform.context import generation

STEP = 10


def finish() -> None:
    """Render, a few posts in each transaction, until every post is of today's plugins.

    Nothing is done while a plugin that is on is left out, which would cost every post what that
    makes of it, nor by a process that cannot build the current generation.
    A post in a markup that nobody knows any more stays as it was rendered.
    """
    renderer = markup.renderer()
    while _is_sound() and _is_any_old(renderer):
        with writing() as write:
            take_turns(write, "rendering")
            found = list(write.scalars(_old_posts(renderer)))
            changed = [one.id for one in found if _is_changed(one, renderer)]
            if changed:
                posts.tell_stored(write, changed)


def _is_sound() -> bool:
    current = generation()
    return not current.failures and current.number == states.current_number()


def _is_any_old(renderer: str) -> bool:
    return session.scalar(select(Post.id).where(_is_old(renderer)).limit(1)) is not None


def _old_posts(renderer: str) -> Select[Post]:
    # Locked where the database can: whoever saves one meanwhile must not get its old text back.
    return select(Post).where(_is_old(renderer)).limit(STEP).with_for_update()


def _is_old(renderer: str) -> ColumnElement[bool]:
    # Both sides of the index, which cannot be searched for what differs.
    return or_(Post.renderer < renderer, Post.renderer > renderer)


def _is_changed(post: Post, renderer: str) -> bool:
    """Render one post; tell whether its HTML is another now."""
    html = markup.render_again(post.body, post.markup)
    post.renderer = renderer
    if html is None or html == post.html:
        return False
    post.html = html
    post.summary = post.excerpt or markup.excerpt_of(html)
    return True
