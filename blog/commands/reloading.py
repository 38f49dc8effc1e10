"""Take the changed code of plugins from a shell."""

from __future__ import annotations

import click

from blog.console import Context, say
from blog.platform import reloading


@click.command()
@click.argument("name", required=False)
@click.pass_obj
def reload(context: Context, name: str | None) -> None:
    """Take the changed code of one plugin, or of all that are not bundled.

    Each is checked and its tables are migrated first; then every server replaces its workers,
    and no request is dropped.
    """
    with context.unloaded() as site:
        names = [name] if name else reloading.names(context.instance)
        for one in names:
            changed = reloading.reload(site.database, context.instance, one)
            say(f"{one}: {'its new code is taken' if changed else 'its code is the same'}")
    if not names:
        say("only bundled plugins are on: they change with Palabre")
