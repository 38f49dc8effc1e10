"""Find where things were, and what tells them apart, in the addresses of an export."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha1
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs

from .mapping import plain
from .records import Channel, Comment, Item
from .urls import decoded, split

LONGEST_SLUG = 200
LONGEST_PATH = 500
NUMBERS = ("p", "page_id")
NUMBER = re.compile(r"[1-9]\d{0,9}", re.ASCII)
UNFIT = re.compile(r"[\s/\\?#\x00-\x1f\x7f]+")


class Addresses(NamedTuple):
    """Say where a post was: its permalink below the host, and every other way to it.

    ``path`` is decoded and starts with a slash; ``None`` where the export has no permalink.
    ``former`` holds ``/?p=ID`` (with the folder of the blog before it, and without) and the
    paths of former slugs.
    """

    path: str | None
    former: tuple[str, ...]


def addresses_of(item: Item, channel: Channel) -> Addresses:
    """Give the permalink of an item and its other addresses, the surest first."""
    link = split(item.link)
    path = permalink(link, folder_of(channel)) if link else None
    former = [*numbered(item, link, folder_of(channel)), *renamed(item, path)]
    return Addresses(path, tuple(dict.fromkeys(former)))


def slug_of(item: Item) -> str:
    """Give the slug: the export's own, else of the title, else of the kind and id."""
    own = UNFIT.sub("-", decoded(item.slug)).strip("-")[:LONGEST_SLUG]
    last = f"{item.type or 'post'}-{key_of(item).removeprefix('sha1:')[:10]}"
    return own or slug_from(plain(item.title)) or last


def source_of(channel: Channel, first_link: str = "") -> str:
    """Name the blog that an export is of, the same for http and https, ``""`` where unknown."""
    for address in (channel.blog_url, channel.link, channel.site_url):
        parts = split(address)
        if parts and parts.hostname:
            return (parts.hostname + parts.path.rstrip("/")).lower()
    parts = split(first_link)
    return (parts.hostname or "").lower() if parts else ""


def key_of(item: Item) -> str:
    """Give what tells an item from others of its blog: its id, else its ``?p=``, else its text."""
    if item.id:
        return item.id
    for parts in (split(item.link), split(item.guid)):
        for number in queried(parts):
            return number
    return digest(item.link or item.guid, item.title, item.date, item.body)


def comment_key_of(comment: Comment) -> str:
    """Give what tells a comment from others of its blog: its id, else who wrote what when."""
    moment_text = comment.date_gmt or comment.date
    return comment.id or digest(comment.author, comment.email, moment_text, comment.body)


def folder_of(channel: Channel) -> str:
    """Give the path that the blog was under, without a slash at its end."""
    parts = split(channel.blog_url) or split(channel.link)
    return parts.path.rstrip("/") if parts else ""


def permalink(link: SplitResult, folder: str) -> str | None:
    """Give the path of a link, ``None`` for one with a query, the front page, or a trap."""
    path = decoded(link.path)
    segments = path.strip("/").split("/")
    if link.query or path.rstrip("/") in ("", folder) or len(path) > LONGEST_PATH:
        return None
    if not path.isprintable() or "\\" in path or {"", ".", ".."}.intersection(segments):
        return None
    return path


def numbered(item: Item, link: SplitResult | None, folder: str) -> list[str]:
    """Give the addresses by number: as the link has it, then by id."""
    numbers = [*queried(link), *([item.id] if NUMBER.fullmatch(item.id) else [])]
    keys = NUMBERS if item.type == "page" else NUMBERS[:1]
    return [
        f"{place}/?{key}={number}" for number in numbers for key in keys for place in (folder, "")
    ]


def renamed(item: Item, path: str | None) -> list[str]:
    """Give the paths that the permalink had under the slugs that WordPress remembers."""
    slug = decoded(item.slug)
    if not path or not slug or path.rstrip("/").rpartition("/")[2] != slug:
        return []
    before, _, after = path.rpartition(slug)
    old = (decoded(meta.value) for meta in item.metas if meta.key == "_wp_old_slug")
    return [f"{before}{each}{after}" for each in old if each and not UNFIT.search(each)]


def queried(link: SplitResult | None) -> list[str]:
    """Give the number that a link without a permalink asks for."""
    values = parse_qs(link.query) if link else {}
    return [values[key][0] for key in NUMBERS if NUMBER.fullmatch(values.get(key, [""])[0])]


def slug_from(text: str) -> str:
    """Keep letters, digits and marks of any script, in lower case, with hyphens between.

    Latin, Greek and Cyrillic letters lose their accents.
    """
    bare = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text.lower()))
    kept = (
        c if unicodedata.category(c)[0] in "LNM" else " "
        for c in unicodedata.normalize("NFC", bare)
    )
    return "-".join("".join(kept).split())[:LONGEST_SLUG].rstrip("-")


def digest(*texts: str) -> str:
    """Hash texts into a key."""
    return "sha1:" + sha1("\0".join(texts).encode(), usedforsecurity=False).hexdigest()
