"""List what of the plugins needs the owner's attention, each with its mend, importing none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from blog import guards, hookspecs, migrate
from blog.db import Database, now, session
from blog.language import gettext as _
from blog.language import ngettext
from blog.models import PluginCost, PluginError, PluginState
from blog.platform import code, costs, listing
from blog.platform.discovery import Found, find
from blog.platform.limits import mentions
from blog.platform.listing import Listing
from blog.platform.report import LOAD

RECENT = timedelta(days=1)
SPECS = {name: one for name, one in vars(hookspecs).items() if hasattr(one, "palabre_hook")}


class Kind(StrEnum):
    """Say what sort of attention is needed."""

    SWITCHED_OFF = "switched-off"
    INCOMPATIBLE = "incompatible"
    LEFT_OUT = "left-out"
    MIGRATION = "migration"
    ERROR = "error"
    OVERRUN = "overrun"
    DEPRECATED = "deprecated"
    CODE = "code"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Item:
    """Name a plugin, what is wrong with it and how that is mended.

    ``command`` is what to type; the admin can do the same with a button.
    """

    plugin: str
    kind: Kind
    what: str
    mend: str
    command: str = ""


@dataclass(frozen=True)
class _Site:
    """Hold what is on: as it lies on the disk, and as it was taken, which is what runs."""

    database: Database
    instance: Path
    lying: Mapping[str, Found]
    on: Mapping[str, Found]
    rows: Mapping[str, PluginState]
    specs: Mapping[str, Any]


def items(
    database: Database, instance: Path, specs: Mapping[str, Callable[..., Any]] = SPECS
) -> list[Item]:
    """List what needs attention, by plugin; what was mended a day ago is not told any more."""
    rows = {row.name: row for row in session.scalars(select(PluginState))}
    lying = find(instance)
    site = _Site(database, instance, lying, code.on(instance, lying), rows, specs)
    late = list(_migrations(site))
    told = {one.plugin for one in late}
    others = (_listed, _errors, _overruns, _deprecated, _changed, _hidden)
    found = [*late, *(one for part in others for one in part(site))]
    kept = [one for one in found if one.kind is not Kind.LEFT_OUT or one.plugin not in told]
    return sorted(kept, key=lambda one: one.plugin)


def place(where: str) -> tuple[str, str]:
    """Say in words where a plugin failed or spent time, apart from its name in code.

    ``where`` is as it was recorded: a hook, or for example ``job tidy``.
    """
    if where == costs.ROUTE:
        return _("its pages"), ""
    for kind, words in _places().items():
        if where == kind or where.startswith((f"{kind} ", f"{kind}: ")):
            return words, where.removeprefix(kind).lstrip(": ")
    return _("the hook"), where


def _places() -> dict[str, str]:
    return {
        "around requests": _("the work around requests"),
        costs.ROUTE: _("the page"),
        "job": _("the job"),
        "field": _("the field"),
        "template": _("the template"),
        "command": _("the command"),
        "settings": _("the settings"),
        LOAD: _("the import"),
        "migrate": _("the migration"),
    }


def _said(where: str) -> str:
    return " ".join(filter(None, place(where)))


def _migrations(site: _Site) -> Iterator[Item]:
    for name, found in site.on.items():
        folder = found.path / "migrations"
        try:
            if not folder.is_dir() or not migrate.pending(
                site.database, [migrate.Owner(name, folder)]
            ):
                continue
        except migrate.DatabaseTooNew as error:
            mend = _("Update the plugin, or restore the backup made before.")
            yield Item(name, Kind.MIGRATION, str(error), mend)
            continue
        what = _("Its tables are older than its code, so it is left out.")
        yield Item(name, Kind.MIGRATION, what, _("Migrate its tables."), "palabre migrate")


def _listed(site: _Site) -> Iterator[Item]:
    for one in listing.plugins(site.instance):
        enable, disable = (f"palabre plugins {word} {one.name}" for word in ("enable", "disable"))
        if one.state == "switched-off":
            what = _("It was switched off: %(reason)s", reason=one.reason)
            yield Item(one.name, Kind.SWITCHED_OFF, what, _("Update it and enable it."), enable)
        elif _is_on(site, one) and one.state == "incompatible":
            what = _("It is left out: %(reason)s", reason=one.reason)
            mend = _("Update what is too old, or disable it.")
            yield Item(one.name, Kind.INCOMPATIBLE, what, mend, disable)
        elif one.state == "failed":
            what = _("It is left out: %(reason)s", reason=one.reason)
            yield Item(one.name, Kind.LEFT_OUT, what, _("Mend that, or disable it."), disable)


def _is_on(site: _Site, one: Listing) -> bool:
    return one.name in site.rows and site.rows[one.name].enabled


def _errors(site: _Site) -> Iterator[Item]:
    recent = (PluginError.hook != LOAD, PluginError.last_at > now() - RECENT)
    for row in session.scalars(select(PluginError).where(*recent).order_by(PluginError.hook)):
        if row.plugin not in site.on:
            continue
        what = ngettext(
            "It failed %(num)d time in %(hook)s: %(message)s",
            "It failed %(num)d times in %(hook)s: %(message)s",
            row.count,
            hook=_said(row.hook),
            message=row.message,
        )
        mend = _("Update it, or disable it; the traceback is for its author.")
        yield Item(row.plugin, Kind.ERROR, what, mend, f"palabre plugins disable {row.plugin}")


def _overruns(site: _Site) -> Iterator[Item]:
    cost = PluginCost
    query = (
        select(cost.plugin, cost.hook, func.sum(cost.overruns), func.max(cost.slowest))
        .where(cost.hour > now() - costs.KEPT_HOURS * costs.HOUR, cost.overruns > 0)
        .group_by(cost.plugin, cost.hook)
        .order_by(cost.plugin, cost.hook)
    )
    for plugin, hook, count, slowest in session.execute(query):
        if plugin not in site.on:
            continue
        what = ngettext(
            "It took too long %(num)d time in %(hook)s: up to %(time)d ms.",
            "It took too long %(num)d times in %(hook)s: up to %(time)d ms.",
            count,
            hook=_said(hook),
            time=round(slowest * 1000),
        )
        mend = _("See what it costs; update it, or disable it.")
        yield Item(plugin, Kind.OVERRUN, what, mend, "palabre plugins cost")


def _deprecated(site: _Site) -> Iterator[Item]:
    for hook, spec in site.specs.items():
        why = spec.palabre_hook.deprecated
        for name, found in site.on.items() if why else ():
            if mentions(found, hook):
                what = _("It uses the hook %(hook)s, which ends: %(why)s", hook=hook, why=why)
                yield Item(name, Kind.DEPRECATED, what, _("Update it before Palabre is updated."))


def _changed(site: _Site) -> Iterator[Item]:
    for name in site.on:
        if code.note_on(site.instance, site.lying.get(name), site.rows[name]):
            what = _("Its files on the disk are not the code that runs.")
            mend = _("Check the files, then take their code.")
            yield Item(name, Kind.CODE, what, mend, f"palabre plugins reload {name}")


def _hidden(site: _Site) -> Iterator[Item]:
    for one in guards.hidden(site.instance):
        what = ngettext(
            "%(num)d post is hidden because this plugin, which guards it, is not on.",
            "%(num)d posts are hidden because this plugin, which guards them, is not on.",
            one.number,
        )
        undo = f'palabre posts edit {one.post_id} --guard ""'
        mend = _("Open a post with %(command)s, or enable the plugin.", command=undo)
        yield Item(one.guard, Kind.GUARD, what, mend, f"palabre plugins enable {one.guard}")
