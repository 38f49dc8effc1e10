"""Give a new site something to see: a post with a thread three deep, gone in one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from blog import comments, identity, posts
from blog.db import session, writing
from blog.language import gettext as _
from blog.models import Post, PostStatus, StoredSettings
from blog.moderation import Draft
from blog.parts import Identity
from blog.platform.context import config
from blog.posts import PostDraft

if TYPE_CHECKING:
    from blog.site import Site

OWNER = "welcome"
HOST = Identity("", "Palabre", frozenset(one.name for one in identity.PERMISSIONS))


def say_welcome(site: Site) -> None:
    """Write the welcome post in the site's language."""
    site.housekeep()
    with site.context():
        say()
    site.housekeep()


def say() -> None:
    """Write the welcome post in the language of this context."""
    with identity.acting_as(HOST):
        draft = PostDraft(
            title=_("Welcome under the tree"),
            body=_body(),
            status=PostStatus.PUBLISHED,
            author="Palabre",
            language=config().language,
        )
        post = posts.save(draft)
        number = None
        for author, text in _talk():
            said = comments.submit(post, Draft(text, author, parent=number, trusted=True))
            number = said.comment.number
        with writing() as write:
            write.merge(StoredSettings(owner=OWNER, data={"post": post.id}))


def say_again() -> None:
    """Write the welcome post anew, in the language of this context, unless somebody answered it."""
    post_id = example()
    said = session.scalar(select(Post.last_number).where(Post.id == post_id))
    if said == len(_talk()):
        remove()
        say()


def example() -> int | None:
    """Give the id of the welcome post while it is there."""
    row = session.get(StoredSettings, OWNER)
    post_id = row.data.get("post") if row else None
    there = session.scalar(select(Post.id).where(Post.id == post_id, Post.status != "trash"))
    return int(there) if there is not None else None


def remove() -> None:
    """Remove the welcome post with its thread."""
    post_id = example()
    if post_id is not None:
        posts.set_status([post_id], PostStatus.TRASH)
        posts.delete([post_id])


def _body() -> str:
    return "\n\n".join(
        (
            _(
                "A palabre is the talk under the village tree: somebody tells something,"
                " others answer, and an answer can be answered in turn."
            ),
            _("This page is an example, so that you see at once what works:"),
            "\n".join(
                (
                    "- " + _("below are comments, three levels deep, with a link to answer each;"),
                    "- "
                    + _("the form takes a comment, and you decide in the admin what is shown;"),
                    "- "
                    + _("posts are typed in Markdown: **bold**, *italic*, lists, quotes, links."),
                )
            ),
            "> " + _("When you have seen enough, the admin removes this example in one click."),
        )
    )


def _talk() -> list[tuple[str, str]]:
    return [
        ("Afi", _("So this is where we sit. Is there room for everyone?")),
        ("Kodjo", _("There is. And nobody has to give a name or an address to speak.")),
        ("Afi", _("Then I answer you, you answer me, and we can still see who speaks to whom.")),
    ]
