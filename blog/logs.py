"""Write log lines that people and programs can read, with the request that they belong to."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from time import perf_counter
from typing import Any

PAIRS = ("method", "path", "status", "ms")
SECRET = re.compile(r"^(/setup/)[^/]+")
access = logging.getLogger("blog.access")
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def set_up(level: str) -> None:
    """Send every log line to stderr as ``key=value`` pairs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=getattr(logging, level, logging.INFO), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


class AccessLine:
    """Write one line for each request when its last byte is sent.

    The query is left out, and what follows ``/setup/``: both may hold secrets.
    """

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._started = perf_counter()
        self._method = str(environ.get("REQUEST_METHOD", ""))[:20]
        path = str(environ.get("PATH_INFO", "")).encode("latin-1", "replace")
        self._path = SECRET.sub(r"\1…", path.decode("utf-8", "replace"))[:500]
        self._status = 0

    def noting(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """Pass an answer's head on and keep its status."""

        def start(status: str, *rest: Any) -> Any:
            self._status = int(status[:3])
            return start_response(status, *rest)

        return start

    def write(self) -> None:
        """Write the line, once."""
        status, self._status = self._status, 0
        if status:
            spent = (perf_counter() - self._started) * 1000
            shown = (self._method, self._path, status, round(spent))
            access.info("%s %s", *shown[:2], extra={"pairs": dict(zip(PAIRS, shown, strict=True))})


class Lines(logging.Formatter):
    """Format a record as one line; texts are JSON, so that nobody can forge another line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line of a record."""
        time = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        text = (
            f"time={time} level={record.levelname.lower()} logger={record.name}"
            f" request={request_id.get()}"
        )
        pairs = getattr(record, "pairs", None) or {"message": record.getMessage()}
        text += "".join(f" {name}={_quoted(value)}" for name, value in pairs.items())
        if record.exc_info:
            text += f" trace={json.dumps(self.formatException(record.exc_info))}"
        return text


def _quoted(value: Any) -> str:
    plain = isinstance(value, int) or (value.isascii() and value.isalpha())
    return str(value) if plain else json.dumps(value)
