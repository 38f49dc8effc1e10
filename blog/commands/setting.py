"""Change and test the settings of a plugin from a shell."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from blog import control
from blog.console import Refused, say
from blog.platform import lifecycle
from blog.platform.context import generation
from blog.platform.loading import Plugin
from blog.platform.settings import BadSetting, form_of, parse, secrets_of, shown

TYPED_APART = "-"


def plugin_of(name: str) -> Plugin:
    """Give a plugin that is on and has settings."""
    plugin = generation().plugin(name)
    if plugin is None:
        raise Refused(f"{name} is not on: palabre plugins enable {name}")
    if form_of(plugin) is None:
        raise Refused(f"{name} has no settings")
    return plugin


def show(plugin: Plugin) -> None:
    """Print the settings that hold, and where they are fixed; of a secret whether it is set."""
    fixed = control.pinned(plugin.name)
    for key, value in sorted(shown(plugin, vars(generation().settings[plugin.name])).items()):
        place = f"  (fixed by {fixed[key]})" if key in fixed else ""
        click.echo(f"{key}={value}{place}")


def typed(plugin: Plugin, pairs: Sequence[str]) -> dict[str, Any]:
    """Read ``KEY=VALUE``; the value of a secret may be ``-``, and is then read apart."""
    secret = secrets_of(form_of(plugin))
    texts: dict[str, str] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair!r} is not KEY=VALUE")
        texts[key] = _asked(key) if key in secret and text == TYPED_APART else text
    beside = {**vars(generation().settings[plugin.name]), **texts}
    try:
        return {key: parse(plugin, key, text, beside) for key, text in texts.items()}
    except BadSetting as error:
        raise Refused(str(error)) from None


def test(plugin: Plugin, values: Mapping[str, Any]) -> None:
    """Print what the plugin's own test says of these settings; nothing is stored."""
    try:
        click.echo(control.test_settings(plugin.name, values))
    except control.Refused as error:
        raise Refused(str(error)) from None


def store(plugin: Plugin, values: Mapping[str, Any]) -> None:
    """Keep settings, unless what is stored would not hold."""
    fixed = control.pinned(plugin.name)
    for key in values:
        if key in fixed:
            raise Refused(f"{plugin.name}.{key} is fixed by {fixed[key]}: change it there")
    lifecycle.store(plugin.name, values)
    say(f"{plugin.name}: {', '.join(values)} changed")


def _asked(key: str) -> str:
    """Read a secret so that neither the screen nor the shell's history keeps it."""
    if sys.stdin.isatty():
        return str(click.prompt(key, hide_input=True, default="", show_default=False, err=True))
    return sys.stdin.read().rstrip("\r\n")
