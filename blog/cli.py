"""Run ``palabre``: make a site, serve it, publish and moderate from a shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click
from sqlalchemy.exc import OperationalError

from blog import logs
from blog.commands import COMMANDS
from blog.console import EXPECTED, Context, Group


class Palabre(Group):
    """List the core's commands and, where a site is there, those of its plugins."""

    def added(self, context: click.Context) -> Mapping[str, click.Command]:
        """Give the commands of plugins, which are loaded only when the core lacks a word."""
        return _of_plugins(context)

    def invoke(self, context: click.Context) -> Any:
        """Turn an expected error into one line and the status 1."""
        try:
            return super().invoke(context)
        except EXPECTED as error:
            _refuse(context, str(error))
        except OperationalError as error:
            _refuse(context, f"the database did not answer: {error.orig}; see palabre doctor")


@click.group(cls=Palabre, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--instance",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="BLOG_INSTANCE",
    default=Path("instance"),
    show_default=True,
    is_eager=True,  # read before --help is answered, which lists what the site's plugins add
    help="The folder of the site.",
)
@click.pass_context
def palabre(context: click.Context, instance: Path) -> None:
    """Serve and keep a blog."""
    context.obj = Context(instance.absolute())


for command in COMMANDS:
    palabre.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    logs.set_up(os.environ.get("BLOG_LOG_LEVEL", "INFO"))
    sys.exit(palabre.main(arguments, prog_name="palabre", standalone_mode=True))


def _refuse(context: click.Context, reason: str) -> NoReturn:
    """Say in one line why nothing was done."""
    click.echo(f"palabre: {' '.join(reason.split())}", err=True)
    context.exit(1)


def _of_plugins(context: click.Context) -> dict[str, click.Command]:
    """Gather the commands of plugins; a site that cannot be loaded has none."""
    here = context.find_object(Context)
    if here is None:  # while help is shown, the group itself has not run
        named = context.params.get("instance") or os.environ.get("BLOG_INSTANCE") or "instance"
        here = context.obj = Context(Path(named).absolute())
    return here.plugin_commands()
