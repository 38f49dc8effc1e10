"""Give posts their slugs and addresses, and keep the old ones leading there."""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from blog.db import now
from blog.models import FormerAddress, Post, PostKind
from blog.platform import routes
from blog.platform.context import config, generation

SLUG_LENGTH = 200
# How addresses begin that the core and the bundled plugins answer, also while those are off; a
# test compares them with a running application.
RESERVED = frozenset(
    "admin assets comments comments.atom favicon.ico feed feed.atom feeds login logout media"
    " opengraph opensearch.xml robots.txt search setup sitemap.xml sitemap_index.xml trial wp-admin"
    " wp-atom.php wp-commentsrss2.php wp-content wp-login.php wp-rss2.php wp-sitemap.xml".split()
)
ARCHIVE = re.compile(r"/\d{4}(/\d\d(/\d\d)?)?/?")
MOST_TRIES = 100


class AddressTaken(ValueError):
    """Another post has this address already."""


def slug_of(text: str) -> str:
    """Make a slug of a title: letters and digits of any script, accents of Latin ones removed."""
    text = text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae")
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "-").replace("'", "-"))
    plain = "".join(one for one in decomposed if not unicodedata.combining(one))
    words = re.sub(r"[^\w]+|_+", "-", unicodedata.normalize("NFKC", plain).lower()).strip("-")
    return words[:SLUG_LENGTH].rstrip("-")


def place(write: Session, post: Post, asked: str = "") -> None:
    """Give a post its slug and, once it has a date or is a page, its address.

    A changed address leaves a permanent redirect.
    Raise ``AddressTaken`` when a slug was asked for that would need another address.
    """
    wanted = slug_of(asked)
    slug = wanted or post.slug or slug_of(post.title) or f"post-{post.id}"
    if post.path is not None and slug == post.slug:
        return
    post.slug = slug
    if post.published_at is None and post.kind == PostKind.POST:
        return
    path = _free(write, post, slug, insists=bool(wanted) and post.path is not None)
    if post.path is not None and post.path != path:
        write.merge(FormerAddress(path=post.path, post_id=post.id))
    former = write.get(FormerAddress, path)
    if former is not None:
        write.delete(former)
    post.path = path


def path_for(post: Post, slug: str) -> str:
    """Give the address that the site's pattern makes for a post."""
    if post.kind == PostKind.PAGE:
        return f"/{slug}/"
    day = (post.published_at or now()).astimezone(ZoneInfo(config().timezone))
    return config().permalink.format(
        year=f"{day:%Y}", month=f"{day:%m}", day=f"{day:%d}", slug=slug, id=post.id
    )


def is_taken(write: Session, path: str, post_id: int) -> bool:
    """Tell whether a path is another post's, or belongs to the site itself."""
    first = path.strip("/").partition("/")[0]
    if first in RESERVED or ARCHIVE.fullmatch(path) or path.startswith("//"):
        return True
    if any(
        routes.answers(one.rule, path)
        for plugin in generation().plugins
        for one in routes.of(plugin)
    ):
        return True
    query = select(Post.id).where(Post.path == path, Post.id != post_id)
    return write.scalar(query) is not None


def _free(write: Session, post: Post, slug: str, *, insists: bool) -> str:
    path, number = path_for(post, slug), 2
    while is_taken(write, path, post.id):
        if insists:
            raise AddressTaken(f"{path} is taken: choose another slug")
        post.slug = f"{slug[: SLUG_LENGTH - 8]}-{number}"
        path = path_for(post, post.slug)
        number += 1
        if number > MOST_TRIES:  # a pattern without the slug, or a title that is everywhere
            post.slug = f"post-{post.id}"
            return f"/{post.slug}/"
    return path
