"""Turn plugins on and off and set them from a shell."""

from __future__ import annotations

from typing import Any

import click

from blog.console import Context, Refused, say, show, with_site
from blog.platform import lifecycle, listing
from blog.platform.context import generation
from blog.platform.settings import BadSetting, form_of, parse


@click.group()
def plugins() -> None:
    """List, enable, disable and set plugins."""


@plugins.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """List every plugin; none is imported."""
    with context.unloaded():
        rows = [
            {
                "name": one.name,
                "title": one.title,
                "version": one.version,
                "place": str(one.place or ""),
                "state": one.state,
                "reason": one.reason,
            }
            for one in listing.plugins(context.instance)
        ]
    show(rows, as_json=as_json)


@plugins.command()
@click.argument("name")
@click.pass_obj
def enable(context: Context, name: str) -> None:
    """Turn a plugin on, in every running process at its next request."""
    with context.unloaded() as site:
        lifecycle.enable(site.database, context.instance, name)
    context.site.housekeep()
    with context.site.context() as current:
        if name in current.failures:
            raise Refused(f"{name} is on but was left out: {current.failures[name]}")
    say(f"{name} is on")


@plugins.command()
@click.argument("name")
@click.pass_obj
def disable(context: Context, name: str) -> None:
    """Turn a plugin off; none is imported."""
    with context.unloaded():
        others = lifecycle.disable(context.instance, name)
    say(f"{name} is off")
    if others:
        say(f"these need it and are left out now: {', '.join(others)}")


@plugins.command("set")
@click.argument("name")
@click.argument("values", nargs=-1, metavar="KEY=VALUE...")
@with_site
def set_(name: str, values: tuple[str, ...]) -> None:
    """Change settings of a plugin; without values, show them."""
    plugin = generation().plugin(name)
    if plugin is None:
        raise Refused(f"{name} is not on: palabre plugins enable {name}")
    if form_of(plugin) is None:
        raise Refused(f"{name} has no settings")
    if not values:
        for key, value in sorted(vars(generation().settings[name]).items()):
            click.echo(f"{key}={value}")
        return
    changed: dict[str, Any] = {}
    for pair in values:
        key, equals, text = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair!r} is not KEY=VALUE")
        try:
            changed[key] = parse(plugin, key, text)
        except BadSetting as error:
            raise Refused(str(error)) from None
    lifecycle.store(name, changed)
    say(f"{name}: {', '.join(changed)} changed")


@plugins.command()
@click.option("--json", "as_json", is_flag=True, help="Print an array of objects.")
@with_site
def hooks(as_json: bool) -> None:
    """List every hook with its implementations in the order that they run."""
    rows = [
        {
            "name": hook.name,
            "kind": str(hook.info.kind),
            "arguments": list(hook.arguments),
            "since": hook.info.since,
            "implementations": [one.plugin for one in hook.implementations],
        }
        for hook in generation().table
    ]
    show(rows, as_json=as_json)
