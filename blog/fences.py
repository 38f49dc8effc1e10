"""Keep a plugin's migration to its time, its transaction and its own version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import Connection, column, event, select, table, text
from sqlalchemy.exc import DBAPIError

from blog import schema

SECONDS = 300.0
STEPS = 10_000  # of SQLite's machine, between two looks at the clock
ENDS = ("BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT")


class OutOfBounds(RuntimeError):
    """A migration took too long, or did what is not its own to do."""


@contextmanager
def around(connection: Connection, owner: str) -> Iterator[None]:
    """End a migration that goes on for too long, and refuse one that ends its transaction.

    A loop of Python that sends no statement cannot be ended.
    """
    until = monotonic() + SECONDS
    late = OutOfBounds(f"it took more than {SECONDS:g} seconds and was ended; nothing was kept")
    before = _versions(connection, owner)

    def look(*arguments: Any) -> None:
        if monotonic() > until:
            raise late
        words = arguments[2].split(maxsplit=2)
        first, second = [*(one.strip(";").upper() for one in words), "", ""][:2]
        if first in ENDS and second != "TO":  # a savepoint is its own to go back to
            raise OutOfBounds(f"it says {first}: a migration runs in a transaction of the core")

    event.listen(connection, "before_cursor_execute", look)
    _limit(connection, until)
    try:
        yield
    except DBAPIError as error:
        if monotonic() > until:
            raise late from error
        raise
    finally:
        event.remove(connection, "before_cursor_execute", look)
        if connection.dialect.name == "sqlite":
            _raw(connection).set_progress_handler(None, 0)
    if connection.dialect.name == "sqlite" and not _raw(connection).in_transaction:
        raise OutOfBounds("it ended its transaction, so look at what it left behind")
    if _versions(connection, owner) != before:
        raise OutOfBounds("it changes a version that is not its own")


def _limit(connection: Connection, until: float) -> None:
    if connection.dialect.name == "sqlite":
        _raw(connection).set_progress_handler(lambda: monotonic() > until, STEPS)
    else:
        connection.execute(text(f"SET LOCAL statement_timeout = {int(SECONDS * 1000)}"))


def _versions(connection: Connection, owner: str) -> dict[str, list[Any]]:
    """Give the revisions of everybody else."""
    found = schema.outline(connection)
    names = {one.name for one in found if one.kind == schema.TABLE}
    others = sorted(one for one in names if one.endswith("_version") and one != f"{owner}_version")
    return {
        one: list(connection.scalars(select(column("version_num")).select_from(table(one))))
        for one in others
        if not one.startswith(f"{owner}_")
    }


def _raw(connection: Connection) -> Any:
    return connection.connection.dbapi_connection
