"""Answer requests with the application of the current generation; swap it when that changes."""

from __future__ import annotations

import gc
import logging
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from sqlalchemy.exc import DBAPIError
from werkzeug.test import create_environ

from blog import banner, delivery, folder, jobs, logs, posts, trial
from blog import config as configuration
from blog.answers import Body, busy
from blog.app import create_app
from blog.backlog import Backlog
from blog.bench import Bench
from blog.db import forbid_writing, leave
from blog.platform import building, code, context, interrupts, leftovers, states, versions
from blog.platform.building import Choice
from blog.platform.code import CodeChanged
from blog.platform.context import Generation
from blog.platform.report import Report, watch
from blog.templating import MemoryBytecode, stored_bytecode

WAIT_SECONDS = 5.0
START_SECONDS = 30.0
HOUSEKEEPING_SECONDS = 1.0
MOST_TRIALS = 4
COMPILED = ".templates"
log = logging.getLogger("blog.site")


class NotYet(RuntimeError):
    """The first generation of this process takes too long to build."""


@dataclass(frozen=True)
class Served:
    """Hold a generation together with the application made for it."""

    generation: Generation
    app: Flask


class Site:
    """Serve one instance: the WSGI callable.

    Engine, compiled templates and the report belong to the site and outlive generations.
    """

    # Kept by what they are compiled from, so that all sites of a process can share them.
    _bytecode: BytecodeCache = MemoryBytecode()

    def __init__(
        self,
        instance: Path,
        *,
        environ: Mapping[str, str] | None = None,
        debug: bool = False,
        safe: bool = False,
    ) -> None:
        self.instance = instance
        self.debug = debug
        self.safe = safe
        self.environ = environ
        self.pinned = configuration.read(instance, environ)
        self.secret_key = folder.read_key(instance)
        self.database = folder.open_database(instance, self.pinned)
        self.report = Report()
        self._served: Served | None = None
        self._building = threading.Lock()
        self._began: float | None = None
        self._broken: tuple[int, float] | None = None
        self._files = self._look_at_files()
        self._followed: folder.Edited = {}
        self._night: tuple[int, datetime] | None = None
        self._backlog = Backlog()
        self._holds_back = False
        self._replace: Callable[[int], None] | None = None
        self._imported: dict[str, str] = {}
        self._reloads: int | None = None
        self._trials: dict[str, Served] = {}
        self._trying = threading.Lock()
        self._tried_at = 0.0
        self._collected: Served | None = None
        self.is_overtaken = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request in a context of its own, which lasts to the last byte."""
        here = copy_context()
        line = logs.AccessLine(environ)
        try:
            body = here.run(self._answer, environ, line.noting(start_response))
        finally:
            # A page is whole by now; an answer that streams opens its session when it reads.
            here.run(leave)
        return Body(here, body, line)

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

        Whoever comes while it is built waits a bounded time and then gets the one before, or
        ``NotYet`` is raised where there was none.
        """
        state = states.current()
        self._known(state)
        if self.debug:
            self._take_changed_files()
        served = self._served
        if served is not None and self._lasts(served, state):
            return served
        with self._building_alone() as is_mine:
            if not is_mine:
                if served is None:
                    raise NotYet("plugins take too long to load")
                return served
            served = self._served
            state = states.current()
            if served is None or not self._lasts(served, state):
                served = self._swap(served, state.number)
            return served

    def hold_back(self) -> None:
        """Load bundled plugins alone for now: a first process must not hold what others wrote.

        Templates are compiled for the next start as well.
        """
        self._holds_back = True
        self._bytecode = stored_bytecode(self.instance / COMPILED)

    def begin(self, replace: Callable[[int], None]) -> None:
        """Load all plugins from now on; ``replace`` asks for another process when code changed.

        It is called with the number of changes, again and again until this process is ended.
        """
        self._replace = replace
        self._holds_back, self._reloads = False, None
        if self._served and building.OFF_WHILE_SAFE in self._served.generation.failures.values():
            self._served = None

    def catch_up(self) -> None:
        """Let each plugin that is behind rebuild its rows, step by step, until none is."""
        with self.context() as current:
            versions.keep_all()
            if not self.is_overtaken:
                self._backlog.catch_up(current)

    def warm_up(self) -> None:
        """Show the first page and the newest post to nobody.

        What they need is there before workers fork: each of them would make it for itself.
        """
        with self.context() as current:
            newest = posts.stream(size=1).posts
            app, base = self.served().app, current.config.site_url or None
            for path in ("/", *(one.path for one in newest)):
                with app.request_context(create_environ(path, base)):
                    app.full_dispatch_request()

    def housekeep(self, *, at_leisure: bool = False) -> None:
        """Do what waits: let plugins catch up, write the report; costs now and then at leisure."""
        try:
            self.catch_up()
        finally:
            with self.database.bound():
                if self.debug and self._followed != self._files:
                    self._followed = self._files
                    code.adopt(self.instance, edited=True)
                self.report.flush(at_leisure=at_leisure)

    def begin_night(self) -> None:
        """Ask for the nightly work of plugins, once for each night and generation."""
        with self.context() as current:
            this = current.number, jobs.night()
            if this != self._night and not self.is_overtaken:
                jobs.begin_night()
                self._night = this

    def work(self, task: jobs.Task | None = None, without: Collection[str] = ()) -> bool:
        """Do one piece of work of the outbox; ``False`` when nothing is due here."""
        with self.context():
            return not self.is_overtaken and jobs.work(task, without)

    def keep_house(self, stopped: threading.Event) -> None:
        """Do what waits, again and again, until the server stops: for a thread of each process."""
        bench = Bench(self.begin_night, self.work, self._give_up)
        while not stopped.wait(HOUSEKEEPING_SECONDS):
            try:
                self.housekeep(at_leisure=True)
                bench.look_after(stopped)
                self._collect()
                self._forget_trials()
            except BaseException as error:  # nobody else does it in this process
                interrupts.heed(error)
                log.exception("housekeeping failed; it is tried again")
        bench.wait()
        with self.database.bound():
            self.report.flush()

    def _give_up(self, task: jobs.Task) -> None:
        with self.context():
            jobs.give_up(task)

    def _collect(self) -> None:
        """Free the applications of generations that are over: each is a knot of references."""
        if self._served is not self._collected:
            self._collected = self._served
            gc.collect()

    def _forget_trials(self) -> None:
        """Ask for other workers an hour after a trial that nobody ended: its import left traces."""
        if self._trials and monotonic() > self._tried_at + trial.SECONDS:
            self._trials = {}
            with self.database.bound():
                leftovers.replace_workers()

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
        environ["palabre.tally"] = self.database.enter(hurried=True)
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            forbid_writing()
        try:
            served = self.served()
        except DBAPIError as error:
            log.error("the database did not answer: %s", error)
            return busy(start_response)
        except NotYet as error:
            log.error("%s", error)
            return busy(start_response)
        except Exception:
            raise
        except BaseException as error:  # what a plugin raises while it is built ends no server
            return self._unexpected(error, environ, start_response)
        context.enter(served.generation)
        delivery.believe_proxies(environ, served.generation.config.proxies)
        try:
            served = self._tried(served, environ)
        except BaseException as error:
            interrupts.heed(error)
            self.is_overtaken = self.is_overtaken or isinstance(error, CodeChanged)
            log.error("a plugin cannot be tried: %s", error)
            return busy(start_response)
        context.enter(served.generation)
        try:
            return served.app(environ, start_response)
        except Exception:
            raise
        except BaseException as error:  # a plugin's page must not end the server
            return self._unexpected(error, environ, start_response)

    def _unexpected(
        self, error: BaseException, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        self.report.failed(states.CORE, environ.get("PATH_INFO", ""), error)
        return busy(start_response)

    @contextmanager
    def _building_alone(self) -> Iterator[bool]:
        """Keep others from building; ``False`` after a bounded wait for one who builds already."""
        if not self._building.acquire(timeout=self._patience()):
            yield False
            return
        try:
            self._began = monotonic()
            yield True
        finally:
            self._began = None
            self._building.release()

    def _patience(self) -> float:
        """Give how long to wait yet for whoever builds; it was waited for by others before."""
        limit = START_SECONDS if self._served is None else WAIT_SECONDS
        began = self._began
        return limit if began is None else max(0.0, began + limit - monotonic())

    def _lasts(self, served: Served, state: states.State) -> bool:
        """Tell whether an application still answers: it is current, or has to until others do."""
        if self._replace is not None and (self.is_overtaken or state.reloads > self._known(state)):
            self.is_overtaken = True
            self._replace(state.reloads)
            return True
        return served.generation.number == state.number or self._is_broken(state.number)

    def _known(self, state: states.State) -> int:
        """Give how often code had changed when this process first looked."""
        if self._reloads is None:
            self._reloads = state.reloads
        return self._reloads

    def _tried(self, served: Served, environ: dict[str, Any]) -> Served:
        """Give the application of a trial to the owner who tries a plugin."""
        name = trial.wanted(served.app, environ)
        is_for_all = environ.get("PATH_INFO", "").startswith(trial.PATH)
        if not name or is_for_all or served.generation.plugin(name):
            return served
        with self._trying:
            known = self._trials.pop(name, None)
            if known is None or known.generation.number != served.generation.number:
                # What fails here is seen by the owner and in the log, and counts for nobody.
                known = self._make(Report(), tried=name)
                banner.set_up(known.app, known.generation, name)
            self._trials[name], self._tried_at = known, monotonic()
            while len(self._trials) > MOST_TRIALS:
                del self._trials[next(iter(self._trials))]
            return known

    def _is_broken(self, number: int) -> bool:
        """Tell whether building this generation failed a moment ago."""
        return (
            self._broken is not None
            and self._broken[0] == number
            and (monotonic() < self._broken[1])
        )

    def _take_changed_files(self) -> None:
        """While developing, begin anew when a file of the instance changed."""
        files = self._look_at_files()
        if files == self._files:
            return
        with self._building_alone() as is_mine:
            if not is_mine or files == self._files:  # whoever built in between took them
                return
            self._broken, self._trials = None, {}
            try:
                self.pinned = configuration.read(self.instance, self.environ)
            except configuration.ConfigError as error:
                self.report.failed(states.CORE, "config", error)
            self._served = self._swap(self._served, states.current_number())
            self._files = files  # not before: others answer with what is built

    def _look_at_files(self) -> folder.Edited:
        return folder.edited(self.instance) if self.debug else {}

    def _swap(self, before: Served | None, number: int) -> Served:
        try:
            self._served = self._make(self.report)
        except CodeChanged:
            if before is None:
                raise
            self.is_overtaken = True
            return before
        except BaseException as error:
            interrupts.heed(error)
            if before is None:
                raise
            log.error("the next generation cannot be built; the one before stays")
            self.report.failed(states.CORE, "generation", error)
            self._broken = number, monotonic() + WAIT_SECONDS
            return before
        return self._served

    def _make(self, report: Report, tried: str = "") -> Served:
        choice = Choice(
            tried=tried,
            bundled=self.safe or self._holds_back,
            for_now=self._holds_back,
            from_source=self.debug,
            imported=self._imported if self._replace is not None else None,
        )
        current = building.build(self.database, self.instance, self.pinned, report, choice)
        with context.using(current):
            app = create_app(current, self.secret_key, self._bytecode, report, debug=self.debug)
        return Served(current, app)
