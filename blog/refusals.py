"""Answer for a post that its guard keeps from who asks: log in, a teaser, or nothing."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from blog import errors, posts
from blog.models import PostKind
from blog.parts import SignIn
from blog.platform.context import generation
from blog.rows import PostRow
from blog.templating import render


def answer(refused: posts.PostRefused) -> ResponseReturnValue:
    """Show what the guard of a post says to whoever may not read it; without an answer a 404."""
    post = refused.post
    empty = post._replace(html="", excerpt="")  # so that an answer cannot show them by mistake
    said = generation().table.ask(post.guard or "", "post_refused", empty)
    if isinstance(said, SignIn):
        return errors.lead(said)
    if isinstance(said, PostRow):
        return _teaser(post, said)
    return errors.page(404)


def _teaser(post: PostRow, said: PostRow) -> str:
    """Show a teaser in the place of a post, with no comments, no form and no plugin's additions.

    Other plugins are not asked what goes around it: they would show what belongs to the post.
    """
    said = said._replace(
        id=post.id, kind=post.kind, path=post.path, comments_open=False, comment_count=0
    )
    neighbours = posts.neighbours(post)
    return render(
        "post.html",
        post=said,
        around={"before": {}, "after": {}},
        neighbours=neighbours,
        menu=neighbours.menu,
        talk="",
        notice="",
        body_class="page" if post.kind is PostKind.PAGE else "single",
        is_excerpt=False,
    )
