"""Measure what plugins cost, and keep it by plugin, hook and hour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from time import perf_counter
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from blog.db import Tally, insert_or_update, now, session, tally
from blog.models import PluginCost, PluginState

HOUR = timedelta(hours=1)
KEPT_HOURS = 25
ROUTE = "route"
ADDED = ("calls", "seconds", "statements", "errors", "overruns")
# Importing a plugin's pages when an application is built makes no page slower, and what those
# pages do, such as an import, makes nobody else wait.
UNHURRIED = ("routes", ROUTE)


class Stat:
    """Add up the calls of one plugin in one hook: time, SQL statements, errors, overruns.

    ``limit`` is the seconds beyond which a call is looked at, so that most cost a comparison.
    """

    __slots__ = (*ADDED, "budget", "limit", "slowest")

    def __init__(self, budget: float = inf) -> None:
        self.calls = self.statements = self.errors = self.overruns = 0
        self.seconds = self.slowest = self.limit = 0.0
        self.budget = budget

    def add(self, seconds: float, sent: int, counted: Tally) -> None:
        """Add one call; whoever calls very often does the same in place.

        ``sent`` is how many statements ``counted`` had counted when the call began.
        """
        self.calls += 1
        self.seconds += seconds
        self.notice(seconds, sent, counted)

    def notice(self, seconds: float, sent: int, counted: Tally) -> int:
        """Count statements, keep the slowest call, count one for which somebody waited too long.

        Give the statements up to now.
        """
        self.statements += counted.statements - sent
        if seconds > self.limit:
            self.slowest = max(self.slowest, seconds)
            if counted.hurried and seconds > self.budget:
                self.overruns += 1
            self.limit = min(self.slowest, self.budget)
        return counted.statements

    def hold_to(self, budget: float) -> None:
        """Set how many seconds a call may take."""
        self.budget, self.limit = budget, 0.0

    def take(self) -> Stat | None:
        """Give what was added since the last time and begin at zero; ``None`` when nothing was."""
        if not (self.calls or self.errors):
            return None
        taken = Stat()
        for name in (*ADDED, "slowest"):
            setattr(taken, name, getattr(self, name))
        for name in ADDED:  # other threads add meanwhile
            setattr(self, name, getattr(self, name) - getattr(taken, name))
        self.slowest = self.limit = 0.0
        return taken

    def give_back(self, taken: Stat) -> None:
        """Add what could not be written."""
        for name in ADDED:
            setattr(self, name, getattr(self, name) + getattr(taken, name))
        self.slowest = max(self.slowest, taken.slowest)


@contextmanager
def measuring(stat: Stat) -> Iterator[None]:
    """Add the time and the statements of what is done below."""
    counted = tally()
    started, sent = perf_counter(), counted.statements
    try:
        yield
    finally:
        stat.add(perf_counter() - started, sent, counted)


@dataclass(frozen=True, slots=True)
class Cost:
    """Show what a plugin cost in one hook, or in all of them, over some hours."""

    plugin: str
    hook: str
    calls: int
    seconds: float
    statements: int
    errors: int
    overruns: int
    slowest: float

    @property
    def milliseconds(self) -> float:
        """Give the time in all."""
        return self.seconds * 1000

    @property
    def per_call(self) -> float:
        """Give the milliseconds of a call on average."""
        return self.seconds * 1000 / self.calls if self.calls else 0.0

    @property
    def slowest_call(self) -> float:
        """Give the milliseconds of the slowest call."""
        return self.slowest * 1000


def over(hours: int) -> list[Cost]:
    """List what each plugin cost in each hook, the most time first.

    Costs are kept by the full hour: the last hour begins at the full hour before it.
    """
    cost = PluginCost
    query = (
        select(cost.plugin, cost.hook, *_sums(), func.max(cost.slowest))
        .where(cost.hour > now() - (hours + 1) * HOUR)
        .group_by(cost.plugin, cost.hook)
        .order_by(func.sum(cost.seconds).desc(), cost.plugin, cost.hook)
    )
    return [Cost(*row) for row in session.execute(query)]


def by_plugin(costs: Iterable[Cost]) -> list[Cost]:
    """Add up what each plugin cost in all hooks, the most time first."""
    found: dict[str, Cost] = {}
    for one in costs:
        before = found.get(one.plugin)
        found[one.plugin] = _together(before, one) if before else one
    return sorted(found.values(), key=lambda one: (-one.seconds, one.plugin))


def by_hour(hours: int = 24) -> dict[str, list[tuple[datetime, float, int]]]:
    """Give for each plugin the seconds and calls of each hour, the oldest first, for a picture.

    Every plugin has every hour; the last one is not over yet.
    """
    cost = PluginCost
    last = full_hour(now())
    first = last - (hours - 1) * HOUR
    query = (
        select(cost.plugin, cost.hour, func.sum(cost.seconds), func.sum(cost.calls))
        .where(cost.hour >= first)
        .group_by(cost.plugin, cost.hour)
        .order_by(cost.plugin)
    )
    found: dict[str, dict[datetime, tuple[float, int]]] = {}
    for plugin, hour, seconds, calls in session.execute(query):
        found.setdefault(plugin, {})[hour] = (seconds, calls)
    times = [first + index * HOUR for index in range(hours)]
    return {
        plugin: [(time, *known.get(time, (0.0, 0))) for time in times]
        for plugin, known in found.items()
    }


def full_hour(time: datetime) -> datetime:
    """Give the full hour that a time is in."""
    return time.replace(minute=0, second=0, microsecond=0)


def store(write: Session, taken: Iterable[tuple[tuple[str, str], Stat]]) -> None:
    """Add to the costs of this hour, in one statement, because other processes add too.

    What is older than a day is removed, and nothing is kept of a plugin that was removed while
    the costs waited.
    """
    hour, known = full_hour(now()), set(write.scalars(select(PluginState.name)))
    rows = [
        {"plugin": plugin, "hook": hook, "hour": hour, **_values(stat)}
        for (plugin, hook), stat in sorted(taken, key=lambda one: one[0])
        if plugin in known
    ]
    if not rows:
        return
    insert = insert_or_update(write, PluginCost)
    new, old = insert.excluded, PluginCost
    added = {name: getattr(old, name) + getattr(new, name) for name in ADDED}
    slowest = case((new.slowest > old.slowest, new.slowest), else_=old.slowest)
    keys = [old.plugin, old.hook, old.hour]
    write.execute(
        insert.on_conflict_do_update(index_elements=keys, set_={**added, "slowest": slowest}), rows
    )
    write.execute(delete(PluginCost).where(PluginCost.hour <= now() - KEPT_HOURS * HOUR))


def _sums() -> list[Any]:
    return [func.sum(getattr(PluginCost, name)) for name in ADDED]


def _values(stat: Stat) -> dict[str, Any]:
    return {name: getattr(stat, name) for name in (*ADDED, "slowest")}


def _together(one: Cost, other: Cost) -> Cost:
    sums = {name: getattr(one, name) + getattr(other, name) for name in ADDED}
    return Cost(one.plugin, "", **sums, slowest=max(one.slowest, other.slowest))
