"""Turn plugins on and off and set them from a shell."""

from __future__ import annotations

import click

from blog.commands import needing, reaching, setting
from blog.console import Context, Group, Refused, say, show, with_site
from blog.platform import lifecycle, listing
from blog.platform.context import generation


@click.group(cls=Group)
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
@click.option("--with-needed", is_flag=True, help="Enable what it needs too, without asking.")
@click.pass_obj
def enable(context: Context, name: str, with_needed: bool) -> None:
    """Turn a plugin on, in every running process at its next request."""
    with context.unloaded() as site:
        for needed in needing.also_needed(context, name, unasked=with_needed):
            lifecycle.enable(site.database, context.instance, needed)
            say(f"{needed} is on")
        reaching.tell_reach(context.instance, name)
        lifecycle.enable(site.database, context.instance, name)
    context.site.housekeep()
    with context.site.context() as current:
        if name in current.failures:
            raise Refused(f"{name} is on but was left out: {current.failures[name]}")
        needing.tell_useful(context, name)
        reaching.tell_shared(current.plugins, name)
    say(f"{name} is on")


@plugins.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Ask nothing, whatever stops with it.")
@click.pass_obj
def disable(context: Context, name: str, yes: bool) -> None:
    """Turn a plugin off; none is imported."""
    with context.unloaded():
        others = needing.agree_to_stop(context, name, unasked=yes)
        lifecycle.disable(context.instance, name)
    say(f"{name} is off")
    if others:
        say(f"these need it and are left out now: {', '.join(others)}")


@plugins.command("set")
@click.argument("name")
@click.argument("values", nargs=-1, metavar="KEY=VALUE...")
@click.option("--test", is_flag=True, help="Let the plugin test these values; store nothing.")
@with_site
def set_(name: str, values: tuple[str, ...], test: bool) -> None:
    """Change settings of a plugin; without values, show them.

    A secret given as KEY=- is asked for, or read from the standard input.
    """
    plugin = setting.plugin_of(name)
    if test:
        setting.test(plugin, setting.typed(plugin, values))
    elif values:
        setting.store(plugin, setting.typed(plugin, values))
    else:
        setting.show(plugin)


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
            "deprecated": hook.info.deprecated,
            "implementations": [one.plugin for one in hook.implementations],
        }
        for hook in generation().table
    ]
    show(rows, as_json=as_json)
