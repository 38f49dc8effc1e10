"""Answer requests with the application of the current generation; swap it when that changes."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, cast

from flask import Flask
from sqlalchemy.exc import DBAPIError

from blog import config as configuration
from blog import delivery, folder, jobs, logs, views
from blog.app import create_app
from blog.db import forbid_writing, leave, writing
from blog.platform import building, context, states
from blog.platform import versions
from blog.platform.context import Generation
from blog.platform.report import Report, watch
from blog.templating import MemoryBytecode

WAIT_SECONDS = 5.0
STEPS = 10_000
HOUSEKEEPING_SECONDS = 1.0
LONGEST_WAIT = 600.0
log = logging.getLogger("blog.site")


@dataclass(frozen=True)
class Served:
    """Hold a generation together with the application made for it."""

    generation: Generation
    app: Flask


class Site:
    """Serve one instance: the WSGI callable.

    Engine, compiled templates and the report belong to the site and outlive generations.
    """

    def __init__(
        self, instance: Path, *, environ: Mapping[str, str] | None = None, debug: bool = False
    ) -> None:
        self.instance = instance
        self.debug = debug
        self.environ = environ
        self.pinned = configuration.read(instance, environ)
        self.secret_key = folder.read_key(instance)
        self.database = folder.open_database(instance, self.pinned)
        self.report = Report()
        self._bytecode = MemoryBytecode()
        self._served: Served | None = None
        self._building = threading.Lock()
        self._broken: tuple[int, float] | None = None
        self._files = self._changed_files()
        self._night: tuple[int, datetime] | None = None
        self._waits: dict[str, tuple[float, float]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request in a context of its own, which lasts to the last byte."""
        here = copy_context()
        line = logs.AccessLine(environ)
        try:
            body = here.run(self._answer, environ, line.noting(start_response))
        finally:
            # A page is whole by now; an answer that streams opens its session when it reads.
            here.run(leave)
        return _Body(here, body, line)

    @contextmanager
    def context(self) -> Iterator[Generation]:
        """Make database, hooks and settings available, for commands, jobs and tests."""
        with self.database.bound():
            served = self.served()
            with context.using(served.generation), served.app.app_context():
                yield served.generation

    @contextmanager
    def database_only(self) -> Iterator[None]:
        """Make the database available without loading a plugin."""
        with self.database.bound():
            yield

    def served(self) -> Served:
        """Give the application of the current generation, building it when it is new.

        Whoever comes while it is built waits a bounded time and then gets the one before.
        """
        served = self._served
        number = states.current_number()
        if self.debug:
            self._take_changed_files()
            served = self._served
        if served is not None and (served.generation.number == number or self._is_broken(number)):
            return served
        timeout = WAIT_SECONDS if served is not None else -1
        if not self._building.acquire(timeout=timeout):
            return cast(Served, served)
        try:
            served = self._served
            number = states.current_number()
            if served is None or served.generation.number != number:
                served = self._swap(served, number)
            return served
        finally:
            self._building.release()

    def catch_up(self) -> None:
        """Let each plugin that is behind rebuild its rows, step by step, until none is."""
        with self.context() as current:
            versions.keep_all()
            for name in sorted(current.behind):
                until, wait = self._waits.get(name, (0.0, 1.0))
                if current.plugin(name) is None or monotonic() < until:
                    continue
                try:
                    _catch_up(current, name)
                    self._waits.pop(name, None)
                except Exception as error:
                    log.warning("%s cannot catch up yet: %s", name, error)
                    self._waits[name] = monotonic() + wait, min(2 * wait, LONGEST_WAIT)

    def warm_up(self) -> None:
        """Show the first page to nobody, so that what it needs is there before workers fork."""
        with self.context(), self.served().app.test_request_context("/"):
            views.home()

    def housekeep(self) -> None:
        """Do what waits: let plugins catch up, write the report."""
        try:
            self.catch_up()
        finally:
            with self.database.bound():
                self.report.flush()

    def begin_night(self) -> None:
        """Ask for the nightly work of plugins, once for each night and generation."""
        with self.context() as current:
            this = current.number, jobs.night()
            if this != self._night:
                jobs.begin_night()
                self._night = this

    def work(self) -> bool:
        """Do one piece of work of the outbox; ``False`` when nothing is due."""
        with self.context():
            return jobs.work()

    def keep_house(self, stopped: threading.Event) -> None:
        """Do what waits, again and again, until the server stops: for a thread of each process."""
        while not stopped.wait(HOUSEKEEPING_SECONDS):
            try:
                self.housekeep()
                self.begin_night()
                while self.work() and not stopped.is_set():
                    pass
            except Exception:
                log.exception("housekeeping failed; it is tried again")

    @property
    def log_level(self) -> str:
        """Give the least severe log line that is written."""
        return str(self.pinned.core.get("log_level", "INFO"))

    def close(self) -> None:
        """Close the database."""
        self.database.dispose()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        watch()
        logs.request_id.set(secrets.token_hex(6))
        environ["palabre.tally"] = self.database.enter()
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            forbid_writing()
        try:
            served = self.served()
        except DBAPIError as error:
            log.error("the database did not answer: %s", error)
            return _busy(start_response)
        context.enter(served.generation)
        delivery.believe_proxies(environ, served.generation.config.proxies)
        try:
            return served.app(environ, start_response)
        except SystemExit as error:  # a plugin's page must not end the server
            self.report.failed("core", environ.get("PATH_INFO", ""), error)
            return _busy(start_response)

    def _is_broken(self, number: int) -> bool:
        """Tell whether building this generation failed a moment ago."""
        return (
            self._broken is not None
            and self._broken[0] == number
            and (monotonic() < self._broken[1])
        )

    def _take_changed_files(self) -> None:
        """While developing, begin anew when a file of the instance changed."""
        files = self._changed_files()
        if files == self._files:
            return
        with self._building:
            self._files, self._broken = files, None
            try:
                self.pinned = configuration.read(self.instance, self.environ)
            except configuration.ConfigError as error:
                self.report.failed(states.CORE, "config", error)
            self._served = self._swap(self._served, states.current_number())

    def _changed_files(self) -> Mapping[str, float]:
        if not self.debug:
            return {}
        files = [self.instance / configuration.FILE, *(self.instance / "plugins").rglob("*")]
        found = {}
        for one in files:
            with suppress(FileNotFoundError):  # an editor moves files about
                if one.is_file() and _is_ours(one):
                    found[str(one)] = one.stat().st_mtime
        return found

    def _swap(self, before: Served | None, number: int) -> Served:
        try:
            current = building.build(self.database, self.instance, self.pinned, self.report)
            with context.using(current):
                app = create_app(
                    current, self.secret_key, self._bytecode, self.report, debug=self.debug
                )
        except Exception as error:
            if before is None:
                raise
            log.error("the next generation cannot be built; the one before stays")
            self.report.failed(states.CORE, "generation", error)
            self._broken = number, monotonic() + WAIT_SECONDS
            return before
        self._served = Served(current, app)
        return self._served


class _Body:
    """Pass an answer on, each piece in the request's own context, and close its session."""

    def __init__(self, here: Context, body: Iterable[bytes], line: logs.AccessLine) -> None:
        self._here = here
        self._line = line
        self._body = body
        self._pieces = iter(body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return self._here.run(next, self._pieces)
        except StopIteration:
            self._here.run(leave)
            raise

    def close(self) -> None:
        try:
            if hasattr(self._body, "close"):
                self._here.run(self._body.close)
        finally:
            self._here.run(leave)
            self._here.run(self._line.write)


def _is_ours(path: Path) -> bool:
    return path.suffix != ".pyc" and not path.name.startswith(".")


def _busy(start_response: Any) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "30")]
    start_response("503 Service Unavailable", headers)
    return [b"The site is busy. Please try again in a minute.\n"]


def _catch_up(current: Generation, name: str) -> None:
    if current.table.implements(name, "catch_up"):
        for _ in range(STEPS):
            with writing() as write:
                states.hold_state(write, name)  # one process at a time, also on PostgreSQL
                if not current.table.require(name, "catch_up"):
                    states.mark_caught_up(write, name)
                    return
        return
    with writing() as write:
        states.mark_caught_up(write, name)
