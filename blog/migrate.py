"""Bring tables to the shape that the code expects, one version table per owner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, String, column, func, inspect, select, table, text
from sqlalchemy.exc import DBAPIError

from blog import fences, schema
from blog.db import Base, Database

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"
REVISION = re.compile(r"(\d{4})_\w+\.py\Z")
# Who waits for a table of PostgreSQL keeps every page waiting that reads it.
LOCK_SECONDS = 5
LOCKED = "55P03"  # as PostgreSQL calls it
TURN = 0x70616C6162726531  # any number that nobody else locks


class MigrationFailed(RuntimeError):
    """A migration could not be carried out; nothing of it was kept."""


class DatabaseTooNew(RuntimeError):
    """The database was migrated by a newer Palabre than the one that runs."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Say whose tables are meant: the core's or a plugin's.

    Revisions are files ``NNNN_name.py`` whose ids are their numbers, so the newest is known
    without importing any.
    """

    name: str
    folder: Path
    metadata: MetaData | None = None

    @property
    def version_table(self) -> str:
        """Name the table that holds this owner's revision."""
        return f"{self.name}_version"

    @property
    def head(self) -> str:
        """Give the newest revision that the code has; empty when there are none."""
        if not self.folder.is_dir():
            return ""
        found = (REVISION.match(path.name) for path in self.folder.iterdir())
        return max((one[1] for one in found if one), default="")


CORE = Owner("core", SCRIPTS / "versions", Base.metadata)


def revision(connection: Connection, owner: Owner) -> str:
    """Give the revision that the database is at; empty before the first."""
    if not inspect(connection).has_table(owner.version_table):
        return ""
    version = table(owner.version_table, column("version_num", String))
    return connection.scalar(select(version.c.version_num)) or ""


def pending(database: Database, owners: Iterable[Owner]) -> list[Owner]:
    """Name the owners whose tables are older than the code; raise when one is newer."""
    late = []
    with database.reader.connect() as connection:
        for owner in owners:
            at = revision(connection, owner)
            if at > owner.head > "":  # code without migrations keeps no tables any more
                raise DatabaseTooNew(
                    f"the tables of {owner.name} are at {at},"
                    f" this code knows {owner.head}:"
                    " start the newer version, or restore the backup made before it"
                )
            if at < owner.head:
                late.append(owner)
    return late


def upgrade(database: Database, owner: Owner) -> None:
    """Run an owner's missing revisions, each in a transaction of its own.

    A revision of a plugin that touches what is not the plugin's is undone.
    """
    try:
        while pending(database, [owner]):
            with changing(database) as connection:
                at = revision(connection, owner)
                if at < owner.head:  # another process may have come first
                    _step(connection, owner, at)
    except DatabaseTooNew:
        raise
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).splitlines()[:1]) or type(error).__name__
        raise MigrationFailed(f"the tables of {owner.name} were not migrated: {said}") from error


def raise_to(connection: Connection, owner: Owner, wanted: str) -> None:
    """Run an owner's revisions up to one, in the transaction that is under way."""
    while (at := revision(connection, owner)) < wanted:
        _step(connection, owner, at)


@contextmanager
def changing(database: Database) -> Iterator[Connection]:
    """Change tables in one transaction, with no other process doing so.

    Foreign keys of SQLite are off, as rebuilding a table would delete the rows that point at it;
    they are checked before the commit.
    Raise ``MigrationFailed`` where somebody else keeps a table of PostgreSQL for too long.
    """
    with database.writer.connect() as connection:
        _without_foreign_keys(database, connection)
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(select(func.pg_advisory_xact_lock(TURN)))
                    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                yield connection
                _check_foreign_keys(connection)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != LOCKED:
                raise
            raise MigrationFailed(
                f"another program has kept a table for more than {LOCK_SECONDS} seconds: "
                "try again when it has ended, a backup for example"
            ) from error
        finally:
            _with_foreign_keys(database, connection)


def _step(connection: Connection, owner: Owner, at: str) -> None:
    """Run the revision that follows one."""
    from alembic import command  # noqa: PLC0415 - a start without migrations should not pay for it

    before = schema.outline(connection)
    with nullcontext() if owner is CORE else fences.around(connection, owner.name):
        command.upgrade(_config(connection, owner), "+1")
    if revision(connection, owner) == at:
        raise MigrationFailed(f"no revision follows {at or 'the start'}")
    strays = schema.strays(before, schema.outline(connection), owner.name)
    if strays and owner is not CORE:
        now = revision(connection, owner)
        raise MigrationFailed(
            f"revision {now} {strays[0]}: a plugin changes only what is called {owner.name}_…"
        )


def _config(connection: Connection, owner: Owner) -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(owner.folder).replace("%", "%%"))
    config.attributes.update(connection=connection, owner=owner)
    return config


def _without_foreign_keys(database: Database, connection: Connection) -> None:
    if database.is_sqlite:
        _raw(connection).execute("PRAGMA foreign_keys=OFF")


def _with_foreign_keys(database: Database, connection: Connection) -> None:
    if database.is_sqlite:
        connection.rollback()
        _raw(connection).execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise MigrationFailed(f"rows of {broken[0][0]} would point nowhere")


def _raw(connection: Connection) -> Any:
    return connection.connection.dbapi_connection
