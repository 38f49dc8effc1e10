"""Show the order of plugins and change it, from a shell."""

from __future__ import annotations

from typing import Any

import click

from blog.console import Context, Refused, say, show
from blog.platform import listing, sequence
from blog.platform.discovery import find


@click.command("order")
@click.argument("name", required=False)
@click.option("--before", metavar="OTHER", help="Put it directly before another.")
@click.option("--after", metavar="OTHER", help="Put it directly after another.")
@click.option("--reset", is_flag=True, help="Give it, or all, the place that it asks for.")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@click.pass_obj
def order_(
    context: Context,
    name: str | None,
    before: str | None,
    after: str | None,
    reset: bool,
    as_json: bool,
) -> None:
    """Show the order in which plugins run, or put one into another place.

    Your word wins over what plugins ask of each other; what it goes against is said.
    """
    if sum(map(bool, (before, after, reset))) > 1:
        raise click.UsageError("--before, --after and --reset exclude each other")
    if name and not (before or after or reset):
        raise click.UsageError("say --before OTHER, --after OTHER or --reset")
    if (before or after) and not name:
        raise click.UsageError("say which plugin: palabre plugins order NAME --before OTHER")
    with context.unloaded():
        if reset:
            _reset(context, name or "")
        elif name:
            sequence.move(context.instance, name, before or after or "", after=bool(after))
        show(_rows(context), as_json=as_json)
        for one in sequence.contradicted(context.instance):
            say(f"{one}: your order wins")


def _reset(context: Context, name: str) -> None:
    found = find(context.instance)
    if name and name not in found:
        raise Refused(listing.unknown(name, found))
    sequence.reset(name)


def _rows(context: Context) -> list[dict[str, Any]]:
    found, chosen = find(context.instance), sequence.chosen()
    rows = []
    for place, name in enumerate(sequence.current(context.instance), 1):
        manifest = found[name].manifest
        rows.append(
            {
                "place": place,
                "name": name,
                "chosen": name in chosen,
                "before": list(manifest.before if manifest else ()),
                "after": list(manifest.after if manifest else ()),
            }
        )
    return rows
