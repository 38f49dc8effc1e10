"""Let plugins that are behind rebuild their rows, and render posts again, step by step."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from blog import rerendering
from blog.db import writing
from blog.platform import states
from blog.platform.context import Generation

STEPS = 10_000
LONGEST_WAIT = 600.0
log = logging.getLogger("blog.site")


class Backlog:
    """Remember how long to wait before a plugin that could not catch up is asked again."""

    def __init__(self) -> None:
        self._waits: dict[str, tuple[float, float]] = {}

    def catch_up(self, current: Generation) -> None:
        """Let each plugin that is behind rebuild its rows until none is; then render again."""
        for name in sorted(current.behind):
            if current.plugin(name) is not None:
                self._try(name, lambda name=name: _catch_up(current, name))  # type: ignore[misc]
        self._try("rendering", rerendering.finish)

    def _try(self, name: str, work: Callable[[], None]) -> None:
        until, wait = self._waits.get(name, (0.0, 1.0))
        if monotonic() < until:
            return
        try:
            work()
            self._waits.pop(name, None)
        except Exception as error:
            log.warning("%s cannot catch up yet: %s", name, error)
            self._waits[name] = monotonic() + wait, min(2 * wait, LONGEST_WAIT)


def _catch_up(current: Generation, name: str) -> None:
    if current.table.implements(name, "catch_up"):
        for _ in range(STEPS):
            with writing() as write:
                states.hold_state(write, name)  # one process at a time, also on PostgreSQL
                if not current.table.require(name, "catch_up"):
                    states.mark_caught_up(write, name)
                    return
        return
    with writing() as write:
        states.mark_caught_up(write, name)
