"""Show from a shell what plugins cost and which of them need attention."""

from __future__ import annotations

from typing import Any

import click

from blog import attention
from blog.console import Context, show
from blog.platform import costs
from blog.platform.costs import Cost


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@click.option(
    "--hours",
    type=click.IntRange(1, costs.KEPT_HOURS - 1),
    help="Add up so many hours; without it, the last day and the last hour.",
)
@click.pass_obj
def cost(context: Context, as_json: bool, hours: int | None) -> None:
    """Show time, calls, statements and errors by plugin and hook; none is imported.

    Times are milliseconds, and hours begin at the full one.
    """
    with context.unloaded():
        found = costs.over(hours or 24)
        last = {(one.plugin, one.hook): one for one in costs.over(1)} if hours is None else None
    rows = [_row(one, last) for one in found]
    show(rows, as_json=as_json)


@click.command(name="attention")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@click.pass_obj
def attention_(context: Context, as_json: bool) -> None:
    """List what of the plugins needs attention, each with its mend; none is imported."""
    with context.unloaded() as site:
        found = attention.items(site.database, context.instance)
    rows = [
        {
            "plugin": one.plugin,
            "kind": str(one.kind),
            "what": one.what,
            "mend": f"{one.mend} {one.command}".strip(),
        }
        for one in found
    ]
    show(rows, as_json=as_json)


def _row(one: Cost, last: dict[tuple[str, str], Cost] | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "plugin": one.plugin,
        "hook": one.hook,
        "calls": one.calls,
        "total_ms": round(one.milliseconds, 1),
        "ms_per_call": round(one.per_call, 3),
        "slowest_ms": round(one.slowest_call, 1),
        "statements": one.statements,
        "errors": one.errors,
        "overruns": one.overruns,
    }
    if last is not None:
        lately = last.get((one.plugin, one.hook))
        row["calls_last_hour"] = lately.calls if lately else 0
        row["total_ms_last_hour"] = round(lately.milliseconds, 1) if lately else 0.0
    return row
