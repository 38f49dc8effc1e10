"""Let the owner put plugins into another order than they ask for, importing none.

The first change writes down the whole order as it is then, so that only the plugin that is moved
changes its place; a plugin that is turned on later comes after those, unless it asks otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select, update

from blog.db import session, writing
from blog.models import PluginState
from blog.platform import order, states
from blog.platform.check import PluginRefused
from blog.platform.discovery import find
from blog.platform.manifest import Manifest


def current(instance: Path) -> list[str]:
    """Give the names of the plugins that are on, in the order that holds.

    Those in a cycle come by name, so that an order of the owner can end it.
    """
    manifests, positions = _manifests(instance), _positions()
    try:
        return order.arrange(manifests, positions)
    except order.OrderCycle:
        return sorted(manifests, key=lambda name: (positions.get(name, 0), name))


def chosen() -> set[str]:
    """Name the plugins whose place the owner chose."""
    return set(_positions())


def contradicted(instance: Path) -> list[str]:
    """Say what plugins ask of each other that the order does not give them."""
    return order.contradicted(_manifests(instance), current(instance))


def move(instance: Path, name: str, other: str, *, after: bool = False) -> None:
    """Put a plugin directly before another, or after it, whatever the two declare.

    Raise ``PluginRefused`` for one that is not on.
    """
    names = current(instance)
    for one in (name, other):
        if one not in names:
            raise PluginRefused(f"{one} is not on: palabre plugins enable {one}")
    if name == other:
        raise PluginRefused(f"{name} cannot come before or after itself")
    _write(order.moved(names, name, other, after=after))


def step(instance: Path, name: str, *, later: bool = False) -> None:
    """Put a plugin one place earlier, or later; the first and the last stay there."""
    names = current(instance)
    if name not in names:
        raise PluginRefused(f"{name} is not on: palabre plugins enable {name}")
    place = names.index(name) + (1 if later else -1)
    if 0 <= place < len(names):
        move(instance, name, names[place], after=later)


def reset(name: str = "") -> None:
    """Give one plugin, or all, the place that it asks for."""
    query = update(PluginState).values(position=None)
    with writing() as write:
        write.execute(query.where(PluginState.name == name) if name else query)
        states.bump(write)


def _write(names: Sequence[str]) -> None:
    """Keep an order; a plugin without a place counts as 0 and so comes after it."""
    with writing() as write:
        write.execute(update(PluginState).values(position=None))
        for index, name in enumerate(names):
            states.of(write, name).position = index - len(names)
        states.bump(write)


def _manifests(instance: Path) -> Mapping[str, Manifest]:
    on = session.scalars(select(PluginState.name).where(PluginState.enabled.is_(True)))
    found = find(instance)
    manifests = {name: found[name].manifest for name in sorted(on) if name in found}
    return {name: one for name, one in manifests.items() if one is not None}


def _positions() -> dict[str, int]:
    return states.positions(session.scalars(select(PluginState)))
