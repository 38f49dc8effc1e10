"""Add ``palabre count``."""

from collections.abc import Mapping

import click
from blog import Post, console, hookimpl, session
from sqlalchemy import func, select


@click.command()
@console.with_site
def count() -> None:
    """Say how many posts there are."""
    click.echo(session.scalar(select(func.count()).select_from(Post)))


@hookimpl
def commands() -> Mapping[str, click.Command]:
    """Add the command."""
    return {"count": count}
