"""Tell how alike two texts are, in time that grows with neither their number nor their tricks."""

import re
from hashlib import blake2b
from struct import pack, unpack
from typing import NamedTuple
from unicodedata import normalize
from zlib import crc32

# Accents are no words, and what has no width hides them; they go before the text is normalised,
# for putting thousands of accents into order takes the square of their number.
UNSEEN = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061c\u064b-\u065f\u0670\u180e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+"
)
LIGATURES = re.compile("[\u3300-\u33ff\ufdf0-\ufdfc]")  # one character, many letters
WORD = re.compile(r"[^\W_]+")
SHINGLE = 5
SAMPLE = 4_000
BINS, ROWS = 24, 3
SHORT = 40


class Likeness(NamedTuple):
    """Hold what two texts are compared by.

    ``exact`` is equal for the same words, ``sketch`` has an equal part for each piece shared,
    ``bands`` are what an index finds; a text without words has none.
    """

    exact: int
    sketch: bytes
    bands: tuple[int, ...]


NOTHING = Likeness(0, b"", ())


def fold(text: str) -> str:
    """Give the words of a text without case, accents, width and punctuation."""
    if not text.isascii():
        text = LIGATURES.sub(" ", UNSEEN.sub("", text))
        text = UNSEEN.sub("", normalize("NFKD", text))
    return " ".join(WORD.findall(text.casefold()))


def likeness_of(folded: str) -> Likeness:
    """Give what folded words are compared by; few have no sketch and are only ever the same."""
    words = folded.encode("utf-8", "replace")
    if not words:
        return NOTHING
    exact = _number(b"=" + words)
    if len(words) < SHORT:
        return Likeness(exact, b"", (exact,))
    sketch = _sketch(words)
    width = 4 * ROWS
    parts = (sketch[at : at + width] for at in range(0, len(sketch), width))
    return Likeness(exact, sketch, (exact, *(_number(b"%d" % i + p) for i, p in enumerate(parts))))


def similarity(one: bytes, other: bytes) -> float:
    """Estimate which share of their pieces two texts have in common, from 0 to 1."""
    if not one or len(one) != len(other):
        return 0.0
    pairs = zip(unpack(f">{BINS}I", one), unpack(f">{BINS}I", other), strict=True)
    return sum(1 for a, b in pairs if a == b) / BINS


def _sketch(words: bytes) -> bytes:
    """Keep the least hash of each bin; of a long text only its beginning and end are read."""
    if len(words) > 2 * SAMPLE:
        words = words[:SAMPLE] + words[-SAMPLE:]
    least: list[int | None] = [None] * BINS
    for at in range(len(words) - SHINGLE + 1):
        value = crc32(words[at : at + SHINGLE])
        held = least[value % BINS]
        if held is None or value < held:
            least[value % BINS] = value
    return pack(f">{BINS}I", *_filled(least))


def _filled(least: list[int | None]) -> list[int]:
    """Fill an empty bin from the next one that is not, so that short texts compare well."""
    filled, following = [0] * BINS, 0
    for at in range(2 * BINS - 1, -1, -1):
        following = least[at % BINS] or following
        filled[at % BINS] = following
    return filled


def _number(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), signed=True)
