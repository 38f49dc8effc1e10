"""Count what an import does with each part of an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

MOST_NAMES = 300
"""How many rows of a kind are told apart; names come from the file and may be without end."""

MOST_POSTS = 20
"""How many posts a row names."""

OTHERS = "…"


class Line(NamedTuple):
    """Name one kind of thing and what became of it.

    ``what``: item, comment, shortcode, block, leftover, upload or file.
    ``type`` and ``status`` are as exported; ``note`` is the reason.
    ``outcome`` is the status here, or ``known``, ``left out``, ``kept``, ``not shown``,
    ``replaced``, ``mended``, ``copied``.
    """

    what: str
    type: str = ""
    status: str = ""
    outcome: str = ""
    note: str = ""


class Named(NamedTuple):
    """Name a post; ``path`` is empty where it was here before."""

    id: int
    title: str
    path: str


UNCHANGED = ("left out", "kept", "mended")
ORDER = ("item", "comment", "shortcode", "block", "leftover", "upload", "file")


class Report:
    """Add up lines."""

    def __init__(self) -> None:
        self._counts: Counter[Line] = Counter()
        self._names: Counter[str] = Counter()
        self._posts: dict[Line, list[Named]] = {}
        self._post: Named | None = None

    @contextmanager
    def about(self, post: Named) -> Iterator[None]:
        """Name a post in those lines added below that say what an owner may want to look at."""
        self._post = post
        try:
            yield
        finally:
            self._post = None

    def add(self, line: Line, count: int = 1) -> None:
        """Count a line; beyond a bound of different ones, the rest is one line."""
        if not count:
            return
        if line not in self._counts:
            self._names[line.what] += 1
            if self._names[line.what] > MOST_NAMES:
                line = Line(line.what, OTHERS, "", line.outcome)
        self._counts[line] += count
        if self._post and (line.note or line.outcome == "not shown"):
            self._name(line, [self._post])

    def count(self, what: str, **fields: str) -> int:
        """Add up the lines that have these values."""
        return sum(
            count
            for line, count in self._counts.items()
            if line.what == what and all(getattr(line, key) == fields[key] for key in fields)
        )

    def merge(self, other: Report) -> None:
        """Add what another report counted."""
        for line, count in other.lines():
            self.add(line, count)
        for line, posts in other._posts.items():
            self._name(line, posts)

    def lines(self) -> Iterable[tuple[Line, int]]:
        """Give the lines in a steady order."""
        return sorted(self._counts.items(), key=lambda one: (ORDER.index(one[0].what), one[0]))

    def rows(self, *, ids: bool = True) -> list[dict[str, Any]]:
        """Give the lines as objects, some with ``posts``: the first ones that they are about.

        Those of a dry run have no ``ids``.
        """
        rows: list[dict[str, Any]] = []
        for line, count in self.lines():
            rows.append({**line._asdict(), "count": count})
            if posts := [one._asdict() for one in self._posts.get(line, ())]:
                rows[-1]["posts"] = posts if ids else [_without_id(one) for one in posts]
        return rows

    def _name(self, line: Line, posts: Iterable[Named]) -> None:
        named = self._posts.setdefault(line, [])
        named += [one for one in posts if one not in named][: MOST_POSTS - len(named)]


def _without_id(post: Mapping[str, Any]) -> dict[str, Any]:
    return {key: post[key] for key in post if key != "id"}


def totals(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Sum rows up for a sentence: posts, pages and comments that are new, and what was known."""
    sums = Counter[str]()
    for row in rows:
        if row["what"] in ("item", "comment") and row["outcome"] not in UNCHANGED:
            what = row["type"] if row["what"] == "item" else "comment"
            sums[f"{what} known" if row["outcome"] == "known" else what] += row["count"]
    return dict(sums)
