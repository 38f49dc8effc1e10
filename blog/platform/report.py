"""Record what plugins cost and where they failed, off the request."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from blog.db import now, writing
from blog.models import PluginError

LOAD = "load"
log = logging.getLogger("blog.plugins")


class Stat:
    """Add up the calls of one plugin in one hook and the seconds that they took."""

    __slots__ = ("calls", "seconds")

    def __init__(self) -> None:
        self.calls = 0
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Add one call."""
        self.calls += 1
        self.seconds += seconds


@dataclass(frozen=True, slots=True)
class Failure:
    """Hold one failure of a plugin: where, what, and the whole traceback."""

    plugin: str
    hook: str
    message: str
    traceback: str
    line: str


class Report:
    """Collect failures and measurements of this process until they are flushed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[tuple[str, str], tuple[int, Failure]] = {}
        self._stats: dict[tuple[str, str], Stat] = {}

    def stat(self, plugin: str, hook: str) -> Stat:
        """Give the counter of a plugin in a hook."""
        return self._stats.setdefault((plugin, hook), Stat())

    def stats(self) -> Mapping[tuple[str, str], Stat]:
        """Give every counter of this process by plugin and hook."""
        return dict(self._stats)

    def failed(self, plugin: str, hook: str, error: BaseException) -> None:
        """Record what a plugin raised, to be written when the request is over."""
        frames = traceback.extract_tb(error.__traceback__)
        line = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        message = f"{type(error).__name__}: {error}"[:500]
        failure = Failure(plugin, hook, message, "".join(traceback.format_exception(error)), line)
        log.error("plugin %s failed in %s: %s", plugin, hook, message, exc_info=error)
        here = _here.get()
        if here is not None:
            here.append(failure)
        with self._lock:
            count, _ = self._waiting.get((plugin, hook), (0, failure))
            self._waiting[plugin, hook] = count + 1, failure

    def loaded(self, failures: Mapping[str, str]) -> None:
        """Record the plugins that a generation had to leave out."""
        with self._lock:
            for plugin, reason in failures.items():
                failure = Failure(plugin, LOAD, reason, reason, "")
                self._waiting[plugin, LOAD] = 1, failure

    def flush(self) -> None:
        """Write the failures that wait; call it off the request."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        with writing() as session:
            for (plugin, hook), (count, failure) in sorted(waiting.items()):
                _write(session, plugin, hook, count, failure)


def failures_here() -> list[Failure]:
    """Give the failures of plugins during this request."""
    return _here.get() or []


def watch() -> None:
    """Begin to collect the failures of this request."""
    _here.set([])


def errors(session: Session) -> list[PluginError]:
    """List what plugins failed at, the latest first."""
    return list(session.scalars(select(PluginError).order_by(PluginError.last_at.desc())))


def forget(session: Session, plugin: str) -> None:
    """Remove the recorded failures of a plugin."""
    session.execute(delete(PluginError).where(PluginError.plugin == plugin))


_here: ContextVar[list[Failure] | None] = ContextVar("failures", default=None)


def _write(session: Session, plugin: str, hook: str, count: int, failure: Failure) -> None:
    row = session.get(PluginError, (plugin, hook))
    if row is None:
        row = PluginError(plugin=plugin, hook=hook, count=0)
        session.add(row)
    row.count += count
    row.message = failure.message
    row.traceback = failure.traceback
    row.last_at = now()
