"""Record what plugins cost and where they failed, off the request."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from blog.db import now, session, writing
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
        self._left_out: frozenset[str] | None = None

    def stat(self, plugin: str, hook: str) -> Stat:
        """Give the counter of a plugin in a hook."""
        return self._stats.setdefault((plugin, hook), Stat())

    def stats(self) -> Mapping[tuple[str, str], Stat]:
        """Give every counter of this process by plugin and hook."""
        return dict(self._stats)

    def failed(self, plugin: str, hook: str, error: BaseException) -> None:
        """Record what a plugin raised, to be written when the request is over.

        What a person typed to stop the program is raised again.
        """
        if isinstance(error, KeyboardInterrupt):
            raise error
        frames = traceback.extract_tb(error.__traceback__)
        line = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        message = described(error)
        trace = _storable("".join(traceback.format_exception(error)))
        failure = Failure(plugin[:50], hook[:80], message, trace, line)
        log.error("plugin %s failed in %s: %s", plugin, hook, message, exc_info=error)
        here = _here.get()
        if here is not None:
            here.append(failure)
        with self._lock:
            self._keep(1, failure)

    def loaded(self, failures: Mapping[str, str]) -> None:
        """Record the plugins that a generation had to leave out."""
        with self._lock:
            self._left_out = frozenset(failures)
            for plugin, reason in failures.items():
                text = _storable(reason)
                self._waiting[plugin[:50], LOAD] = 1, Failure(plugin[:50], LOAD, text, text, "")

    def flush(self) -> None:
        """Write the failures that wait, and forget those of plugins that load again.

        Call it off the request; what cannot be written now waits for the next time.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            left_out, self._left_out = self._left_out, None
        mended = _mended(left_out) if left_out is not None else []
        if not waiting and not mended:
            return
        try:
            with writing() as write:
                if mended:
                    of_load = PluginError.hook == LOAD
                    gone = delete(PluginError).where(of_load, PluginError.plugin.in_(mended))
                    write.execute(gone)
                for count, failure in (waiting[key] for key in sorted(waiting)):
                    _write(write, count, failure)
        except Exception:
            with self._lock:
                for count, failure in waiting.values():
                    self._keep(count, failure)
            raise

    def _keep(self, count: int, failure: Failure) -> None:
        before, _ = self._waiting.get((failure.plugin, failure.hook), (0, failure))
        self._waiting[failure.plugin, failure.hook] = before + count, failure


def described(error: BaseException) -> str:
    """Name an error and what it says, on one line, also where it cannot say anything."""
    lines = traceback.format_exception_only(error)
    return _storable(" ".join(" ".join(lines).split()))[:500]


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


def _mended(left_out: frozenset[str]) -> list[str]:
    query = select(PluginError.plugin).where(PluginError.hook == LOAD)
    return sorted(set(session.scalars(query)) - left_out)


def _write(write: Session, count: int, failure: Failure) -> None:
    """Add to the count in one statement, because other processes add too."""
    values = {"message": failure.message, "traceback": failure.traceback, "last_at": now()}
    add = (
        update(PluginError)
        .where(PluginError.plugin == failure.plugin, PluginError.hook == failure.hook)
        .values(count=PluginError.count + count, **values)
        .execution_options(synchronize_session=False)
    )
    if write.execute(add).rowcount:  # type: ignore[attr-defined]
        return
    try:
        with write.begin_nested():
            write.add(PluginError(plugin=failure.plugin, hook=failure.hook, count=count, **values))
    except IntegrityError:
        write.execute(add)


def _storable(text: str) -> str:
    """Replace what no database takes: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
