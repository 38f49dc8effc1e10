"""Switch a plugin off that fails again and again, counted over every process."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import Session

from blog.db import now
from blog.models import PluginState, SiteState

log = logging.getLogger("blog.plugins")


@dataclass(frozen=True, slots=True)
class Limits:
    """Say how often a plugin may fail in how many minutes, and how long one call may take.

    0 turns a limit off.
    """

    failures: int = 20
    minutes: int = 10
    milliseconds: int = 200

    @property
    def budget(self) -> float:
        """Give the seconds that one call may take."""
        return self.milliseconds / 1000 if self.milliseconds else inf


def count(write: Session, plugin: str, failures: int, last: str, limits: Limits) -> bool:
    """Add failures of a plugin and switch it off when they are too many; tell whether it was.

    The window begins with the first failure in it.
    ``last`` says where it failed last, and with what.
    """
    if not (limits.failures and limits.minutes):
        return False
    state = PluginState
    time = now()
    window = timedelta(minutes=limits.minutes)
    is_new = or_(state.failing_since.is_(None), state.failing_since <= time - window)
    on = (state.name == plugin, state.enabled.is_(True))
    _change(
        write,
        on,
        failures=case((is_new, failures), else_=state.failures + failures),
        failing_since=case((is_new, time), else_=state.failing_since),
    )
    counted = write.scalar(select(state.failures).where(*on))
    if counted is None or counted < limits.failures:
        return False
    reason = f"{counted} failures within {limits.minutes} minutes, the last in {last}"
    _change(write, on, enabled=False, reason=reason)
    write.execute(update(SiteState).values(generation=SiteState.generation + 1))
    log.error("plugin %s was switched off: %s; palabre plugins enable %s", plugin, reason, plugin)
    return True


def _change(write: Session, where: tuple[Any, ...], **values: Any) -> None:
    """Change a plugin's row in one statement, because other processes change it too."""
    change = update(PluginState).where(*where).values(**values)
    write.execute(change.execution_options(synchronize_session=False))
