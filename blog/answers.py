"""Pass answers on to the server, each in the context of its request to the last byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextvars import Context
from typing import Any

from blog import logs
from blog.db import leave
from blog.platform import interrupts


class Broken(RuntimeError):
    """Whoever writes an answer meant to end the program."""


class Body:
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
        except Exception:
            raise
        except BaseException as error:  # it would end the worker
            interrupts.heed(error)
            raise Broken(f"an answer that streams ended with {type(error).__name__}") from error

    def close(self) -> None:
        """Close what the answer holds open, and write its line of the log."""
        try:
            if hasattr(self._body, "close"):
                self._here.run(self._body.close)
        finally:
            self._here.run(leave)
            self._here.run(self._line.write)


def busy(start_response: Any) -> Iterable[bytes]:
    """Answer where neither a page nor the database is there."""
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "30")]
    start_response("503 Service Unavailable", headers)
    return [b"The site is busy. Please try again in a minute.\n"]
