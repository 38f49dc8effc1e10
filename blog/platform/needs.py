"""Say what a plugin needs of others, and who stops without it, importing none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from blog.db import session
from blog.models import PluginState
from blog.platform import listing
from blog.platform.check import PluginRefused
from blog.platform.discovery import Found, find


def needed(instance: Path, name: str) -> list[str]:
    """Name the plugins to turn on before another, in this order.

    Raise ``PluginRefused`` when one of them cannot be had.
    """
    found, on = find(instance), names_on()
    order: list[str] = []
    _gather(found, name, on, order, ())
    return order


def useful(instance: Path, name: str) -> list[str]:
    """Name the plugins that another can use and that are there, but off."""
    found, on = find(instance), names_on()
    manifest = found[name].manifest if name in found else None
    return [one for one in (manifest.uses if manifest else ()) if one in found and one not in on]


def stopped_by(instance: Path, name: str) -> list[str]:
    """Name the plugins that are on and cannot be without another."""
    found, on = find(instance), names_on()
    stopped = {name}
    while True:
        more = {one for one in on & found.keys() if _needs(found[one], stopped)}
        if more <= stopped:
            return sorted(stopped - {name})
        stopped |= more


def names_on() -> set[str]:
    """Name the plugins that are on."""
    return set(session.scalars(select(PluginState.name).where(PluginState.enabled.is_(True))))


def _gather(
    found: Mapping[str, Found], name: str, on: set[str], order: list[str], above: tuple[str, ...]
) -> None:
    if name not in found:
        raise PluginRefused(listing.unknown(name, found))
    manifest = found[name].manifest
    problem = listing.misfit(manifest, found) if manifest else ""
    if problem:
        raise PluginRefused(f"{name} {problem}")
    for need in manifest.requires if manifest else ():
        other = found.get(need.name)
        if other is None:
            raise PluginRefused(
                f"{name} needs {need}, which is not there: put it into the instance's plugins,"
                f" or palabre plugins install {need.name}"
            )
        if other.problem:
            raise PluginRefused(f"{name} needs {need}: {other.problem}")
        if need.name not in on and need.name not in (*order, *above):
            _gather(found, need.name, on, order, (*above, name))
            order.append(need.name)


def _needs(one: Found, names: set[str]) -> bool:
    return any(need.name in names for need in (one.manifest.requires if one.manifest else ()))
