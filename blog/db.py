"""Open the database: base, engines, the session of this request."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from sqlalchemy import (
    DateTime,
    Dialect,
    Engine,
    MetaData,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import URL, NestedTransaction, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from pathlib import Path

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_SECONDS = 30
BEGIN = "BEGIN IMMEDIATE"
# SQLite’s own codes: busy, locked, no memory, input or output, full, cannot open.
BUSY_CODES = (5, 6, 7, 10, 13, 14)


class WriteInsideWrite(RuntimeError):
    """A second write was begun while one is under way, which would wait for itself."""


class WriteInsideRead(RuntimeError):
    """A write was begun while a GET is answered."""


class NoDatabase(RuntimeError):
    """The session was used outside of a request, a command or a job."""


class UtcDateTime(TypeDecorator[datetime]):
    """Store aware times as UTC and give them back aware.

    SQLite keeps no zone, PostgreSQL does; a naive time is refused rather than guessed at.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time in UTC, without its zone where the database keeps none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: give it a zone, for example UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Carry the tables of the core."""

    metadata = MetaData(naming_convention=NAMING)


class Tally:
    """Count the SQL statements of one request, command or job.

    ``hurried`` says that somebody waits for a page, so that plugins are held to their time.
    """

    __slots__ = ("hurried", "statements")

    def __init__(self, *, hurried: bool = False) -> None:
        self.statements = 0
        self.hurried = hurried


class Database:
    """Hold one engine that reads and one that writes.

    The reader is in autocommit and cannot write, so a GET never does and a statement that
    fails poisons nothing after it.
    The writer takes the write lock when its transaction begins (SQLite: ``BEGIN IMMEDIATE``),
    so that it waits for its turn instead of failing half-way.
    """

    def __init__(self, url: str) -> None:
        self.url = _driver(make_url(url))
        if self.url.get_backend_name() == "sqlite":
            self.reader, self.writer = _sqlite(self.url)
        else:
            self.reader, self.writer = _postgresql(self.url)
        for engine in (self.reader, self.writer):
            event.listen(engine, "before_cursor_execute", _count)

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the database is a file of SQLite."""
        return self.url.get_backend_name() == "sqlite"

    def dispose(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        self.writer.dispose()

    def enter(self, *, hurried: bool = False) -> Tally:
        """Make this the database of the current context, for as long as that lasts."""
        tally = Tally(hurried=hurried)
        _database.set(self)
        _session.set(None)
        _tally.set(tally)
        return tally

    @contextmanager
    def bound(self) -> Iterator[Tally]:
        """Make this the database of everything below, with a session that reads."""
        before = _database.get(), _session.get(), _tally.get()
        try:
            yield self.enter()
        finally:
            leave()
            _database.set(before[0])
            _session.set(before[1])
            _tally.set(before[2])


def leave() -> None:
    """Close the session of this context, if one was opened; it is opened anew when needed."""
    opened = _session.get()
    if opened is not None:
        opened.close()
        _session.set(None)


def sqlite_url(path: Path) -> str:
    """Give the address of an SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def current_session() -> Session:
    """Give the session of this request or command, opened at its first use."""
    opened = _session.get()
    if opened is None:
        database = _database.get()
        if database is None:
            raise NoDatabase(
                "no database here: use it in a request, a command, a job or a test site"
            )
        # What a plugin adds to it by mistake is never sent, so it cannot fail a query of ours.
        opened = Session(database.reader, expire_on_commit=False, autoflush=False)
        _session.set(opened)
    elif not opened.is_active and not _writes.get():
        opened.rollback()  # a plugin's flush failed: it must not fail whoever reads next
    return opened


def current_database() -> Database:
    """Give the database of this request or command."""
    database = _database.get()
    if database is None:
        raise NoDatabase("no database here: use it in a request, a command, a job or a test site")
    return database


@contextmanager
def writing() -> Iterator[Session]:
    """Open the one write of a service: commit at the end, roll back on an error."""
    database = _database.get()
    if database is None:
        raise NoDatabase("no database here: write in a request, a command, a job or a test site")
    if _writes.get():
        raise WriteInsideWrite("a write is under way: use blog.session of the hook instead")
    if _reads_only.get():
        raise WriteInsideRead("a GET never writes: do it in a POST or a job")
    session = Session(database.writer, expire_on_commit=False)
    tokens = _session.set(session), _writes.set(True)
    try:
        with session:
            yield session
            session.commit()
    finally:
        _session.reset(tokens[0])
        _writes.reset(tokens[1])
        reading = _session.get()
        if reading is not None:
            reading.expire_all()


@contextmanager
def savepoint() -> Iterator[None]:
    """Give a plugin a session of its own inside the write under way.

    What it commits, breaks or rolls back stays inside a savepoint; one that is not used costs
    no statement.
    """
    outer = current_session()
    outer.flush()
    connection = outer.connection()
    inner = Session(
        bind=connection, join_transaction_mode="create_savepoint", expire_on_commit=False
    )
    # Around what the plugin commits by itself, so that a failure undoes that too.
    around: list[NestedTransaction] = []

    def begin(_session: Session, transaction: SessionTransaction) -> None:
        if not around and transaction.parent is None:
            around.append(connection.begin_nested())

    event.listen(inner, "after_transaction_create", begin)
    token = _session.set(inner)
    try:
        with inner:
            yield
            if inner.in_transaction():  # or a commit of nothing would begin one
                inner.commit()
    except BaseException:
        for one in around:
            one.rollback()
        raise
    else:
        for one in around:
            one.commit()
    finally:
        _session.reset(token)


def take_turns(write: Session, key: str) -> None:
    """Let writes of one key wait for each other, so that what they count stays true.

    SQLite has one writer at a time anyway; PostgreSQL takes an advisory lock until the commit.
    """
    if write.get_bind().dialect.name == "postgresql":
        write.execute(select(func.pg_advisory_xact_lock(crc32(key.encode()))))


def forbid_writing() -> None:
    """Refuse every write in this context from now on, because a GET never writes."""
    _reads_only.set(True)


def is_writing() -> bool:
    """Tell whether a write is under way here."""
    return _writes.get()


def statements() -> int:
    """Give the number of SQL statements that this request has sent."""
    return tally().statements


def tally() -> Tally:
    """Give what counts the statements of this request; outside of any, one that counts none."""
    return _tally.get() or _NOTHING


def insert_or_update(write: Session, table: Any) -> Any:
    """Begin an INSERT that may update: ``insert_or_update(…).on_conflict_do_update(…)``."""
    # A start should not pay for the dialect of another database.
    dialect = import_module(f"sqlalchemy.dialects.{write.get_bind().dialect.name}")
    return dialect.insert(table)


def is_out_of_order(error: BaseException) -> bool:
    """Tell whether the database failed, and not whoever sent it a statement."""
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in BUSY_CODES
    if not isinstance(error, DBAPIError):
        return isinstance(error, PoolTimeout)
    return error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError))


def now() -> datetime:
    """Give the time in UTC."""
    return datetime.now(UTC) + clock.ahead


class Clock:
    """Say how far the site's time is ahead of the machine's; tests move it."""

    ahead = timedelta()


clock = Clock()


class _ContextSession:
    def __getattr__(self, name: str) -> Any:
        return getattr(current_session(), name)


session = cast(Session, _ContextSession())

_database: ContextVar[Database | None] = ContextVar("database", default=None)
_session: ContextVar[Session | None] = ContextVar("session", default=None)
_writes: ContextVar[bool] = ContextVar("writes", default=False)
_reads_only: ContextVar[bool] = ContextVar("reads_only", default=False)
_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)
_NOTHING = Tally()


def _count(*_: object) -> None:
    tally = _tally.get()
    if tally is not None:
        tally.statements += 1


def _driver(url: URL) -> URL:
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def _sqlite(url: URL) -> tuple[Engine, Engine]:
    # Python's driver would begin transactions by itself, and keeps a released savepoint after a
    # rollback; with ``isolation_level=None`` the BEGIN is ours.
    options: dict[str, Any] = {
        "connect_args": {"timeout": BUSY_SECONDS, "isolation_level": None},
        "hide_parameters": True,  # they may be secrets, and errors are shown and kept
    }
    # A reader is in autocommit, so there is nothing to roll back when its session ends.
    reader = create_engine(url, pool_reset_on_return=None, **options)
    writer = create_engine(url, **options)
    event.listen(reader, "connect", _sqlite_reader)
    event.listen(writer, "connect", _sqlite_writer)
    event.listen(writer, "begin", _begin)
    return reader, writer


def _raw(connection: Any) -> Any:
    return connection.connection.dbapi_connection


def _begin(connection: Any) -> None:
    """Take the write lock; a busy database raises what any other statement would raise."""
    try:
        _raw(connection).execute(BEGIN)
    except sqlite3.OperationalError as error:
        raise OperationalError(BEGIN, None, error) from error


def _sqlite_writer(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_reader(connection: Any, _record: object) -> None:
    _sqlite_writer(connection, _record)
    connection.execute("PRAGMA query_only=ON")


def _postgresql(url: URL) -> tuple[Engine, Engine]:
    reader = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": "-c default_transaction_read_only=on"},
    )
    event.listen(reader, "reset", _forget_settings)
    return reader, create_engine(url, pool_pre_ping=True, hide_parameters=True)


def _forget_settings(connection: Any, _record: object, _state: object) -> None:
    """Undo what a plugin SET, as ``search_path``, before another request gets the connection.

    DISCARD ALL would also forget statements that the driver has prepared and goes on to use.
    """
    if connection.closed:
        return
    # In a transaction it would be undone with that, and leave one open where there was none.
    connection.rollback()
    before, connection.autocommit = connection.autocommit, True
    connection.execute("RESET ALL")
    connection.autocommit = before
