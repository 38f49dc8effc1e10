"""Write all that a plugin keeps into one zip: JSON lines for each table, settings, jobs, files."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from graphlib import TopologicalSorter
from hashlib import sha256
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Connection, MetaData, Table, select
from sqlalchemy.exc import SQLAlchemyError

from blog import migrate, parcels, schema
from blog.db import Base, Database, now
from blog.models import Job, PluginState, StoredSettings
from blog.platform import files, values
from blog.platform.discovery import Found, find
from blog.platform.sharing import free_of_secrets

KIND = "palabre plugin export"
FORMAT = 2
STEP = 500
TABLES, FILES = "tables/", "files/"
JOBS = f"{TABLES}{Job.__tablename__}.jsonl"
VERSION = "_version"
Row = dict[str, Any]
Edit = Callable[[Row], Row]


class ExportFailed(RuntimeError):
    """Data cannot be written to a file; nothing was removed and no file is left."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Describe one table in an export.

    ``last`` is the last number that the table gave to a row by itself, ``digest`` sums up what
    its rows say.
    """

    name: str
    columns: list[dict[str, str]]
    rows: int = 0
    last: int = 0
    digest: str = ""


class Digest:
    """Sum up what the rows of a table say, whatever their order and the kind of the database."""

    def __init__(self, table: Table) -> None:
        self._texts = [one.name for one in table.columns if isinstance(one.type, JSON)]
        self._sum = 0

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a row in, its values packed."""
        alike = {name: values.alike(value) for name, value in row.items()}
        for name in self._texts:
            alike[name] = None if row[name] is None else json.loads(row[name])
        self._sum += int.from_bytes(sha256(json.dumps(alike, sort_keys=True).encode()).digest())

    def __str__(self) -> str:
        return f"{self._sum % 2**256:064x}"


@dataclass(frozen=True, slots=True)
class Contents:
    """Describe an export: the manifest of the zip."""

    plugin: str
    version: str
    revision: str
    palabre: str
    made_at: str
    tables: list[Kept]
    jobs: Kept
    settings: dict[str, Any] | None = None
    settings_version: int = 0
    files: list[str] = field(default_factory=list)


def export(database: Database, instance: Path, name: str, target: Path) -> Contents:
    """Write a plugin's data as it is at one moment into a new file.

    None of its code runs.
    Raise ``ExportFailed``; a file that is there already is never overwritten.
    """
    if target.exists():
        raise ExportFailed(f"{target} is there already: name another file")
    try:
        with (
            schema.snapshot(database) as connection,
            parcels.written(target, KIND, FORMAT) as (archive, head),
        ):
            contents = _write(connection, archive, instance, name)
            head.update(asdict(contents))
            return contents
    except (OSError, SQLAlchemyError, ValueError) as error:
        said = " ".join(str(error).splitlines()[:1])
        raise ExportFailed(f"{name} was not exported to {target}: {said}") from error


def left_out(stored: Mapping[str, Any], found: Found | None) -> str:
    """Say why an export would leave settings out; empty when it holds them, or there are none."""
    if not stored or (found and found.manifest):
        return ""
    why = found.problem if found else "its code is not there"
    return f"settings are left out, because nobody can tell which are secret: {why}"


def tables_in(connection: Connection) -> dict[str, list[Table]]:
    """Read the shapes of the tables of each owner, those first that others point at.

    Left aside are the tables of versions, and virtual ones with their shadows, which plugins
    fill again.
    """
    core = migrate.CORE.name
    real = {one.name for one in schema.outline(connection) if one.kind == schema.TABLE}
    names = {one.removesuffix(VERSION) for one in real if one.endswith(VERSION)}
    whose = {one: core if one in Base.metadata.tables else one.partition("_")[0] for one in real}
    mine = [one for one in real if whose[one] in names and not one.endswith(VERSION)]
    metadata = MetaData()
    if mine:
        metadata.reflect(connection, only=mine)
    tables = [one for one in metadata.sorted_tables if one.name in mine]
    points: dict[str, set[str]] = {name: {core} for name in sorted(names - {core})}
    for table in tables:
        there = {whose.get(key.column.table.name, core) for key in table.foreign_keys}
        points.setdefault(whose[table.name], set()).update(there - {whose[table.name]})
    order = [one for one in TopologicalSorter(points).static_order() if one in names]
    return {name: [one for one in tables if whose[one.name] == name] for name in order}


def columns_of(table: Table) -> list[Column[Any]]:
    """Give the columns that hold values of their own."""
    return [one for one in table.columns if one.computed is None]


def numbering(table: Table) -> str:
    """Name the column that a table may number by itself; empty when it has none."""
    keys = list(table.primary_key.columns)
    return keys[0].name if len(keys) == 1 else ""


def write_table(
    archive: zipfile.ZipFile,
    connection: Connection,
    table: Table,
    edit: Edit = dict,
    plugin: str = "",
) -> Kept:
    """Write the rows of a table, or those of one plugin, each as ``edit`` gives it."""
    digest, rows = Digest(table), 0
    with archive.open(f"{TABLES}{table.name}.jsonl", "w", force_zip64=True) as member:
        for row in map(edit, rows_of(connection, table, plugin)):
            digest.add(row)
            member.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            rows += 1
    last = schema.last_number(connection, table.name, numbering(table))
    shapes = [{"name": one.name, "type": str(one.type)} for one in columns_of(table)]
    return Kept(table.name, shapes, rows, last, str(digest))


def rows_of(connection: Connection, table: Table, plugin: str = "") -> Iterator[dict[str, Any]]:
    """Read a table a few rows at a time; of a table of the core, a plugin's rows alone."""
    columns = columns_of(table)
    query = select(*(values.shown(one, connection).label(one.name) for one in columns))
    query = query.order_by(*table.primary_key.columns)
    if plugin:
        query = query.where(table.c.plugin == plugin)
    options = {"yield_per": STEP, "stream_results": True}
    for row in connection.execute(query, execution_options=options).mappings():
        yield {name: values.pack(value) for name, value in row.items()}


def _write(connection: Connection, archive: zipfile.ZipFile, instance: Path, name: str) -> Contents:
    own = tables_in(connection).get(name, [])
    tables = [write_table(archive, connection, table) for table in own]
    jobs = Table(Job.__tablename__, MetaData(), autoload_with=connection)
    found = find(instance)
    paths = files.kept(instance, name, found)
    for path in paths:
        archive.write(instance / path, f"{FILES}{path}")
    manifest = found[name].manifest if name in found else None
    return Contents(
        plugin=name,
        version=manifest.version if manifest else _version(connection, name),
        revision=migrate.revision(connection, migrate.Owner(name, instance)),
        palabre=installed("palabre"),
        made_at=now().isoformat(),
        tables=tables,
        jobs=write_table(archive, connection, jobs, plugin=name),
        files=paths,
        **_settings(connection, name, found, instance),
    )


def _settings(
    connection: Connection, name: str, found: Mapping[str, Found], instance: Path
) -> dict[str, Any]:
    """Read the settings without secrets; none where nobody says which are secret."""
    data = connection.scalar(select(StoredSettings.data).where(StoredSettings.owner == name))
    query = select(PluginState.settings_version).where(PluginState.name == name)
    known = data if data and not left_out(data, found.get(name)) else None
    open_ = free_of_secrets(name, known, found, instance) if known else None
    return {"settings": open_, "settings_version": connection.scalar(query) or 0}


def _version(connection: Connection, name: str) -> str:
    query = select(PluginState.version).where(PluginState.name == name)
    return connection.scalar(query) or ""
