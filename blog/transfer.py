"""Take all tables of a site out at one moment, and put them back, on either kind of database."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, update

from blog import config, folder, migrate, schema, stillness
from blog.db import Base, Database, current_database, sqlite_url
from blog.models import PluginState, SiteState, StoredSettings
from blog.parcels import RestoreRefused
from blog.platform import files, staging
from blog.platform.archive import Kept, Row, tables_in, write_table
from blog.platform.building import folder_of
from blog.platform.discovery import Found, find
from blog.platform.sharing import free_of_secrets, placed, shared

__all__ = [
    "Database",
    "Owned",
    "RestoreRefused",
    "allowed",
    "current_database",
    "described",
    "folders",
    "held_still",
    "homeless",
    "is_empty",
    "lay_out",
    "newer",
    "owned_in",
    "place_settings",
    "plugins",
    "put",
    "snapshot",
    "take",
    "take_settings",
    "verify",
]
snapshot, held_still = schema.snapshot, stillness.held
Secrets = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Owned:
    """Hold what the core or a plugin has in a database: the revision and each table."""

    name: str
    revision: str
    tables: list[Kept]


def lay_out(instance: Path) -> Database:
    """Make the folder of a site where there is none, its database still empty; open that."""
    return folder.lay_out(instance)


def is_empty(database: Database) -> bool:
    """Tell whether a database has no tables of a site yet."""
    with database.reader.connect() as connection:
        return not inspect(connection).has_table(migrate.CORE.version_table)


def plugins(connection: Connection, instance: Path) -> list[dict[str, Any]]:
    """List the plugins that are on, or there, with version and place; none is imported."""
    table = Table(PluginState.__tablename__, MetaData(), autoload_with=connection)
    on = dict(connection.execute(select(table.c.name, table.c.enabled)).all())
    found = find(instance)
    return [
        {
            "name": name,
            "version": manifest.version if manifest else "",
            "place": str(found[name].place) if name in found else "",
            "enabled": bool(on.get(name)),
        }
        for name in sorted(on.keys() | found.keys())
        for manifest in [found[name].manifest if name in found else None]
    ]


def folders(instance: Path, without: str) -> list[str]:
    """Name the folders that an owner and plugins, but one, keep in a site; none is imported."""
    others = (one for name, one in find(instance).items() if name != without)
    paths = (path for one in others for path in files.declared(one))
    return sorted({*folder.FOLDERS, *(Path(one).parts[0] for one in paths)})


def allowed(names: Iterable[str]) -> list[str]:
    """Leave out the names that no such folder has."""
    return [one for one in names if one in folder.FOLDERS or files.is_allowed(one)]


def take(
    connection: Connection,
    archive: zipfile.ZipFile,
    instance: Path,
    *,
    with_secrets: bool = False,
    tell: Callable[[], object] = bool,
) -> list[Owned]:
    """Write every table into a zip as it is, those of the core first; ``tell`` hears of each row.

    The tables are read as they stand in the database, which may be older than the code.
    Left out are those that their plugin declares as ``derived``, and virtual ones.
    """
    found, owned = find(instance), []

    def edit(row: Row) -> Row:
        tell()
        return row

    def hide(row: Row) -> Row:
        open_ = free_of_secrets(row["owner"], json.loads(row["data"]), found, instance)
        return {**row, "data": json.dumps(open_)}

    for name, tables in tables_in(connection).items():
        kept = []
        for table in tables:
            if table.name in _derived(found.get(name)):
                continue
            hides = table.name == StoredSettings.__tablename__ and not with_secrets
            kept.append(write_table(archive, connection, table, hide if hides else edit))
        revision = migrate.revision(connection, migrate.Owner(name, instance))
        owned.append(Owned(name, revision, kept))
    return owned


def owned_in(said: Sequence[Mapping[str, Any]]) -> list[Owned]:
    """Read what ``take`` gave from the JSON that was made of it."""
    return [Owned(**{**one, "tables": [Kept(**table) for table in one["tables"]]}) for one in said]


def described(owned: Sequence[Owned]) -> str:
    """Say in words how much there is of the two nouns."""
    rows = {one.name: one.rows for owner in owned for one in owner.tables}
    return f"{rows.get('post', 0)} posts, {rows.get('comment', 0)} comments"


def newer(owned: Sequence[Owned], instance: Path) -> str:
    """Say which owner's tables are newer than its code; empty where none is."""
    for one, owner in _with_owner(owned, find(instance)):
        if owner.head and one.revision > owner.head:
            return f"{one.name} at revision {one.revision}, this one knows {owner.head}"
    return ""


def homeless(owned: Sequence[Owned], instance: Path) -> list[str]:
    """Name the plugins whose tables cannot be made, because their code is nowhere."""
    found = find(instance)
    return [one.name for one, owner in _with_owner(owned, found) if one.tables and not owner.head]


