"""Import what was uploaded, beside the requests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blog import generation, jobs

from . import services
from .broken import BrokenExport

FOLDER = "imports"
SECONDS = 1.0


def import_file(payload: Mapping[str, Any]) -> None:
    """Import a file that waits in the instance, then remove it: it holds people's e-mails.

    Taken again after a crash it goes on, since nothing is added twice.
    """
    file = folder() / Path(str(payload["file"])).name
    if not file.exists():
        return
    try:
        with file.open("rb") as opened:
            report = services.run(opened, tell=_teller())
    except BrokenExport as error:
        jobs.tell(problem=str(error.problem), line=error.line, column=error.column)
    else:
        jobs.tell(part=1.0, report=report.rows())
    file.unlink(missing_ok=True)


def folder() -> Path:
    """Name the folder where uploaded files wait."""
    return generation().instance / FOLDER


def _teller() -> services.Tell:
    last = 0.0

    def tell(part: float) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS:
            last = time.monotonic()
            jobs.tell(part=round(min(part, 0.99), 3))

    return tell
