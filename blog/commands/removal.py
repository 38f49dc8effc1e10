"""Keep, bring back and remove what plugins keep, from a shell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from blog.console import Context, Refused, agree, say
from blog.parcels import RestoreRefused
from blog.platform import archive, lifecycle, removal, restoring
from blog.platform.archive import ExportFailed
from blog.platform.removal import Belongings

FILE = click.Path(dir_okay=False, path_type=Path)
SHOWN = 10


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--export", "target", type=FILE, help="First write all of it into this new zip.")
@click.pass_obj
def uninstall(context: Context, name: str, yes: bool, target: Path | None) -> None:
    """Remove all that a plugin keeps: tables, settings, jobs, files; none is imported.

    First it shows what will go.
    Files that you placed stay, and are named.
    """
    with context.unloaded() as site:
        what = removal.look(site.database, context.instance, name)
        removal.refuse_pointed_at(site.database, name)
        for line in _described(what):
            say(line)
        if what.is_empty:
            say(f"{name} keeps nothing: nothing was removed")
            return
        if not yes:
            target = _agree(context, what, target)
        if target is not None and target.exists():
            raise Refused(f"{target} is there already: name another file")
        if target is not None and what.left_out:
            command = context.command_line("plugins", "export", name, str(target))
            raise Refused(
                f"nothing was removed: from the export {what.left_out}; mend that,"
                f" or {command}, and uninstall it without --export"
            )
        if what.is_on:
            lifecycle.disable(context.instance, name)
        if target is not None:
            _export(context, name, target)
        for path in removal.uninstall(site.database, context.instance, name):
            say(f"could not be removed: {path}")
    say(f"{name} is uninstalled")


@click.command()
@click.argument("name")
@click.argument("target", metavar="FILE", type=FILE)
@click.pass_obj
def export(context: Context, name: str, target: Path) -> None:
    """Write all that a plugin keeps into a new zip; none is imported."""
    with context.unloaded() as site:
        what = removal.look(site.database, context.instance, name)
        _export(context, name, target)
    if what.left_out:
        say(what.left_out)


@click.command()
@click.argument("name")
@click.argument("source", metavar="FILE", type=FILE)
@click.option("--yes", is_flag=True, help="Replace what is there without asking.")
@click.pass_obj
def restore(context: Context, name: str, source: Path, yes: bool) -> None:
    """Bring back what a zip of plugins export holds, in place of what is there.

    The plugin must be on.
    Rows whose post or comment is gone are left out and counted.
    """
    try:
        with context.unloaded() as site:
            rows = restoring.replaced(site.database, name, source)
            if rows and not yes:
                said = ", ".join(f"{count} rows of {table}" for table, count in rows.items())
                command = context.command_line("plugins", "restore", name, str(source), "--yes")
                agree(f"Replace {said}?", f"{said} would be replaced: to do so, {command}")
            done = restoring.restore(site.database, context.instance, name, source)
    except RestoreRefused as error:
        raise Refused(str(error)) from None
    context.site.housekeep()
    counts = [f"{count} rows of {table}" for table, count in done.rows.items()]
    say(f"{name}: {', '.join([*counts, f'{done.jobs} jobs', f'{done.files} files'])} restored")
    for table, count in done.left_out.items():
        say(f"left out: {count} rows of {table} whose post or comment is gone")
    for path in done.kept:
        say(f"there already, left as it is: {path}")


def _described(what: Belongings) -> Iterator[str]:
    """Say what goes and what stays, a line for each."""
    go = [f"table {table}: {rows} rows" for table, rows in what.tables.items()]
    if what.settings:
        go.append(f"settings: {', '.join(what.settings)}")
    counts = {"jobs": what.jobs, "recorded errors": what.errors, "recorded costs": what.costs}
    go += [f"{label}: {count}" for label, count in counts.items() if count]
    if what.files:
        more = len(what.files) - SHOWN
        names = [*what.files[:SHOWN], *([f"and {more} more"] if more > 0 else [])]
        go.append(f"files: {', '.join(names)}")
    if go:
        yield "this will go:"
        yield from (f"  {one}" for one in go)
    if what.stays:
        yield f"this is yours or belongs to posts, and stays: {', '.join(what.stays)}"
    if what.package:
        yield f"the package stays in the environment: pip uninstall {what.package}"
    if what.needed_by and what.is_on:
        yield f"these need {what.name} and will be left out: {', '.join(what.needed_by)}"
    if what.guarded:
        yield f"{what.guarded} posts are guarded by {what.name}: nobody sees them without it"


def _agree(context: Context, what: Belongings, target: Path | None) -> Path | None:
    """Ask for an export and for a yes; raise ``Refused`` otherwise."""
    if not sys.stdin.isatty():
        command = context.command_line("plugins", "uninstall", what.name, "--yes")
        raise Refused(f"nothing was removed: to remove it without a question, {command}")
    has_data = what.tables or what.settings or what.jobs or what.files
    if target is None and has_data and click.confirm("Export it first?", default=True, err=True):
        named = click.prompt("File", default=f"{what.name}.zip", err=True)
        target = Path(named)
    if not click.confirm(f"Remove all of {what.name}?", default=False, err=True):
        raise Refused("nothing was removed")
    return target


def _export(context: Context, name: str, target: Path) -> None:
    try:
        contents = archive.export(context.site.database, context.instance, name, target)
    except ExportFailed as error:
        raise Refused(f"{error}; nothing was removed") from None
    counts = [f"{one.rows} rows of {one.name}" for one in contents.tables]
    kept = [*counts, f"{contents.jobs.rows} jobs", f"{len(contents.files)} files"]
    say(f"exported to {target}: {', '.join(kept)}")
