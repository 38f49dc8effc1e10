"""Ask before a command turns on, or stops, more plugins than the one that was named."""

from __future__ import annotations

import sys

import click

from blog.console import Context, Refused, say
from blog.platform import needs


def also_needed(context: Context, name: str, *, unasked: bool) -> list[str]:
    """Name what to turn on before a plugin, agreed to; raise ``Refused`` otherwise."""
    needed = needs.needed(context.instance, name)
    if not needed or unasked:
        return needed
    said = f"{name} needs {', '.join(needed)}"
    if not sys.stdin.isatty():
        command = context.command_line("plugins", "enable", name, "--with-needed")
        raise Refused(f"{said}: to enable all, {command}")
    if not click.confirm(f"{said}: enable too?", default=True, err=True):
        raise Refused(f"{name} stays off: it {said.removeprefix(name).strip()}")
    return needed


def agree_to_stop(context: Context, name: str, *, unasked: bool) -> list[str]:
    """Name what stops with a plugin; on a terminal, ask; raise ``Refused`` after a no."""
    stopped = needs.stopped_by(context.instance, name)
    if stopped and not unasked and sys.stdin.isatty():
        said = f"{', '.join(stopped)} will stop, needing {name}"
        if not click.confirm(f"{said}: disable {name}?", default=False, err=True):
            raise Refused(f"{name} stays on")
    return stopped


def tell_useful(context: Context, name: str) -> None:
    """Say which plugins that are off would add to one that was just turned on."""
    useful = needs.useful(context.instance, name)
    if useful:
        say(f"{name} can also use, if you enable them: {', '.join(useful)}")
