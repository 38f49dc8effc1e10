"""Write the values of any column as JSON and read them again, on both databases."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, ColumnElement, Connection, Numeric, Text, cast, type_coerce
from sqlalchemy.types import TypeEngine


class BadValue(ValueError):
    """A value cannot be written as JSON, or is not what was written."""


def shown(column: Column[Any], connection: Connection) -> ColumnElement[Any]:
    """Give what to select so that a column's value comes back exactly.

    JSON is read as its text; SQLite knows no decimals, so its numbers stay as they are.
    """
    on_sqlite = connection.dialect.name == "sqlite"
    if isinstance(column.type, JSON):
        return type_coerce(column, Text) if on_sqlite else cast(column, Text)
    if on_sqlite and isinstance(column.type, Numeric) and column.type.asdecimal:
        return type_coerce(column, Numeric(asdecimal=False))
    return column


def kind_to_stage(column: Column[Any], connection: Connection) -> TypeEngine[Any]:
    """Give the type of a column that takes a value for the time of a restore."""
    if isinstance(column.type, JSON):
        return Text()
    if connection.dialect.name == "sqlite" and isinstance(column.type, Numeric):
        return Numeric(asdecimal=False)
    return column.type


def from_stage(
    staged: Column[Any], column: Column[Any], connection: Connection
) -> ColumnElement[Any]:
    """Give what to put into a column from its stage."""
    if isinstance(column.type, JSON) and connection.dialect.name != "sqlite":
        return cast(staged, column.type)
    return staged


def pack(value: Any) -> Any:
    """Make a value fit for JSON: as it is, or in an object that names its kind."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [pack(one) for one in value]
    for kind, (type_, write, _) in _KINDS.items():
        if isinstance(value, type_):
            return {kind: write(value)}
    raise BadValue(f"a value of the type {type(value).__name__} cannot be exported")


def unpack(value: Any) -> Any:
    """Give the value that was packed; raise ``BadValue`` for anything else."""
    if isinstance(value, list):
        return [unpack(one) for one in value]
    if not isinstance(value, dict):
        return value
    try:
        [(kind, text)] = value.items()
        return _KINDS[kind][2](text)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise BadValue(f"{str(value)[:60]} is no value") from None


def alike(value: Any) -> Any:
    """Give a packed value as it reads on every kind of database."""
    if isinstance(value, list):
        return [alike(one) for one in value]
    one = unpack(value) if isinstance(value, dict) else value
    if isinstance(one, datetime):
        return (one.astimezone(UTC).replace(tzinfo=None) if one.tzinfo else one).isoformat()
    if isinstance(one, UUID):
        return one.hex
    return float(one) if isinstance(one, Decimal) else value


def fit(value: Any, column: Column[Any], connection: Connection) -> Any:
    """Give an unpacked value as a column of this database takes it; raise ``BadValue``."""
    if value is None:
        return None
    expected = str if isinstance(column.type, JSON) else _expected(column)
    types = _NUMBERS if expected in (float, Decimal) else (expected,)
    if isinstance(value, UUID) and expected is str:
        return value.hex
    if expected is not None and not isinstance(value, types):  # type: ignore[arg-type]
        raise BadValue(f"{str(value)[:60]!r} does not fit the column {column.name}")
    if isinstance(value, datetime):
        return _placed(value, column, connection)
    if isinstance(value, Decimal) and connection.dialect.name == "sqlite":
        return float(value)
    return value


def _placed(value: datetime, column: Column[Any], connection: Connection) -> datetime:
    """Give a time with its zone or in UTC, as the column keeps it."""
    if getattr(column.type, "timezone", False) and connection.dialect.name != "sqlite":
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def _expected(column: Column[Any]) -> type | None:
    try:
        return column.type.python_type
    except NotImplementedError:
        return None


_NUMBERS = (int, float, Decimal)
# datetime before date, of which it is one
_KINDS: Mapping[str, tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "date": (date, date.isoformat, date.fromisoformat),
    "time": (time, time.isoformat, time.fromisoformat),
    "bytes": (
        (bytes, bytearray, memoryview),
        lambda value: b64encode(bytes(value)).decode(),
        lambda text: b64decode(text, validate=True),
    ),
    "decimal": (Decimal, str, Decimal),
    "uuid": (UUID, str, UUID),
    "seconds": (
        timedelta,
        lambda value: str(Decimal(value // timedelta(microseconds=1)) / 1_000_000),
        lambda text: timedelta(microseconds=int(Decimal(text) * 1_000_000)),
    ),
}
