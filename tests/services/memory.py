"""Give folders for databases, in memory where the system keeps files there."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2**30


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder for as long as the block lasts; what is in it never waits for a disk."""
    made = Path(tempfile.mkdtemp(prefix="palabre-", dir=MEMORY if _has_room() else None))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _has_room() -> bool:
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
