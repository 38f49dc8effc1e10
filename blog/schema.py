"""Outline what a database holds besides rows, and say whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from blog.db import Database
from blog.models import SiteState


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """Name one thing of a schema, and the table that it is part of.

    ``kind`` is for example table, column, index, sequence, trigger or view.
    """

    kind: str
    name: str
    table: str = ""

    def is_of(self, plugin: str) -> bool:
        """Tell whether this is a plugin's: by its table, or by a name that a plugin chose."""
        prefix = f"{plugin}_"
        if self.table.startswith(prefix) or (not self.table and self.name.startswith(prefix)):
            return True
        return self.kind in ("index", "trigger") and self.name.startswith(prefix)


Outline = Mapping[Thing, str]
TABLE, VIRTUAL = "table", "virtual"


def outline(connection: Connection) -> Outline:
    """Give the definition of everything in the database, by what it is."""
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    rows = connection.exec_driver_sql(query)
    return {Thing(kind, name, table or ""): definition for kind, name, table, definition in rows}


def tables(found: Iterable[Thing], plugin: str) -> list[str]:
    """Name a plugin's tables, by their prefix; never one of the core.

    Virtual tables come first: their shadow tables go with them.
    """
    own = (one for one in found if one.kind in (VIRTUAL, TABLE) and one.is_of(plugin))
    ordered = sorted(own, key=lambda one: (one.kind != VIRTUAL, one.name))
    return [one.name for one in ordered if one.name not in SiteState.metadata.tables]


def strays(before: Outline, after: Outline, plugin: str) -> list[str]:
    """Say what a plugin changed that is not its own."""
    said = []
    for thing in sorted(before.keys() | after.keys()):
        was, now = before.get(thing), after.get(thing)
        if was == now or thing.is_of(plugin):
            continue
        verb = "makes" if was is None else "removes" if now is None else "changes"
        part = f" of {thing.table}" if thing.table not in ("", thing.name) else ""
        said.append(f"{verb} the {thing.kind} {thing.name!r}{part}")
    return said


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Read everything as it is at one moment, while others write."""
    with database.reader.connect() as connection:
        if not database.is_sqlite:
            yield connection.execution_options(isolation_level="REPEATABLE READ")
            return
        driver: Any = connection.connection.dbapi_connection
        driver.execute("BEGIN")
        try:
            yield connection
        finally:
            driver.execute("ROLLBACK")


def drop(connection: Connection, plugin: str) -> None:
    """Remove everything of a plugin, in one transaction that the caller began."""
    before = outline(connection)
    quote = connection.dialect.identifier_preparer.quote
    for thing in sorted(before):
        if thing.kind in ("materialized view", "trigger", "view") and thing.is_of(plugin):
            on = f" ON {quote(thing.table)}" if _is_postgresql(connection) and thing.table else ""
            name = f"{quote(thing.name)}{on}"
            connection.exec_driver_sql(f"DROP {thing.kind.upper()} IF EXISTS {name}")
    own = [quote(name) for name in tables(before, plugin)]
    if own and _is_postgresql(connection):  # at once, as they may point at one another
        connection.exec_driver_sql(f"DROP TABLE {', '.join(own)}")
    elif own:
        for name in own:
            connection.exec_driver_sql(f"DROP TABLE {name}")
    for thing in sorted(outline(connection)):
        if thing.is_of(plugin):
            name = thing.name if thing.kind == "function" else quote(thing.name)
            connection.exec_driver_sql(f"DROP {thing.kind.upper()} {name}")


def last_number(connection: Connection, table: str, column: str) -> int:
    """Give the last number that a table gave to a row by itself; 0 where it gives none."""
    if not column:
        return 0
    if _is_postgresql(connection):
        sequence = _sequence(connection, table, column)
        if not sequence:
            return 0
        values = f"FROM {sequence}"  # it is quoted already
        return int(connection.exec_driver_sql(f"{_LAST} {values}").scalar_one())
    if not connection.exec_driver_sql(_HAS_NUMBERS).scalar():
        return 0
    query = "SELECT seq FROM sqlite_sequence WHERE name = ?"
    return int(connection.exec_driver_sql(query, (table,)).scalar() or 0)


def advance(connection: Connection, table: str, column: str, number: int) -> None:
    """Let a table number its next row after a number."""
    if number <= last_number(connection, table, column):
        return
    if _is_postgresql(connection):
        sequence = _sequence(connection, table, column)
        if sequence:
            connection.execute(select(func.setval(sequence, number)))
    elif "AUTOINCREMENT" in str(connection.exec_driver_sql(_MADE_BY, (table,)).scalar()).upper():
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        values = table, number
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", values)


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _sequence(connection: Connection, table: str, column: str) -> str:
    quoted = connection.dialect.identifier_preparer.quote(table)
    return connection.scalar(select(func.pg_get_serial_sequence(quoted, column))) or ""


_LAST = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END"
_HAS_NUMBERS = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"
_MADE_BY = "SELECT sql FROM sqlite_master WHERE name = ?"
# Shadow tables come and go with the virtual table that they belong to.
_SQLITE = """
SELECT CASE WHEN list.type = 'virtual' THEN 'virtual' WHEN list.type = 'shadow' THEN 'shadow'
            ELSE master.type END,
       master.name,
       CASE WHEN master.type IN ('table', 'view') THEN '' ELSE master.tbl_name END,
       coalesce(master.sql, '')
FROM sqlite_master AS master
LEFT JOIN pragma_table_list AS list ON list.name = master.name AND list.schema = 'main'
WHERE master.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' OR master.type = 'index'
"""

_POSTGRESQL = """
WITH here AS (SELECT oid, relname::text AS name, relkind FROM pg_class
              WHERE relnamespace = current_schema()::regnamespace)
SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END,
       name, '',
       CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) ELSE relkind::text END
FROM here WHERE relkind IN ('r', 'p', 'f', 'v', 'm')
UNION ALL
SELECT 'column', attname::text, name,
       concat_ws(' ', attnum, format_type(atttypid, atttypmod), attnotnull, attidentity::text,
                 attgenerated::text, pg_get_expr(adbin, adrelid))
FROM here JOIN pg_attribute ON attrelid = here.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = here.oid AND adnum = attnum
WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 'constraint', conname::text, name, pg_get_constraintdef(pg_constraint.oid)
FROM here JOIN pg_constraint ON conrelid = here.oid
UNION ALL
SELECT 'index', index.name, owner.name, pg_get_indexdef(index.oid)
FROM here AS index JOIN pg_index ON indexrelid = index.oid
JOIN here AS owner ON indrelid = owner.oid
UNION ALL
SELECT 'trigger', tgname::text, name, pg_get_triggerdef(pg_trigger.oid)
FROM here JOIN pg_trigger ON tgrelid = here.oid WHERE NOT tgisinternal
UNION ALL
SELECT 'sequence', here.name, coalesce(owner.name, ''), ''
FROM here
LEFT JOIN pg_depend ON objid = here.oid AND deptype IN ('a', 'i')
                   AND classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass
LEFT JOIN here AS owner ON owner.oid = refobjid
WHERE here.relkind = 'S'
UNION ALL
SELECT 'function', proname || '(' || pg_get_function_identity_arguments(oid) || ')', '', prosrc
FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
UNION ALL
SELECT 'type', typname::text, '', (
    SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum
    WHERE enumtypid = pg_type.oid)
FROM pg_type
WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('e', 'd')
"""
