"""Make and install plugins from a shell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from blog import console, control, generation

# What these commands need is imported when one of them runs: a server does without.
if TYPE_CHECKING:
    from .packages import Change


@click.command()
@click.argument("name")
@click.option("--folder", is_flag=True, help="With settings, table, template, French and tests.")
@click.option("--bare", is_flag=True, help="A folder too, but without table and migration.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to put it; otherwise into the plugins of the site.",
)
@click.pass_obj
@console.with_site
def new(context: console.Context, name: str, folder: bool, bare: bool, into: Path | None) -> None:
    """Write a plugin that works, to begin from."""
    from . import scaffold  # noqa: PLC0415

    problem = control.name_problem(name)
    if problem:
        raise console.Refused(problem)
    home = generation().instance / "plugins"
    try:
        form = "bare" if bare else "folder" if folder else "file"
        made = scaffold.write(name, into or home, form)
    except FileExistsError as error:
        raise console.Refused(f"{error.filename} is there: choose another name") from None
    except OSError as error:
        raise console.Refused(f"{error.filename}: {error.strerror}") from None
    for line in _next(context, name, made, folder=folder or bare, is_home=made.parent == home):
        console.say(line)


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--index-url", help="Another index of packages.")
@click.option("--find-links", help="A folder or page of packages.")
@click.option("--no-index", is_flag=True, help="Ask no index, only --find-links.")
@click.pass_obj
def install(
    context: console.Context,
    name: str,
    yes: bool,
    index_url: str | None,
    find_links: str | None,
    no_index: bool,
) -> None:
    """Install a plugin from a package index, into the environment of Palabre.

    NAME is the package's, with a version where that matters: palabre-links==1.2.
    """
    from . import packages  # noqa: PLC0415

    options = packages.options(index_url=index_url, find_links=find_links, no_index=no_index)
    try:
        changes = packages.look(name, options)
        if not changes:
            console.say(f"{name} is installed already; nothing changes")
        else:
            _agree(changes, yes=yes)
            packages.install(changes, options)
    except packages.NotInstalled as error:
        raise console.Refused(str(error)) from None
    _tell_how_to_enable(context, name, packages.plugins_of(name))


def _agree(changes: list[Change], *, yes: bool) -> None:
    """Show what would change, and ask whoever sits there."""
    for one in changes:
        console.say(f"  {one}")
    if yes:
        return
    if not sys.stdin.isatty():
        raise console.Refused("nobody is there to ask: say --yes to install this")
    click.confirm("Install this?", abort=True, err=True)


def _tell_how_to_enable(context: console.Context, name: str, brought: list[str]) -> None:
    if not brought:
        console.say(f"{name} holds no plugin of Palabre")
    for one in brought:
        console.say(f"Turn it on: {context.command_line('plugins', 'enable', one)}")


def _next(
    context: console.Context, name: str, made: Path, *, folder: bool, is_home: bool
) -> list[str]:
    """Say what to type next."""
    shown = _near(made)
    lines = [f"{shown}{'/' if folder else ''} is written"]
    if is_home:
        lines.append(f"Turn it on:  {context.command_line('plugins', 'enable', name)}")
    lines.append(f"Check it:    {context.command_line('plugins', 'check', shown)}")
    if folder:
        lines.append(f"Test it:     pytest {shown}")
    return lines


def _near(path: Path) -> str:
    """Name a path as somebody types it from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
