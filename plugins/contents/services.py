"""Read the headings and the words of a post's HTML."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from blog import addresses, markup

# What adults read in a minute: Brysbaert (2019), 238 words of English, 195 to 214 of French.
WORDS_A_MINUTE = 215
# Beside what is kept of short posts, a long one would be much.
KEPT_LENGTH = 100_000
TAG = re.compile(r"<(/?)(h[2-4])\b([^<>]*+)>", re.IGNORECASE)
ID = re.compile(r"""(?<![\w-])id\s*=\s*["']([^"']*)["']""")


class Heading(NamedTuple):
    """Hold a heading: its level (2 to 4), its address in the page, its words, where it begins."""

    level: int
    id: str
    words: str
    start: int


class Outline(NamedTuple):
    """Hold what a post has in it: its headings and the minutes that it takes to read."""

    headings: tuple[Heading, ...]
    minutes: int


def outline(html: str) -> Outline:
    """Give the headings that have an address, and the reading time, at least one minute."""
    return _kept_outline(html) if len(html) < KEPT_LENGTH else _outline(html)


def with_addresses(html: str) -> str:
    """Give each heading without an id one of its words, each another."""
    if "<h" not in html and "<H" not in html:
        return html
    found = _headings(html)
    taken = {one.id for one in found if one.id}
    pieces, at = [], 0
    for one in found:
        if one.id or not one.words:
            continue
        end = one.start + len("<h2")
        pieces += [html[at:end], f' id="{_free(one.words, taken)}"']
        at = end
    return "".join([*pieces, html[at:]])


def _free(words: str, taken: set[str]) -> str:
    base = addresses.slug_of(words)[:60].strip("-") or "part"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    taken.add(slug)
    return slug


def _outline(html: str) -> Outline:
    words = len(markup.plain(html).split())
    headings = tuple(one for one in _headings(html) if one.id and one.words)
    return Outline(headings, max(1, round(words / WORDS_A_MINUTE)))


_kept_outline = lru_cache(maxsize=64)(_outline)


def _headings(html: str) -> list[Heading]:
    """Find headings in one walk: an opening tag and the next closing one of its kind."""
    found: list[Heading] = []
    opening: re.Match[str] | None = None
    for tag in TAG.finditer(html):
        if not tag[1]:
            opening = tag
        elif opening is not None and opening[2].lower() == tag[2].lower():
            own = ID.search(opening[3])
            words = markup.plain(html[opening.end() : tag.start()])
            found.append(Heading(int(tag[2][1]), own[1] if own else "", words, opening.start()))
            opening = None
    return found
