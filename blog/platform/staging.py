"""Fill a plugin's tables from an export, by way of a stage that has no foreign keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from blog import schema
from blog.platform import values
from blog.platform.archive import STEP, Kept, numbering
from blog.platform.opening import RestoreRefused


def empty(connection: Connection, tables: list[Table]) -> None:
    """Remove every row of a plugin's tables, whichever of them points at another."""
    if connection.dialect.name == "postgresql" and tables:
        quote = connection.dialect.identifier_preparer.quote
        connection.exec_driver_sql(f"TRUNCATE {', '.join(quote(one.name) for one in tables)}")
    else:  # foreign keys are off
        for table in reversed(tables):
            connection.execute(delete(table))


def refill(connection: Connection, table: Table, kept: Kept, rows: Iterator[dict[str, Any]]) -> int:
    """Fill a stage, leave out what points nowhere, then take all of it in one statement.

    So rows may point at later rows of their own table.
    Give the number of rows that were left out.
    """
    names = [one["name"] for one in kept.columns]
    stage = _stage(connection, table, names)
    if _fill(connection, stage, table, rows) != kept.rows:
        raise RestoreRefused(f"the export is damaged: rows of {table.name} are missing")
    left = 0
    while more := sum(_drop_strays(connection, stage, table, one) for one in _keys(table)):
        left += more
    taken = [values.from_stage(stage.c[one], table.c[one], connection) for one in names]
    connection.execute(insert(table).from_select(names, select(*taken)))
    stage.drop(connection)
    _advance(connection, table, kept.last)
    return left


def _stage(connection: Connection, table: Table, names: list[str]) -> Table:
    columns = [
        Column(one, values.kind_to_stage(table.c[one], connection), nullable=True) for one in names
    ]
    stage = Table(f"staged_{table.name}"[:60], MetaData(), *columns, prefixes=["TEMPORARY"])
    key = [stage.c[one.name] for one in table.primary_key.columns if one.name in stage.c]
    if key:  # or every row that points at another of its table would be looked for in all
        Index(f"ix_{stage.name}"[:60], *key)
    stage.create(connection)
    return stage


def _fill(
    connection: Connection, stage: Table, table: Table, rows: Iterator[dict[str, Any]]
) -> int:
    names, count = set(stage.c.keys()), 0
    while step := list(islice(rows, STEP)):
        if any(row.keys() != names for row in step):
            raise RestoreRefused(f"the export is damaged: a row of {table.name} is not whole")
        fitting = [
            {
                key: values.fit(values.unpack(one), table.c[key], connection)
                for key, one in r.items()
            }
            for r in step
        ]
        connection.execute(insert(stage), fitting)
        count += len(step)
    return count


def _keys(table: Table) -> list[ForeignKeyConstraint]:
    return sorted(table.foreign_key_constraints, key=lambda one: sorted(one.column_keys))


def _drop_strays(
    connection: Connection, stage: Table, table: Table, key: ForeignKeyConstraint
) -> int:
    """Leave out the rows whose referred row is gone; count them."""
    if not set(key.column_keys) <= set(stage.c.keys()):
        return 0
    is_own = key.referred_table is table
    there = stage.alias() if is_own else key.referred_table
    pairs = [(stage.c[one.parent.name], there.c[one.column.name]) for one in key.elements]
    points = and_(*(here.is_not(None) for here, _ in pairs))
    found = exists(select(1).select_from(there).where(and_(*(one == two for one, two in pairs))))
    if (key.ondelete or "").upper() == "SET NULL":
        empty = dict.fromkeys((here.name for here, _ in pairs), None)
        connection.execute(update(stage).where(points, ~found).values(empty))
        return 0
    return connection.execute(delete(stage).where(points, ~found)).rowcount


def _advance(connection: Connection, table: Table, last: int) -> None:
    """Let the table number its next row as it would have."""
    name = numbering(table)
    highest = connection.scalar(select(func.max(table.c[name]))) if name else None
    if isinstance(highest, int) or last:
        number = max(last, highest if isinstance(highest, int) else 0)
        schema.advance(connection, table.name, name, number)
