"""Serve for readers with gunicorn: several processes, each with its own engine."""

from __future__ import annotations

import gc
import logging
import threading
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from blog.config import ConfigError
from blog.folder import NoSiteHere
from blog.site import Site

GRACE_SECONDS = 30
YOUNG = 20_000
log = logging.getLogger("blog.server")


def serve(site: Site, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until told to stop; SIGTERM and SIGHUP let requests under way end.

    The workers begin with the site as it is, which must hold no connection; after a SIGHUP they
    read its files again.
    """
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    # What is loaded stays: not looking through it again spares a tenth of a page's time, and
    # leaves it in the memory that the workers share.
    gc.collect()
    gc.freeze()
    Server(
        site,
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
            # The site decides itself which proxies it believes, and about what.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "control_socket_disable": True,  # it would write outside of the instance
        },
    ).run()


class Server(BaseApplication):  # type: ignore[misc]
    """Give each process the site, whose connections it opens for itself."""

    def __init__(self, site: Site, options: dict[str, Any]) -> None:
        self.site = site
        self.instance = site.instance
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the options that we were given, and no file."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Site:
        """Take the site that is ready."""
        logging.getLogger().setLevel(self.site.log_level)
        return self.site

    def reload(self) -> None:
        """Let the next workers read the site's files again, unless those are wrong."""
        try:
            self.site = Site(self.instance)
        except (ConfigError, NoSiteHere) as error:
            log.error("the site goes on as it was: %s", error)
        super().reload()


class Lines(Logger):  # type: ignore[misc]
    """Leave the form of log lines to the site."""

    def setup(self, cfg: Any) -> None:  # noqa: ARG002
        """Pass lines on to the root logger."""
        self.error_log.propagate = True
        self.access_log.propagate = False


_stopped = threading.Event()


def _keep_house(worker: Any) -> None:
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
    threading.Thread(target=worker.wsgi.keep_house, args=(_stopped,), daemon=True).start()


def _stop_keeping_house(_server: Any, _worker: Any) -> None:
    _stopped.set()
