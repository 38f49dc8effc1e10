"""Turn bundled plugins on in every test's site besides those that the test asks for.

``pytest --beside feeds,share`` names them; ``--beside all-but:feeds`` means every other one.
A test that asks for no list, and so for a new site's plugins, gets these instead.
Tests without a site are left out: they are the same beside any plugin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from blog.platform.discovery import Place, find

BUNDLED = tuple(name for name, one in find(Path("nowhere")).items() if one.place is Place.BUNDLED)
ALL_BUT = "all-but:"
# These fixtures log somebody in.
PEOPLE = {"owner", "moderator"}
PLUGINS = Path(__file__).parent / "plugins"


class Beside:
    """Hold which plugins are on besides, and which must not be."""

    def __init__(self, words: str) -> None:
        self.off = (
            frozenset(named(words.removeprefix(ALL_BUT))) if ALL_BUT in words else frozenset()
        )
        self.on = frozenset(BUNDLED) - self.off if self.off else frozenset(named(words))

    def plugins(self, asked: Iterable[str | Path] | None, needs: Iterable[str]) -> list[str | Path]:
        """Give the plugins of a site: those asked for, or else those needed, and those besides."""
        wanted = list(needs if asked is None else asked)
        if refused := self.off.intersection(one for one in wanted if isinstance(one, str)):
            pytest.skip(f"it asks for {', '.join(sorted(refused))}")
        return [*wanted, *sorted(self.on.difference(wanted))]

    def leaves_out(self, item: pytest.Item) -> bool:
        """Tell whether a test has nothing to show here: no site, an exact one, one with others."""
        has_site = "make_site" in getattr(item, "fixturenames", ())
        is_exact = any(self._changes(one) for one in item.iter_markers("exact_site"))
        return not has_site or is_exact or not self.off.isdisjoint(needs_of(item))

    def _changes(self, exact: pytest.Mark) -> bool:
        """Tell whether a plugin that is on changes what a test of an exact site asserts."""
        return not self.on.isdisjoint(exact.kwargs.get("beside", BUNDLED))


def named(words: str) -> list[str]:
    """Read names with commas between them."""
    names = [one for one in words.split(",") if one]
    if unknown := sorted({*names}.difference(BUNDLED)):
        raise pytest.UsageError(f"--beside: no bundled plugin is called {', '.join(unknown)}")
    return names


def needs_of(item: pytest.Item) -> list[str]:
    """Name what a test uses without asking: its marker, who is signed in, the plugin it is of."""
    return sorted({*_needs(item)})


def _needs(item: pytest.Item) -> Iterator[str]:
    for marker in item.iter_markers("needs"):
        yield from marker.args
    if PEOPLE.intersection(getattr(item, "fixturenames", ())):
        yield "accounts"
    if PLUGINS in item.path.parents and item.path.parent != PLUGINS:
        yield item.path.relative_to(PLUGINS).parts[0]
