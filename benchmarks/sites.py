"""Make the site that is measured: a French article with a thread of replies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from blog import CommentKind, PostKind, PostRow, PostStatus, Status, importing, posts, site
from blog.folder import create
from blog.importing import ImportedComment
from blog.posts import PostDraft

SENTENCE = "Sous le grand arbre du marché, chacun raconte sa journée et les autres répondent. "
START = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def fresh(folder: Path) -> Iterator[site.Site]:
    """Make a site with every bundled plugin on."""
    create(folder, settings={"language": "fr", "title": "La place"}, environ={})
    made = site.Site(folder, environ={})
    made.housekeep()
    yield made
    made.close()


def write(made: site.Site, title: str, comments: int) -> PostRow:
    """Store an article between two others, with comments three deep."""
    with made.context():
        for index, name in enumerate(("Avant", title, "Après")):
            draft = PostDraft(
                title=name,
                body="\n\n".join([SENTENCE * 6] * 6),
                kind=PostKind.POST,
                status=PostStatus.PUBLISHED,
                author="Rédaction",
                published_at=START + timedelta(hours=index),
            )
            stored = posts.save(draft)
            if name == title:
                post = stored
        for first in range(0, comments, 1000):
            with importing.batch() as batch:
                batch.comments("bench", post.id, _talk(first, min(first + 1000, comments)))
        return posts.get(post.id)


def settle(made: site.Site) -> None:
    """Do all that waits, this night's work too: no server does it beside its readers then."""
    made.housekeep()
    made.begin_night()
    while made.work():
        pass


def environment(folder: Path) -> dict[str, str]:
    """Give a server's environment: the site, and no limit to what one network may send.

    Bytecode is kept from one start to the next, as it is where Palabre is installed.
    """
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    return {**os.environ, **bytecode, "BLOG_INSTANCE": str(folder), "BLOG_FLOOD_LIMIT": "1000000"}


def _talk(first: int, last: int) -> list[ImportedComment]:
    return [
        ImportedComment(
            original=str(index),
            parent=str(index - 1) if index % 3 else None,
            number=index + 1,
            author=f"Lectrice {index}",
            email="",
            url="",
            body=SENTENCE * 2,
            status=Status.PUBLISHED,
            kind=CommentKind.COMMENT,
            created_at=START + timedelta(minutes=index),
        )
        for index in range(first, last)
    ]
