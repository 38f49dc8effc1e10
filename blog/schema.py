"""Outline what a database holds besides rows, and say whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from blog.models import Base


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


def outline(connection: Connection) -> Outline:
    """Give the definition of everything in the database, by what it is."""
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    rows = connection.exec_driver_sql(query)
    return {Thing(kind, name, table or ""): definition for kind, name, table, definition in rows}


def tables(found: Iterable[Thing], plugin: str) -> list[str]:
    """Name a plugin's tables, by their prefix; never one of the core."""
    return sorted(
        one.name
        for one in found
        if one.kind in ("table", "virtual") and one.is_of(plugin)
        if one.name not in Base.metadata.tables
    )


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
SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'view' ELSE 'table' END, name, '',
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
