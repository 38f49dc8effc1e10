"""Let nobody post while a site is replaced, in whichever process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # no Unix: whoever restores there stops the server before
    fcntl = None  # type: ignore[assignment]


class HeldStill(RuntimeError):
    """Nothing can be posted for a while, because the site is being replaced."""


@contextmanager
def held(instance: Path) -> Iterator[None]:
    """Replace a site: wait for those who post at this moment, and keep all others from it.

    It ends with the process, however that ends.
    """
    folder = _lock(instance, "LOCK_EX")
    try:
        yield
    finally:
        leave(folder)


def enter(instance: Path) -> int:
    """Begin to post, and give what to ``leave`` with; raise ``HeldStill``."""
    return _lock(instance, "LOCK_SH", "LOCK_NB")


def leave(folder: int) -> None:
    """End what was begun with ``enter``."""
    with suppress(OSError):  # nothing was begun
        os.close(folder)


def _lock(instance: Path, *how: str) -> int:
    if fcntl is None:
        return -1
    folder = os.open(instance, os.O_RDONLY)
    try:
        fcntl.flock(folder, sum(getattr(fcntl, one) for one in how))
    except BlockingIOError as error:
        os.close(folder)
        raise HeldStill(f"{instance} is being replaced") from error
    except OSError:  # a disk of the network that knows no locks
        os.close(folder)
        return -1
    return folder
