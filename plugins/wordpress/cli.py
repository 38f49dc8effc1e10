"""Import from a shell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from blog import console

from .broken import BrokenExport
from .report import Report, totals
from .uploads import NoUploads

STEPS = 1000


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--uploads",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder wp-content/uploads of the old blog: its pictures are copied.",
)
@click.option("--dry-run", is_flag=True, help="Say what would come, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as an array of objects.")
@console.with_site
def wordpress(file: Path, uploads: Path | None, dry_run: bool, as_json: bool) -> None:
    """Import a WordPress export (WXR 1.0 to 1.2).

    What is there already is left as it is: running it again adds nothing twice.
    """
    from . import services  # noqa: PLC0415 - no start should pay for what few requests need

    try:
        with file.open("rb") as opened, _progress() as tell:
            report = services.run(opened, folder=uploads, dry=dry_run, tell=tell)
    except (BrokenExport, NoUploads) as error:
        raise console.Refused(f"{file}: {error}") from None
    except OSError as error:
        raise console.Refused(f"{file}: {error.strerror or error}") from None
    rows = report.rows(ids=not dry_run)
    if not as_json:
        rows = [{key: row[key] for key in row if key != "posts"} for row in rows]
    console.show(rows, as_json=as_json)
    console.say(summary(report, dry=dry_run))
    if uploads is not None and not services.has_pictures(uploads, report):
        console.say(f"no pictures found in {uploads}: it should be wp-content/uploads")


def summary(report: Report, *, dry: bool) -> str:
    """Say in one line what came."""
    found = totals(report.rows())
    new = ", ".join(_number(found.get(one, 0), one) for one in ("post", "page", "comment"))
    known = sum(count for what, count in found.items() if what.endswith(" known"))
    line = f"would import {new}" if dry else f"imported {new}"
    return f"{line}; {known} were here already and stay as they are" if known else line


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


@contextmanager
def _progress() -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _part: None
        return
    with click.progressbar(length=STEPS, label="Importing", file=sys.stderr) as bar:

        def tell(part: float) -> None:
            bar.update(int(part * STEPS) - bar.pos)

        yield tell
