"""Bound how deep HTML is nested: reading it costs the square of its depth."""

from __future__ import annotations

import re

DEEPEST = 200
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)[^<>]*+>?")
# These have no end, or one that readers of HTML add before the next.
FLAT = frozenset(
    "a area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot"
    " th thead tr track wbr".split()
)
SHOWN = frozenset("audio iframe object video".split())


def shallow(html: str) -> str:
    """Leave out the tags, and not the words, that stand deeper than any text needs."""
    return _Shallow().cut(html) if html.count("<") > DEEPEST else html


class _Shallow:
    def __init__(self) -> None:
        self._depth = 0
        self._left_out = 0

    def cut(self, html: str) -> str:
        return TAG.sub(self._kept, html)

    def _kept(self, tag: re.Match[str]) -> str:
        if tag[2].lower() in FLAT:
            return tag[0]
        return self._closing(tag) if tag[1] else self._opening(tag)

    def _opening(self, tag: re.Match[str]) -> str:
        if tag[0].endswith("/>") and tag[2].lower() not in SHOWN:
            return ""  # meant to be empty, and no browser would read it so
        if self._depth >= DEEPEST:
            self._left_out += 1
            return ""
        self._depth += 1
        return tag[0]

    def _closing(self, tag: re.Match[str]) -> str:
        if self._left_out:
            self._left_out -= 1
            return ""
        self._depth = max(self._depth - 1, 0)
        return tag[0]
