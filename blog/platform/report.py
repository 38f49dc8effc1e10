"""Record what plugins cost and where they failed, off the request."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from threading import Lock
from time import monotonic

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from blog.db import is_out_of_order, now, session, writing
from blog.models import PluginError
from blog.platform import costs, interrupts, switch
from blog.platform.answers import WrongAnswer
from blog.platform.costs import ROUTE, UNHURRIED, Stat
from blog.platform.discovery import recognised
from blog.platform.switch import Limits

CORE = "core"
LOAD = "load"
COST_SECONDS = 10.0
log = logging.getLogger("blog.plugins")


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

    def __init__(self, limits: Limits | None = None) -> None:
        self._lock = Lock()
        self._waiting: dict[tuple[str, str], tuple[int, Failure]] = {}
        self._failing: dict[str, tuple[int, str]] = {}
        self._stats: dict[tuple[str, str], Stat] = {}
        self._left_out: frozenset[str] | None = None
        self._costs_wait_until = 0.0
        self.limits = limits or Limits()

    def obey(self, limits: Limits) -> None:
        """Hold plugins to what the settings of a new generation say."""
        self.limits = limits
        for (_, hook), stat in list(self._stats.items()):
            stat.hold_to(inf if hook in UNHURRIED else limits.budget)

    def stat(self, plugin: str, hook: str) -> Stat:
        """Give the counter of a plugin in a hook."""
        known = self._stats.get((plugin, hook))
        if known is None:
            budget = inf if hook in UNHURRIED else self.limits.budget
            known = self._stats.setdefault((plugin[:50], hook[:80]), Stat(budget))
        return known

    def stats(self) -> Mapping[tuple[str, str], Stat]:
        """Give every counter of this process by plugin and hook."""
        return dict(self._stats)

    def failed(self, plugin: str, hook: str, error: BaseException) -> None:
        """Record what a plugin raised, to be written when the request is over.

        What a person typed to stop the program is raised again.
        """
        interrupts.heed(error)
        frames = traceback.extract_tb(error.__traceback__)
        line = recognised(f"{frames[-1].filename}:{frames[-1].lineno}") if frames else ""
        message, trace = described(error), _traced(error)
        failure = Failure(plugin[:50], hook[:80], message, trace, line)
        log.error("plugin %s failed in %s: %s\n%s", plugin, hook, message, trace)
        here = _here.get()
        if here is not None:
            here.append(failure)
        if plugin != CORE:
            self.stat(plugin, ROUTE if hook.startswith(f"{ROUTE} ") else hook).errors += 1
        with self._lock:
            self._keep(1, failure)
            if _counts(failure, error):
                self._failing[failure.plugin] = self._times(failure.plugin) + 1, _last(failure)

    def loaded(self, failures: Mapping[str, str]) -> None:
        """Record the plugins that a generation had to leave out."""
        with self._lock:
            self._left_out = frozenset(failures)
            for plugin, reason in failures.items():
                text = _storable(reason)
                self._waiting[plugin[:50], LOAD] = 1, Failure(plugin[:50], LOAD, text, text, "")

    def flush(self, *, at_leisure: bool = False) -> None:
        """Write failures and costs, and forget the failures of plugins that load again.

        Call it off the request; what cannot be written now waits for the next time.
        ``at_leisure`` leaves costs alone that were written a moment ago.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            failing, self._failing = self._failing, {}
            left_out, self._left_out = self._left_out, None
        mended = _mended(left_out) if left_out is not None else []
        taken = self._taken_costs(at_leisure=at_leisure)
        if not (waiting or mended or taken):
            return
        try:
            with writing() as write:
                for plugin in sorted(failing):  # rows in one order, or two processes block
                    switch.count(write, plugin, *failing[plugin], self.limits)
                _write_failures(write, mended, waiting)
                costs.store(write, taken)
        except Exception:
            with self._lock:
                for count, failure in waiting.values():
                    self._keep(count, failure)
                for plugin, (times, last) in failing.items():
                    self._failing[plugin] = self._times(plugin) + times, last
            for key, stat in taken:
                self._stats[key].give_back(stat)
            raise

    def _taken_costs(self, *, at_leisure: bool) -> list[tuple[tuple[str, str], Stat]]:
        if at_leisure and monotonic() < self._costs_wait_until:
            return []
        self._costs_wait_until = monotonic() + COST_SECONDS
        found = ((key, stat.take()) for key, stat in list(self._stats.items()))
        return [(key, taken) for key, taken in found if taken is not None]

    def _keep(self, count: int, failure: Failure) -> None:
        before, _ = self._waiting.get((failure.plugin, failure.hook), (0, failure))
        self._waiting[failure.plugin, failure.hook] = before + count, failure

    def _times(self, plugin: str) -> int:
        return self._failing[plugin][0] if plugin in self._failing else 0


def described(error: BaseException) -> str:
    """Name an error and what it says, on one line, also where it cannot say anything."""
    try:
        lines = traceback.format_exception_only(error)
    except BaseException as other:  # its notes or its place are the plugin's own too
        interrupts.heed(other)
        lines = [type(error).__name__]
    if isinstance(error, WrongAnswer):  # the reference of findings tells what it means
        lines = [f"{error.finding}: {error}"]
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


def _counts(failure: Failure, error: BaseException) -> bool:
    """Tell whether a failure brings a plugin nearer to being switched off.

    One of its own pages is that address's alone, and any visitor can repeat it: nobody may turn
    off the log-in from outside.
    A database that is out of order would switch all of them off.
    """
    return not (failure.hook.startswith(f"{ROUTE} ") or is_out_of_order(error))


def _traced(error: BaseException) -> str:
    """Give the traceback of an error, also of one that cannot be shown."""
    try:
        lines = traceback.format_exception(error)
    except BaseException as other:
        interrupts.heed(other)
        lines = [*traceback.format_tb(error.__traceback__), type(error).__name__]
    return recognised(_storable("".join(lines)))


def _last(failure: Failure) -> str:
    return f"{failure.hook}: {failure.message}"


def _mended(left_out: frozenset[str]) -> list[str]:
    query = select(PluginError.plugin).where(PluginError.hook == LOAD)
    return sorted(set(session.scalars(query)) - left_out)


def _write_failures(
    write: Session,
    mended: Collection[str],
    waiting: Mapping[tuple[str, str], tuple[int, Failure]],
) -> None:
    if mended:
        of_load = PluginError.hook == LOAD
        write.execute(delete(PluginError).where(of_load, PluginError.plugin.in_(mended)))
    for key in sorted(waiting):
        _write(write, *waiting[key])


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
