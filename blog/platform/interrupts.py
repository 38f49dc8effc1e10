"""Tell what a person typed to stop the program from all else that plugins may raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread


def heed(error: BaseException) -> None:
    """Raise a Ctrl-C again; call it first wherever everything is caught.

    Python raises that in the main thread alone, which answers no request: elsewhere a
    ``KeyboardInterrupt`` is a plugin's own.
    """
    if isinstance(error, KeyboardInterrupt) and current_thread() is main_thread():
        raise error


@contextmanager
def ignored() -> Iterator[None]:
    """Go on after whatever is raised below, but a Ctrl-C."""
    try:
        yield
    except BaseException as error:
        heed(error)
