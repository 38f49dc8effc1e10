"""Remove all that a plugin left in the database and the instance, importing none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, func, inspect, select, table

from blog import migrate, schema
from blog.db import Database, session
from blog.models import Job, PluginCost, PluginError, PluginState, Post, StoredSettings
from blog.platform import archive, code, files, listing, needs, states
from blog.platform.check import PluginRefused
from blog.platform.discovery import Found, find, package_of
from blog.platform.manifest import NAME, RESERVED


@dataclass(frozen=True, slots=True)
class Belongings:
    """Hold what a plugin has: what goes when it is removed, and what stays.

    ``tables`` counts their rows; ``guarded`` counts the posts that nobody may read without it;
    ``left_out`` says why an export would not hold its settings; ``package`` names the one that
    brought its code, which only an installer removes.
    """

    name: str
    tables: Mapping[str, int]
    settings: tuple[str, ...]
    jobs: int
    errors: int
    costs: int
    files: tuple[str, ...]
    is_known: bool
    is_on: bool
    needed_by: tuple[str, ...]
    guarded: int
    stays: tuple[str, ...]
    left_out: str
    package: str

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to remove."""
        rows = self.jobs + self.errors + self.costs
        return not (self.tables or self.settings or self.files or rows or self.is_known)


def look(database: Database, instance: Path, name: str) -> Belongings:
    """Find all that a plugin has; raise ``PluginRefused`` for a name that nothing has."""
    found = find(instance)
    _refuse_name(name, found)
    row = session.get(PluginState, name)
    stored = session.get(StoredSettings, name)
    belongings = Belongings(
        name=name,
        tables=count_rows(database, name),
        settings=tuple(sorted(stored.data)) if stored else (),
        jobs=_count(Job, name),
        errors=_count(PluginError, name),
        costs=_count(PluginCost, name),
        files=tuple(files.kept(instance, name, found)),
        is_known=row is not None or stored is not None,
        is_on=row is not None and row.enabled,
        needed_by=tuple(needs.stopped_by(instance, name)),
        guarded=session.scalar(select(func.count()).where(Post.guard == name)) or 0,
        stays=tuple(files.staying(instance, name, found)),
        left_out=archive.left_out(stored.data if stored else {}, found.get(name)),
        package=package_of(found.get(name)),
    )
    if belongings.is_empty and name not in found:
        raise PluginRefused(listing.unknown(name, found))
    return belongings


def refuse_pointed_at(database: Database, name: str) -> None:
    """Raise ``PluginRefused`` while another plugin's table points at one of this."""
    with database.reader.connect() as connection:
        _refuse_others(connection, name)


def count_rows(database: Database, name: str) -> dict[str, int]:
    """Count the rows of each of a plugin's tables, its table of versions left aside."""
    with database.reader.connect() as connection:
        return {
            one: connection.scalar(select(func.count()).select_from(table(one))) or 0
            for one in sorted(schema.tables(schema.outline(connection), name))
        }


def uninstall(database: Database, instance: Path, name: str) -> list[str]:
    """Remove a plugin's rows and tables in one transaction, all or none, and then its files.

    Turn it off first, so that no process writes meanwhile.
    Raise ``PluginRefused`` while another plugin's table points at one of them.
    Name the files that would not go.
    """
    found = find(instance)
    _refuse_name(name, found)
    paths = files.kept(instance, name, found)
    _remove_rows(database, name)
    code.forget(instance, name)
    return files.remove(instance, paths)


def _refuse_name(name: str, found: Mapping[str, Found]) -> None:
    """Refuse what no plugin is called: much of the core begins with such a name."""
    if not NAME.match(name) or name in RESERVED:
        raise PluginRefused(listing.unknown(name, found))


def _remove_rows(database: Database, name: str) -> None:
    with migrate.changing(database) as connection:
        _refuse_others(connection, name)
        schema.drop(connection, name)
        for model in (Job, PluginError, PluginCost):
            connection.execute(delete(model).where(model.plugin == name))
        connection.execute(delete(StoredSettings).where(StoredSettings.owner == name))
        connection.execute(delete(PluginState).where(PluginState.name == name))
        states.bump(connection)


def _count(model: type[Job | PluginError | PluginCost], name: str) -> int:
    return session.scalar(select(func.count()).where(model.plugin == name)) or 0


def _refuse_others(connection: Connection, name: str) -> None:
    """Refuse while a table of another plugin points at one of this."""
    for (_, one), keys in inspect(connection).get_multi_foreign_keys().items():
        for key in keys:
            points_here = key["referred_table"].startswith(f"{name}_")
            if points_here and not one.startswith(f"{name}_"):
                other = one.partition("_")[0]
                raise PluginRefused(
                    f"the table {one} points at {key['referred_table']}:"
                    f" palabre plugins uninstall {other} first"
                )
