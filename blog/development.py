"""Serve a site to the one who develops it: tracebacks, and changed code at once."""

from __future__ import annotations

import logging
import sys
import sysconfig
import threading
from typing import Any

from werkzeug.debug import DebuggedApplication
from werkzeug.serving import WSGIRequestHandler, is_running_from_reloader, run_simple

from blog.site import Site

LOCAL = "127.0.0.1"


def is_first() -> bool:
    """Tell whether this process is the first, and not one that the reloader started."""
    return not is_running_from_reloader()


def serve(site: Site, port: int, *, reload: bool) -> None:
    """Serve on this machine until stopped."""
    if not (reload and is_first()):
        threading.Thread(target=site.keep_house, args=(threading.Event(),), daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    run_simple(
        LOCAL,
        port,
        DebuggedApplication(site, evalex=False),  # no console: a page must not run code
        use_reloader=reload,
        # The site takes files of the instance by itself, without a restart; nobody edits the rest.
        exclude_patterns=[f"{one}/*" for one in (site.instance, *_installed())],
        threaded=True,
        request_handler=QuietHandler,
    )


def _installed() -> set[str]:
    """Name the folders of Python and of what is installed into it."""
    return {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()}


class QuietHandler(WSGIRequestHandler):
    """Leave the log of requests to the site."""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Write nothing."""
