"""Keep which plugins are on, and the number that tells every process of a change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from blog.db import session
from blog.models import PluginState, SiteState, StoredSettings
from blog.platform.context import NoSite, generation

CORE = "core"


class State(NamedTuple):
    """Hold the row that every request reads first.

    ``safe`` leaves out what is not bundled; ``reloads`` counts how often code was changed.
    """

    number: int
    safe: bool
    reloads: int


def stored(owner: str) -> dict[str, Any]:
    """Give the settings that the database holds for the core or a plugin."""
    row = session.get(StoredSettings, owner)
    return dict(row.data) if row else {}


def bump(write: Session | Connection) -> None:
    """Tell every process to build its next application."""
    write.execute(update(SiteState).values(generation=SiteState.generation + 1))


def replace_workers(write: Session) -> None:
    """Tell every server to begin other workers, because code that those have has changed."""
    write.execute(update(SiteState).values(reloads=SiteState.reloads + 1))


def set_safe(write: Session, safe: bool) -> None:
    """Leave out every plugin that is not bundled, or take them back, in every process."""
    write.execute(update(SiteState).values(safe=safe))
    bump(write)


def current() -> State:
    """Read what every request has to know first: one look-up by primary key."""
    return State(*session.connection().execute(_CURRENT).one())


def current_number() -> int:
    """Read the number of the current generation."""
    return current().number


def mark_behind(write: Session, plugins: Iterable[str]) -> None:
    """Remember that record hooks of plugins failed, so that they catch up.

    Plugins that were turned on after this request began have missed its write too.
    """
    for name in {*plugins, *_turned_on_since(write)}:
        changed = write.execute(
            update(PluginState)
            .where(PluginState.name == name, PluginState.behind.is_(False))
            .values(behind=True)
        )
        if changed.rowcount:  # type: ignore[attr-defined]
            bump(write)


def hold_state(write: Session, name: str) -> None:
    """Lock a plugin's row until the write ends, so that no other process catches up as well."""
    write.execute(select(PluginState.name).where(PluginState.name == name).with_for_update())


def mark_caught_up(write: Session, name: str) -> None:
    """Remember, in the write that found it so, that a plugin has nothing left to catch up on."""
    of(write, name).behind = False
    bump(write)


def of(write: Session, name: str) -> PluginState:
    """Give what is known of a plugin, in a row that this write keeps."""
    row = write.get(PluginState, name)
    if row is None:
        row = PluginState(name=name, enabled=False, behind=False, reason="")
        write.add(row)
    return row


def positions(rows: Iterable[PluginState]) -> dict[str, int]:
    """Give the places in the order that the owner chose."""
    return {row.name: row.position for row in rows if row.position is not None}


_STATE = SiteState.__table__.c
_NUMBER = select(_STATE.generation).where(_STATE.id == 1)
_CURRENT = select(_STATE.generation, _STATE.safe, _STATE.reloads).where(_STATE.id == 1)


def _turned_on_since(write: Session) -> list[str]:
    try:
        current = generation()
    except NoSite:
        return []
    if write.scalar(_NUMBER) == current.number:
        return []
    known = {one.name for one in current.plugins} | current.failures.keys()
    names = write.scalars(select(PluginState.name).where(PluginState.enabled.is_(True)))
    return [name for name in names if name not in known]
