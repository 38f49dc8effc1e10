"""Cut a WordPress body into tags, comments, shortcodes and text, in time linear in its length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from .shortcodes import CODE, ESCAPED, Shortcode, Shortcodes

SPECIAL = re.compile(r"<(?=/?[a-zA-Z]|!--)|\[(?=[\[/a-zA-Z])")
# Up to the ``>`` that ends a tag, with quoted values that may hold one.
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)")
PLAIN_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)([^<>]*+)")
# Elements that are kept or dropped with all that is in them.
EMBEDDING = frozenset({"iframe", "object"})
WHOLE = EMBEDDING | {"pre", "script", "style", "svg", "textarea"}

DEEPEST = 200
# Tags that open no level: void ones, and those that the next one of their kind ends.
CHILDLESS = frozenset(
    "a area base br col embed hr img input link meta param source track wbr"
    " dd dt li option p td th tr".split()
)


class Kind(Enum):
    """Say what a token is."""

    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    COMMENT = "comment"
    WHOLE = "whole"
    SHORTCODE = "shortcode"
    END = "end of shortcode"
    CODE = "code shortcode"


class Token(NamedTuple):
    """Hold a piece of the source: ``name`` of the tag or shortcode, ``raw`` as to be written.

    ``value`` holds what a comment says, a shortcode's attributes, or the code of a code shortcode.
    """

    kind: Kind
    name: str
    raw: str
    value: str = ""


def tokens_of(source: str, shortcodes: bool = True) -> list[Token]:
    """Cut a body into tokens; without shortcodes, as in comments, brackets are text."""
    return list(shallow(Lexer(source.replace("\r\n", "\n").replace("\r", "\n"), shortcodes)))


def shallow(tokens: Iterable[Token]) -> Iterator[Token]:
    """Leave out the tags that nest deeper than any page does: trees cost more than their length."""
    depth = 0
    dropped: Counter[str] = Counter()
    for token in tokens:
        nests = token.kind in (Kind.OPEN, Kind.CLOSE) and token.name not in CHILDLESS
        if nests and token.kind is Kind.OPEN:
            if depth >= DEEPEST:
                dropped[token.name] += 1
                continue
            depth += 1
        elif nests and dropped[token.name]:
            dropped[token.name] -= 1
            continue
        elif nests:
            depth = max(0, depth - 1)
        yield token


class Lexer:
    """Read one source from left to right.

    What does not end (a comment, a quoted value, an element) is looked for once only, so that a
    source of nothing but beginnings costs no more than another.
    """

    def __init__(self, source: str, shortcodes: bool) -> None:
        self._source = source
        self._shortcodes = Shortcodes(source) if shortcodes else None
        self._missing: set[str] = set()
        self._patience = 4 * len(source)
        self._plain_until = 0

    def __iter__(self) -> Iterator[Token]:
        """Give the tokens in order."""
        source = self._source
        position = start = 0
        while found := SPECIAL.search(source, position):
            begin = found.start()
            read = self._tag(begin) if found[0] == "<" else self._bracket(begin)
            if read is None:
                position = begin + 1
                continue
            token, position = read
            if start < begin:
                yield text_of(source[start:begin])
            start = position
            yield token
        if start < len(source):
            yield text_of(source[start:])

    def _tag(self, begin: int) -> tuple[Token, int] | None:
        if self._source.startswith("<!--", begin):
            return self._comment(begin)
        found = self._read_tag(begin)
        if not found:
            return None
        name, end = found[2].lower(), found.end() + 1
        raw = self._source[begin:end]
        if name in WHOLE:
            return self._whole(name, begin, end, closing=bool(found[1]))
        if found[1]:
            return Token(Kind.CLOSE, name, raw), end
        if name == "code" and (inner_end := self._find("</code", end)) >= 0:
            self._plain_until = inner_end
        return Token(Kind.OPEN, name, raw), end

    def _whole(self, name: str, begin: int, end: int, closing: bool) -> tuple[Token, int]:
        """Read to the end of an element; one that does not end must not swallow the rest."""
        if closing:
            return Token(Kind.COMMENT, "", ""), end
        inner_end = self._find(f"</{name}", end)
        if inner_end >= 0:
            end = self._after(inner_end)
        elif name not in EMBEDDING:
            return Token(Kind.COMMENT, "", ""), end
        return Token(Kind.WHOLE, name, unescaped(self._source[begin:end])), end

    def _read_tag(self, begin: int) -> re.Match[str] | None:
        if self._patience > 0:
            found = TAG.match(self._source, begin)
            if found and self._source[found.end() : found.end() + 1] == ">":
                return found
            self._patience -= found.end() - begin if found else 0
        found = PLAIN_TAG.match(self._source, begin)
        ends = found and self._source[found.end() : found.end() + 1] == ">"
        return found if ends else None

    def _comment(self, begin: int) -> tuple[Token, int] | None:
        end = self._find("-->", begin + 4)
        if end < 0:
            return None
        return Token(Kind.COMMENT, "", "", self._source[begin + 4 : end].strip()), end + 3

    def _bracket(self, begin: int) -> tuple[Token, int] | None:
        if self._shortcodes is None:
            return None
        if escaped := self._shortcodes.escaped(begin):
            return text_of(escaped[0]), escaped[1]
        if begin < self._plain_until:
            return None
        found = self._shortcodes.at(begin)
        if not found:
            return None
        return self._code(found) or self._shortcode(found, begin)

    def _shortcode(self, found: Shortcode, begin: int) -> tuple[Token, int]:
        kind = Kind.END if found.closing else Kind.SHORTCODE
        return Token(kind, found.name, self._source[begin : found.end], found.attributes), found.end

    def _code(self, found: Shortcode) -> tuple[Token, int] | None:
        if found.closing or found.name not in CODE:
            return None
        closing = f"[/{found.name}]"
        end = self._find(closing, found.end)
        if end < 0:
            return None
        code = self._source[found.end : end]
        return Token(Kind.CODE, found.name, found.attributes, code), end + len(closing)

    def _find(self, text: str, position: int) -> int:
        """Look for an end, in any case; not again once it was not there."""
        if text in self._missing:
            return -1
        found = re.compile(re.escape(text), re.IGNORECASE).search(self._source, position)
        if not found:
            self._missing.add(text)
            return -1
        return found.start()

    def _after(self, position: int) -> int:
        end = self._source.find(">", position)
        return end + 1 if end >= 0 else len(self._source)


def text_of(text: str) -> Token:
    """Make a token of what no tag begins in, so that none will in the page."""
    return Token(Kind.TEXT, "", text.replace("<", "&lt;"))


def unescaped(text: str) -> str:
    """Show ``[[name]]`` as ``[name]``."""
    return ESCAPED.sub(r"\1", text)
