"""Tell WordPress's shortcodes from other words in brackets.

A file does not say which shortcodes its blog knew, and readers also write ``[sic]`` or ``[1]``.
A bracket is a shortcode when it has one of the names below, an attribute (``name="value"``), a
closing bracket further on, or an underscore or hyphen in a name that stands alone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Shortcodes of WordPress itself and of Jetpack, which need neither attribute nor end.
KNOWN = frozenset(
    "audio caption contact-form-7 embed gallery playlist video wp_caption youtube dailymotion"
    " vimeo googlemaps googlevideo soundcloud slideshare slideshow bandcamp scribd polldaddy"
    " dewplayer".split()
)
# Those that the name alone does not make one: [vimeo] in a text may well be a word.
WITH_ARGUMENTS = KNOWN - frozenset("audio caption embed gallery playlist video wp_caption".split())
EMBEDS = KNOWN - frozenset("caption wp_caption contact-form-7 gallery playlist".split())
CODE = frozenset(
    "code sourcecode source bash c cpp csharp css diff go html java javascript js json perl php"
    " plain python ruby scala shell sql text typescript vb xml yaml".split()
)
CAPTIONS = frozenset({"caption", "wp_caption"})

BRACKET = re.compile(r"\[(/?)([A-Za-z][\w-]*+)(?=[\s\]/=:])([^\[\]]*+)\]")
ESCAPED = re.compile(r"\[(\[/?[A-Za-z][\w-]*+(?=[\s\]/=:])[^\[\]]*+\])\]")
ESCAPED_OPENING = re.compile(r"\[(\[([A-Za-z][\w-]*+)(?=[\s\]/])[^\[\]]*+\])")
ESCAPED_CLOSING = re.compile(r"\[/([A-Za-z][\w-]*+)\]\]")
CLOSING = re.compile(r"\[/([A-Za-z][\w-]*+)\s?\]")
ATTRIBUTE = re.compile(r"\s[\w-]++=[\"'“”\w&]|^[:=]\s?https?://")
VALUE = re.compile(r"""([\w-]++)=(?:"([^"]*+)"|'([^']*+)'|([^\s"']++))""")
ADDRESS = re.compile(r"""https?://[^\s"'<>\[\]]++""")


class Shortcode(NamedTuple):
    """Hold one bracket; ``closing`` for ``[/name]``, ``end`` is where the text goes on."""

    name: str
    closing: bool
    attributes: str
    end: int


class Shortcodes:
    """Find the shortcodes of one text, from left to right."""

    def __init__(self, source: str) -> None:
        self._source = source
        # Where each name is closed for the last time: an opening before that has an end.
        self._closed = {found[1]: found.start() for found in CLOSING.finditer(source)}
        self._closed_escaped = {
            found[1]: found.start() for found in ESCAPED_CLOSING.finditer(source)
        }
        self._opened: set[str] = set()
        self._escaped: set[str] = set()

    def escaped(self, position: int) -> tuple[str, int] | None:
        """Read what is written in double brackets; give what it shows and where it ends.

        ``[[name]]`` shows ``[name]``, ``[[name]…[/name]]`` both brackets and what is between.
        """
        if found := ESCAPED.match(self._source, position):
            return found[1], found.end()
        found = ESCAPED_OPENING.match(self._source, position)
        if found and self._closed_escaped.get(found[2], -1) > position:
            self._escaped.add(found[2])
            return found[1], found.end()
        found = ESCAPED_CLOSING.match(self._source, position)
        if found and found[1] in self._escaped:
            return f"[/{found[1]}]", found.end()
        return None

    def at(self, position: int) -> Shortcode | None:
        """Read the shortcode that begins at a bracket; ``None`` where it is just a bracket."""
        found = BRACKET.match(self._source, position)
        if not found:
            return None
        closing, name, attributes = bool(found[1]), found[2], found[3]
        if not (self._ends(name) if closing else self._begins(name, attributes, found)):
            return None
        self._opened.add(name)
        return Shortcode(name, closing, attributes, found.end())

    def _ends(self, name: str) -> bool:
        return name in self._opened or name in KNOWN

    def _begins(self, name: str, attributes: str, found: re.Match[str]) -> bool:
        if name in KNOWN and (attributes.strip() or name not in WITH_ARGUMENTS):
            return True
        if self._closed.get(name, -1) > found.start():
            return True
        if ATTRIBUTE.search(attributes) or attributes.strip() == "/":
            return True
        return ("_" in name or "-" in name) and self._alone(found)

    def _alone(self, found: re.Match[str]) -> bool:
        begin, end = found.span()
        around = self._source[begin - 1 : begin], self._source[end : end + 1]
        return all(not each.strip() or each in "<>" for each in around)


def values_of(attributes: str) -> dict[str, str]:
    """Read the ``name="value"`` attributes of a shortcode."""
    return {
        found[1].lower(): found[2] or found[3] or found[4] or ""
        for found in VALUE.finditer(attributes)
    }
