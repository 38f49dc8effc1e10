"""Fill tables from an archive, by way of a stage that has no foreign keys."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
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
from blog.parcels import RestoreRefused, lines
from blog.platform import values
from blog.platform.archive import STEP, TABLES, Digest, Kept, columns_of, numbering, rows_of

HIGHEST = 2**53  # far from where a table has no number left


def fill(
    connection: Connection,
    archive: zipfile.ZipFile,
    tables: Sequence[Table],
    kept: Sequence[Kept],
    *,
    exact: bool = False,
) -> dict[str, int]:
    """Replace the rows of tables, in this order, by those that an archive keeps.

    ``exact`` reads each table again and compares.
    Give the rows that were left out because what they point at is gone, by table.
    Raise ``RestoreRefused`` for a table or a column that is not there.
    """
    known = {table.name: {one.name for one in columns_of(table)} for table in tables}
    for own in kept:
        if own.name not in known:
            raise RestoreRefused(f"it has a table {own.name!r} that is not there")
        unknown = sorted({one["name"] for one in own.columns} - known[own.name])
        if unknown:
            raise RestoreRefused(f"it has a column {unknown[0]!r} that {own.name} lacks")
    _empty(connection, tables)
    left, by_name = {}, {own.name: own for own in kept}
    for table in (one for one in tables if one.name in by_name):
        own = by_name[table.name]
        rows = lines(archive, f"{TABLES}{table.name}.jsonl")
        if gone := refill(connection, table, own, rows):
            left[table.name] = gone
        elif exact:
            _compare(connection, table, own)
    return left


def _empty(connection: Connection, tables: Sequence[Table]) -> None:
    """Remove every row of tables, whichever of them points at another."""
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
        raise RestoreRefused(f"it is damaged: rows of {table.name} are missing")
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
            raise RestoreRefused(f"it is damaged: a row of {table.name} is not whole")
        fitting = [
            {
                key: values.fit(values.unpack(one), table.c[key], connection)
                for key, one in row.items()
            }
            for row in step
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


def _compare(connection: Connection, table: Table, kept: Kept) -> None:
    """Refuse rows that read otherwise than when they were written."""
    digest, count, names = Digest(table), 0, {one["name"] for one in kept.columns}
    for row in rows_of(connection, table):
        digest.add({name: value for name, value in row.items() if name in names})
        count += 1
    if (count, str(digest)) != (kept.rows, kept.digest):
        raise RestoreRefused(f"the rows of {table.name} are not those that were written")


def _advance(connection: Connection, table: Table, last: int) -> None:
    """Let the table number its next row as it would have."""
    name = numbering(table)
    highest = connection.scalar(select(func.max(table.c[name]))) if name else None
    if isinstance(highest, int) or last:
        number = max(last, highest if isinstance(highest, int) else 0)
        schema.advance(connection, table.name, name, min(number, HIGHEST))
