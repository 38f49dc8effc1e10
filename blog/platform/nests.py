"""Call no plugin in a hook that it is answering already: that would have no end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from blog.platform.costs import Stat
from blog.platform.report import Report


class CalledInside(RuntimeError):
    """A plugin asks in a hook for what calls that hook again; it is left out inside."""


class Bound(NamedTuple):
    """Hold what a hook calls of one plugin, and the counter of what that costs."""

    plugin: str
    call: Callable[..., Any]
    stat: Stat


class Nest:
    """Know in which thread a hook is under way and whose turn it is there.

    The iterator over the plugins tells whose, so that a plain call notes nothing for each.
    """

    def __init__(self, hook: str, report: Report) -> None:
        self._hook = hook
        self._report = report
        self.under_way: dict[int, Iterator[Bound]] = {}
        self.entered: dict[int, set[str]] = {}

    def inside(
        self, thread: int, outer: Iterator[Bound], bound: tuple[Bound, ...]
    ) -> Iterator[Bound]:
        """Give those who may be called inside a call that is under way.

        Whoever was seen to call the hook again is not, until the outermost call is over.
        """
        entered = self.entered.setdefault(thread, set())
        running = _whose_turn(outer)
        if running not in entered:
            entered.add(running)
            error = CalledInside(
                f"asks in {self._hook} for what calls {self._hook}: it is left out there"
            )
            self._report.failed(running, self._hook, error)
        return iter(tuple(one for one in bound if one.plugin not in entered))

    def leave(self, thread: int, outer: Iterator[Bound] | None) -> None:
        """Go back to the call outside, or forget that any was under way."""
        if outer is not None:
            self.under_way[thread] = outer
            return
        del self.under_way[thread]
        self.entered.pop(thread, None)


def _whose_turn(turns: Any) -> str:
    """Name the plugin that an iterator gave last: it tells its place as it does for a pickle."""
    _, (bound,), position = turns.__reduce__()
    return str(bound[position - 1].plugin)
