"""Serve for readers with gunicorn: several processes, each with its own engine."""

from __future__ import annotations

import logging
import gc
import threading
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from blog.site import Site

GRACE_SECONDS = 30
YOUNG = 20_000


def serve(instance: Path, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until told to stop; SIGTERM and SIGHUP let requests under way end."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    Server(
        instance,
        {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "graceful_timeout": GRACE_SECONDS,
            "timeout": 60,
            "keepalive": 5,
            "logger_class": Lines,
            "post_worker_init": _keep_house,
            "worker_exit": _stop_keeping_house,
            "proc_name": "palabre",
        },
    ).run()


class Server(BaseApplication):  # type: ignore[misc]
    """Make a site in each process after the fork, so that no connection is shared."""

    def __init__(self, instance: Path, options: dict[str, Any]) -> None:
        self.instance = instance
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the options that we were given, and no file."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Site:
        """Make the site of this process."""
        site = Site(self.instance)
        logging.getLogger().setLevel(site.log_level)
        return site


class Lines(Logger):  # type: ignore[misc]
    """Leave the form of log lines to the site."""

    def setup(self, cfg: Any) -> None:  # noqa: ARG002
        """Pass lines on to the root logger."""
        self.error_log.propagate = True
        self.access_log.propagate = False


_stopped = threading.Event()


def _keep_house(worker: Any) -> None:
    # What was loaded stays: looking through it again and again is a tenth of a page's time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
    threading.Thread(target=worker.wsgi.keep_house, args=(_stopped,), daemon=True).start()


def _stop_keeping_house(_server: Any, _worker: Any) -> None:
    _stopped.set()
