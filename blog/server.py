"""Serve for readers with gunicorn: several processes, each with its own engine."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import threading
from time import monotonic
from typing import Any

from gunicorn import arbiter  # type: ignore[import-untyped]
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from blog import waiting
from blog.config import ConfigError
from blog.folder import NoSiteHere
from blog.site import Site

GRACE_SECONDS = 30
LAST_SECONDS = 3.0
AGAIN_SECONDS = 10.0
# So many new objects before garbage is looked for: at 20,000 each worker grew by 8 MB more.
YOUNG = 5_000
ENDINGS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
log = logging.getLogger("blog.server")


def serve(site: Site, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until told to stop; SIGTERM and SIGHUP let requests under way end.

    The workers begin with the site as it is, which must hold no connection; after a SIGHUP they
    read its files again.
    """
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    # What is loaded stays: not looking through it again spares a tenth of a page's time, and
    # leaves it in the memory that the workers share.
    gc.freeze()
    gc.enable()
    Server(
        site,
        {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": waiting.Worker,
            "graceful_timeout": GRACE_SECONDS,
            "timeout": 60,
            "keepalive": 5,
            "logger_class": Lines,
            "post_worker_init": _keep_house,
            "worker_exit": _stop_keeping_house,
            "proc_name": "palabre",
            # The site decides itself which proxies it believes, and about what.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "control_socket_disable": True,  # it would write outside of the instance
        },
    ).run()


class Server(BaseApplication):  # type: ignore[misc]
    """Give each process the site, whose connections it opens for itself.

    The first process holds no code of others, so that its next workers can have any.
    """

    def __init__(self, site: Site, options: dict[str, Any]) -> None:
        self.site = site
        self.options = options
        self.replacement = Replacement()
        super().__init__()

    def load_config(self) -> None:
        """Take the options that we were given, and no file."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until told to stop."""
        Arbiter(self).run()

    def load(self) -> Site:
        """Take the site that is ready."""
        logging.getLogger().setLevel(self.site.log_level)
        return self.site

    def reload(self) -> None:
        """Let the next workers read the site's files again, unless those are wrong."""
        try:
            site = Site(self.site.instance, safe=self.site.safe)
            prepare(site)
            self.site = site
        except (ConfigError, NoSiteHere) as error:
            log.error("the site goes on as it was: %s", error)
        super().reload()


class Arbiter(arbiter.Arbiter):  # type: ignore[misc]
    """Hold back a word to end until the new worker hears it.

    Between its birth and its own handlers a worker would lose it, and a stop would wait for that
    worker to the end of the grace.
    """

    def spawn_worker(self) -> Any:
        """Begin a worker, in which this call lasts as long as that does."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)


class Replacement:
    """Ask the first process for other workers, once for each change of code.

    Whoever of the workers notices first asks; where nothing came of it, one asks again.
    """

    def __init__(self) -> None:
        self._asked = multiprocessing.Array("d", [-1.0, 0.0])

    def ask(self, worker: Any, reloads: int) -> None:
        """Ask for a worker, unless that was done for this change."""
        if not (worker.alive and self._is_first(reloads)):
            return
        if os.getppid() == worker.ppid:
            log.info("code of plugins changed: other workers take over")
            os.kill(worker.ppid, signal.SIGHUP)

    def _is_first(self, reloads: int) -> bool:
        # Nobody waits for the lock: one that died with it must not stop all others.
        if not self._asked.get_lock().acquire(block=False):
            return False
        try:
            last, when = self._asked[0], self._asked[1]
            if reloads == last and monotonic() < when + AGAIN_SECONDS:
                return False
            self._asked[:] = [float(reloads), monotonic()]
            return True
        finally:
            self._asked.get_lock().release()


def prepare(site: Site) -> None:
    """Load what is bundled and close the database, so that workers can share and fork."""
    site.hold_back()
    try:
        site.warm_up()
    except Exception as error:  # a worker tries again
        log.warning("the first page could not be prepared: %s", error)
    site.close()


class Lines(Logger):  # type: ignore[misc]
    """Leave the form of log lines to the site."""

    def setup(self, cfg: Any) -> None:  # noqa: ARG002
        """Pass lines on to the root logger."""
        self.error_log.propagate = True
        self.access_log.propagate = False


_stopped = threading.Event()


def _keep_house(worker: Any) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
    replacement = worker.app.replacement
    worker.wsgi.begin(lambda reloads: replacement.ask(worker, reloads))
    worker.house = threading.Thread(target=worker.wsgi.keep_house, args=(_stopped,), daemon=True)
    worker.house.start()


def _stop_keeping_house(_server: Any, worker: Any) -> None:
    _stopped.set()
    if hasattr(worker, "house"):
        worker.house.join(LAST_SECONDS)  # it writes what was counted and where plugins failed
    main = threading.main_thread()
    if any(one is not main and not one.daemon for one in threading.enumerate()):
        # A thread that a plugin began, or a request past its time, must not keep old code alive.
        logging.shutdown()
        os._exit(0)
