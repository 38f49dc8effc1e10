"""Let an owner see what plugins cost and lack, and keep or remove what they hold, from a page."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import select

from blog import attention, identity
from blog.attention import Item, Kind
from blog.control import Refused, refusing
from blog.db import current_database, session
from blog.models import PluginState
from blog.platform import archive, costs, leftovers, lifecycle, needs, reloading, removal
from blog.platform.archive import ExportFailed
from blog.platform.context import generation
from blog.platform.costs import Cost
from blog.platform.discovery import find
from blog.platform.listing import unknown
from blog.platform.removal import Belongings

if TYPE_CHECKING:
    from blog.platform.checking import Checked

GRAVITY = list(Kind)


def lacks() -> list[Item]:
    """List what of the plugins needs the owner's attention, each with its mend, the worst first."""
    identity.require(identity.MANAGE)
    found = attention.items(current_database(), generation().instance)
    return sorted(found, key=lambda one: GRAVITY.index(one.kind))


def place(where: str) -> tuple[str, str]:
    """Say in words where a plugin failed or spent time, apart from its name in code."""
    return attention.place(where)


def costs_over(hours: int) -> list[Cost]:
    """List what each plugin cost in each hook over some hours, the most time first."""
    identity.require(identity.MANAGE)
    return costs.over(hours)


def costs_by_plugin(found: list[Cost]) -> list[Cost]:
    """Add up what each plugin cost in all hooks, the most time first."""
    return costs.by_plugin(found)


def costs_by_hour() -> dict[str, list[tuple[datetime, float, int]]]:
    """Give for each plugin the seconds and calls of each hour of the last day."""
    identity.require(identity.MANAGE)
    return costs.by_hour()


def reload(name: str) -> bool:
    """Take the changed code of a plugin; tell whether it had changed; raise ``Refused``."""
    identity.require(identity.MANAGE)
    with refusing(), leftovers.left_behind():
        return reloading.reload(current_database(), generation().instance, name)


def useful(name: str) -> list[str]:
    """Name the plugins that another can use and that are there, but off."""
    return needs.useful(generation().instance, name)


def check(name: str) -> Checked:
    """Look for mistakes in a plugin and grade it, importing it in a child process alone.

    That may take some seconds.
    Raise ``Refused`` for a name that nothing has.
    """
    from blog.platform import checking  # noqa: PLC0415 - no server needs it before somebody asks
    from blog.platform.checks.beside import on_site  # noqa: PLC0415

    identity.require(identity.MANAGE)
    found = find(generation().instance)
    if name not in found:
        raise Refused(unknown(name, found))
    one = found[name]
    checked = checking.check(one.path, on_site(found), name=name, module=one.module)
    top = f"{one.path.parent}{os.sep}"  # a page does not tell where the site lies on the disk
    near = (replace(each, file=each.file.removeprefix(top)) for each in checked.findings)
    return replace(checked, findings=tuple(near))


def left_behind() -> list[str]:
    """Name the plugins that are off and whose code is gone, but of which something may be kept."""
    identity.require(identity.MANAGE)
    known = session.scalars(select(PluginState.name).where(PluginState.enabled.is_(False)))
    return sorted(set(known) - find(generation().instance).keys())


def belongings(name: str) -> Belongings:
    """Find all that a plugin has; raise ``Refused`` for a name that nothing has."""
    identity.require(identity.MANAGE)
    with refusing():
        return removal.look(current_database(), generation().instance, name)


def export(name: str) -> BinaryIO:
    """Give a zip of all that a plugin keeps; raise ``Refused``.

    Its place on the disk is free again when it is closed.
    """
    identity.require(identity.MANAGE)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, f"{name}.zip")
        try:
            archive.export(current_database(), generation().instance, name, target)
        except ExportFailed as error:
            raise Refused(str(error)) from error
        return target.open("rb")


def uninstall(name: str) -> list[str]:
    """Turn a plugin off and remove all that it keeps; name the files that would not go.

    Raise ``Refused`` for a name that nothing has, and where another plugin holds on to its rows.
    """
    identity.require(identity.MANAGE)
    instance = generation().instance
    with refusing():
        if belongings(name).is_on:
            lifecycle.disable(instance, name)
        return removal.uninstall(current_database(), instance, name)