def put(
    database: Database,
    archive: zipfile.ZipFile,
    owned: Sequence[Owned],
    instance: Path,
    last: Callable[[], None] = lambda: None,
) -> dict[str, int]:
    """Replace all tables by those of a zip, in one transaction, and bring them to the code.

    Each is made by its owner's migrations, filled, read again and compared before anything is
    committed; the code of plugins is looked for in ``instance``.
    Secrets that are there stay; plugins fill anew what is derived.
    ``last`` is called before the commit: what it raises undoes all.
    Give the rows that were left out because what they point at is gone, by table.
    Raise ``RestoreRefused``; then nothing was changed.
    """
    found = find(instance)
    owners = [(one, owner) for one, owner in _with_owner(owned, found) if owner.head]
    try:
        with migrate.changing(database) as connection:
            state, secrets = _state(connection), _secrets(connection, instance)
            _drop_all(connection)
            for one, owner in owners:
                migrate.raise_to(connection, owner, one.revision)
            tables = [one for tables in tables_in(connection).values() for one in tables]
            kept = [table for one, _ in owners for table in one.tables]
            left = staging.fill(connection, archive, tables, kept, exact=True)
            for _, owner in owners:
                migrate.raise_to(connection, owner, owner.head)
            _begin_anew(connection, state, secrets)
            last()
            return left
    except RestoreRefused:
        raise
    except Exception as error:
        said = " ".join(str(error).splitlines()[:1]) or type(error).__name__
        raise RestoreRefused(f"it does not fit, nothing was changed: {said}") from error


def verify(archive: zipfile.ZipFile, owned: Sequence[Owned], instance: Path) -> None:
    """Do as ``put`` in a database that is thrown away; raise ``RestoreRefused``."""
    with tempfile.TemporaryDirectory() as place:
        database = Database(sqlite_url(Path(place) / "scratch.sqlite"))
        try:
            put(database, archive, owned, instance)
        finally:
            database.dispose()


def take_settings(archive: zipfile.ZipFile, instance: Path, *, with_secrets: bool) -> None:
    """Write the file of settings as it can go elsewhere; with secrets the key too."""
    file = instance / config.FILE
    if file.is_file():
        text = shared(file.read_text("utf-8"), instance, with_secrets=with_secrets)
        archive.writestr(config.FILE, text)
    if with_secrets:
        archive.write(instance / folder.KEY, folder.KEY)


def place_settings(stage: Path, instance: Path) -> None:
    """Let settings that were ``shared`` and a key fit the site in whose place they come."""
    new, there, key = stage / config.FILE, instance / config.FILE, stage / folder.KEY
    if new.exists() and there.exists():
        new.write_text(placed(new.read_text("utf-8"), there.read_text("utf-8")), "utf-8")
    if key.exists():
        key.chmod(0o600)


def _with_owner(
    owned: Sequence[Owned], found: Mapping[str, Found]
) -> Iterator[tuple[Owned, migrate.Owner]]:
    for one in owned:
        if one.name == migrate.CORE.name:
            yield one, migrate.CORE
        else:
            place = found[one.name].path if one.name in found else Path("nowhere")
            yield one, migrate.Owner(one.name, folder_of(place))


def _derived(found: Found | None) -> list[str]:
    """Name the tables that a plugin fills again by itself."""
    manifest = found.manifest if found else None
    return manifest.reach.get("derived", []) if manifest else []


def _state(connection: Connection) -> tuple[int, int]:
    """Read how often the site that is there changed, so that its processes see one change more."""
    if not inspect(connection).has_table(SiteState.__tablename__):
        return 0, 0
    state = Table(SiteState.__tablename__, MetaData(), autoload_with=connection)
    rows = [dict(one) for one in connection.execute(select(state)).mappings()]
    row = rows[0] if rows else {}
    return row.get("generation", 0), row.get("reloads", 0)


def _secrets(connection: Connection, instance: Path) -> dict[str, dict[str, Any]]:
    """Read the secrets among the settings of the site that is there."""
    if not inspect(connection).has_table(StoredSettings.__tablename__):
        return {}
    found, kept = find(instance), {}
    for name, data in connection.execute(select(StoredSettings.owner, StoredSettings.data)):
        open_ = free_of_secrets(name, data, found, instance)
        kept[name] = {key: value for key, value in data.items() if key not in open_}
    return {name: secrets for name, secrets in kept.items() if secrets}


def _drop_all(connection: Connection) -> None:
    for name in reversed(tables_in(connection)):
        if name != migrate.CORE.name:
            schema.drop(connection, name)
    there = inspect(connection).get_table_names()
    core = [*reversed(Base.metadata.sorted_tables), Table(migrate.CORE.version_table, MetaData())]
    for table in core:
        if table.name in there:
            table.drop(connection)


def _begin_anew(connection: Connection, state: tuple[int, int], secrets: Secrets) -> None:
    """Let every process see another generation, and every plugin catch up."""
    found = connection.execute(select(SiteState.generation, SiteState.reloads)).one()
    numbers = [max(pair) + 1 for pair in zip(state, found, strict=True)]
    connection.execute(update(SiteState).values(generation=numbers[0], reloads=numbers[1]))
    connection.execute(update(PluginState).where(PluginState.enabled).values(behind=True))
    for name, kept in secrets.items():
        own = StoredSettings.owner == name
        data = connection.scalar(select(StoredSettings.data).where(own))
        is_known = select(PluginState.name).where(PluginState.name == name)
        if data is not None:
            connection.execute(update(StoredSettings).where(own).values(data={**kept, **data}))
        elif connection.scalar(is_known):
            connection.execute(insert(StoredSettings).values(owner=name, data=kept))
