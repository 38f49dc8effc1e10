"""Import what was uploaded, beside the requests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from blog import Job, generation, jobs, session

from .broken import BrokenExport

if TYPE_CHECKING:
    from .services import Tell

PLUGIN, JOB = "wordpress", "import"
FOLDER = PLUGIN
SECONDS = 1.0
# A file is there before its job is: one that young is left alone.
YOUNG_SECONDS = 3600.0


def import_file(payload: Mapping[str, Any]) -> None:
    """Import a file that waits in the instance, then remove it: it holds people's e-mails.

    Taken again after a crash it goes on, since nothing is added twice.
    """
    from . import services  # noqa: PLC0415 - no start should pay for what few requests need

    name = Path(str(payload["file"])).name
    file = folder() / name
    if not file.exists():
        return
    try:
        with file.open("rb") as opened:
            report = services.run(opened, tell=_teller())
    except BrokenExport as error:
        jobs.tell(problem=str(error.problem), line=error.line, column=error.column)
    except BaseException:
        if waiting().get(name, jobs.MOST_ATTEMPTS) >= jobs.MOST_ATTEMPTS:
            file.unlink(missing_ok=True)  # it will not be tried again
        raise
    else:
        jobs.tell(part=1.0, report=report.rows())
    file.unlink(missing_ok=True)


def sweep(_payload: Mapping[str, Any]) -> None:
    """Remove files that no open job names, such as that of an import that ended its process."""
    named, old = waiting(), time.time() - YOUNG_SECONDS
    for file in folder().glob("*.xml"):
        if file.name not in named and file.stat().st_mtime < old:
            file.unlink(missing_ok=True)


def waiting() -> dict[str, int]:
    """Give the files of imports that are not done, with how often each was tried."""
    query = select(Job.payload, Job.attempts).where(
        Job.plugin == PLUGIN, Job.job == JOB, Job.done_at.is_(None)
    )
    return {str(payload["file"]): attempts for payload, attempts in session.execute(query)}


def folder() -> Path:
    """Name the folder where uploaded files wait."""
    return generation().instance / FOLDER


def _teller() -> Tell:
    last = 0.0

    def tell(part: float) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS:
            last = time.monotonic()
            jobs.tell(part=round(min(part, 0.99), 3))

    return tell
