"""Talk to the shell: where the site is, tables and JSON, one-line errors."""

from __future__ import annotations

import json
import logging
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from difflib import get_close_matches
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from blog import identity
from blog.config import ConfigError
from blog.db import NoDatabase
from blog.folder import NoSiteHere
from blog.identity import PERMISSIONS
from blog.migrate import DatabaseTooNew, MigrationFailed
from blog.parts import Identity
from blog.platform import listing, preparing
from blog.platform.check import PluginRefused
from blog.platform.collisions import OF_CORE, claimed
from blog.platform.context import Generation, hooks, using
from blog.platform.costs import measuring
from blog.platform.discovery import Place
from blog.platform.report import Report, described
from blog.site import Site

SHELL = Identity("", "shell", frozenset(one.name for one in PERMISSIONS))


class CommandTaken(ValueError):
    """A plugin adds a command where another is; the core, then the first in their order has it."""


class Refused(RuntimeError):
    """A command cannot be carried out; the message is one line that says what to do."""


EXPECTED = (
    ConfigError,
    DatabaseTooNew,
    MigrationFailed,
    NoDatabase,
    NoSiteHere,
    PluginRefused,
    Refused,
)
LINE = 45
MEANT = (click.ClickException, click.Abort, click.exceptions.Exit)


class Context:
    """Hold the folder of the site that a command is about, and open it when needed."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self._site: Site | None = None
        self._commands: dict[str, click.Command] | None = None

    @property
    def site(self) -> Site:
        """Give the site; raise ``NoSiteHere`` where there is none."""
        if self._site is None:
            self._site = Site(self.instance)
            logging.getLogger().setLevel(self._site.log_level)
        return self._site

    @property
    def report(self) -> Report:
        """Give what records failures of plugins; one for nobody where there is no site."""
        try:
            return self.site.report
        except NoSiteHere:
            return Report()

    def close(self) -> None:
        """Close the database, as before a fork; it is opened anew when needed."""
        if self._site is not None:
            self._site.close()
            self._site = None

    @contextmanager
    def loaded(self) -> Iterator[Generation]:
        """Work on the site with its plugins, as its owner."""
        with self.site.context() as current, identity.acting_as(SHELL):
            yield current
        self.finish()

    @contextmanager
    def unloaded(self) -> Iterator[Site]:
        """Work on the site without importing any plugin."""
        with self.site.database_only():
            yield self.site

    def finish(self) -> None:
        """Write what plugins failed at."""
        if self._site is None:
            return
        with self.site.database_only():
            self.site.report.flush()

    def command_line(self, *words: str) -> str:
        """Give the whole command that somebody should type for this site."""
        start = [_program()]
        if self.instance != Path("instance").absolute():
            start += ["--instance", str(self.instance)]
        return shlex.join([*start, *words])

    def bundled_off(self) -> list[str]:
        """Name the bundled plugins that are off; none where the site cannot be read."""
        try:
            with self.unloaded():
                listed = listing.plugins(self.instance)
        except Exception:  # it only helps with another error, which must be told
            return []
        return [one.name for one in listed if one.place is Place.BUNDLED and one.state == "off"]

    def plugin_commands(self) -> dict[str, click.Command]:
        """Gather the commands of the plugins that are on, contained."""
        if self._commands is None:
            self._commands = {}
            try:
                with self.site.context():
                    self._commands = _gathered(hooks.commands(), self)
            except Exception as error:  # help must be shown whatever is wrong with a site
                if not isinstance(error, NoSiteHere):
                    log = logging.getLogger("blog.cli")
                    log.warning("commands of plugins that are not bundled are missing: %s", error)
                with using(preparing.bundled(self.instance)):
                    self._commands = _gathered(hooks.commands(), self)
        return self._commands


class Group(click.Group):
    """List the commands of a group of the core and those that plugins add to it.

    Plugins are loaded only for a word that the core does not know, and for help.
    """

    def list_commands(self, context: click.Context) -> list[str]:
        """Name every command."""
        return sorted({*super().list_commands(context), *self.added(context)})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Find a command; nobody can replace one of the core."""
        return super().get_command(context, name) or self.added(context).get(name)

    def resolve_command(self, context: click.Context, arguments: list[str]) -> Any:
        """Find the command that was typed, or name the nearest."""
        try:
            return super().resolve_command(context, arguments)
        except click.UsageError as error:
            if "id you mean" in error.message:
                raise
            near = get_close_matches(arguments[0], self.list_commands(context), 1)
            mends = [f"Did you mean {near[0]!r}?" if near else "", _may_bring_it(context)]
            said = " ".join(filter(None, [error.message, *mends]))
            raise click.UsageError(said, context) from error

    def added(self, context: click.Context) -> Mapping[str, click.Command]:
        """Give what plugins add to this group."""
        here = context.find_object(Context)
        group = here.plugin_commands().get(self.name or "") if here else None
        return group.commands if isinstance(group, click.Group) else {}


def with_site(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command with the site's plugins loaded."""

    @click.pass_obj
    def run(context: Context, /, *args: Any, **kwargs: Any) -> Any:
        with context.loaded():
            return function(*args, **kwargs)

    return update_wrapper(run, function)


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print rows as an array of objects or as a table."""
    if as_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=1, default=str))
        return
    if not rows:
        click.echo("nothing", err=True)
        return
    names = list(rows[0])
    lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [min(50, max(len(line[index]) for line in lines)) for index in range(len(names))]
    widths[-1] = max(len(line[-1]) for line in lines)  # the mend or the reason: never cut
    for line in lines:
        cells = (cell[:width].ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def say(text: str) -> None:
    """Tell a person what happened, beside the output that a script reads."""
    click.echo(text, err=True)


def agree(question: str, unasked: str, no: str = "nothing was changed") -> None:
    """Ask for a yes; raise ``Refused``, with ``unasked`` where nobody is there, or after a no."""
    if not sys.stdin.isatty():
        raise Refused(unasked)
    if not click.confirm(question, default=False, err=True):
        raise Refused(no)


def _program() -> str:
    """Name the program as it was called, unless the shell finds it by its name."""
    called, found = Path(sys.argv[0]), shutil.which("palabre")
    if called.stem != "palabre" or not called.is_file() or (found and called.samefile(found)):
        return "palabre"
    return str(called)


def _may_bring_it(context: click.Context) -> str:
    """Name the bundled plugins that are off: which commands they have is known when they are on."""
    here = context.find_object(Context)
    off = here.bundled_off() if here else []
    return f"These plugins are off and may bring it: {', '.join(off)}." if off else ""


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _gathered(answers: Iterable[Any], context: Context) -> dict[str, click.Command]:
    """Put ``import wordpress`` into a group ``import``."""
    gathered: dict[str, click.Command] = {}
    owners: dict[str, str] = {**OF_CORE}
    for answer in answers:
        others = {words: owner for words, owner in owners.items() if owner != answer.plugin}
        for words, own in answer.value.items():
            problem, mend = claimed(words, others)
            if problem:
                taken = CommandTaken(f"{problem}: {mend}")
                context.report.failed(answer.plugin, "commands", taken)
                continue
            owners[words] = answer.plugin
            command = _contained(own, answer.plugin, words, context)
            group, _, name = words.partition(" ")
            if not name:
                gathered.setdefault(group, command)
                continue
            parent = gathered.setdefault(group, click.Group(group, help=_GROUPS.get(group)))
            if isinstance(parent, click.Group):
                parent.add_command(command, name)
    return gathered


def _contained(own: click.Command, plugin: str, words: str, context: Context) -> click.Command:
    """Measure a plugin's command, and record with its name what it did not mean to raise."""
    command = copy(own)

    def shorten(limit: int = LINE) -> str:
        try:
            return str(own.get_short_help_str(limit))
        except BaseException as error:  # the list of commands stays whole
            context.report.failed(plugin, f"command {words}", error)
            return ""

    def invoke(here: click.Context) -> Any:
        report = context.report
        try:
            with measuring(report.stat(plugin, f"command {words}")):
                return own.invoke(here)
        except (*EXPECTED, *MEANT, OperationalError):
            raise
        except Exception as error:
            report.failed(plugin, f"command {words}", error)
            raise Refused(f"{plugin} failed in {words}: {described(error)}") from error
        finally:
            context.finish()

    command.get_short_help_str = shorten  # type: ignore[method-assign]
    command.invoke = invoke  # type: ignore[assignment, method-assign]
    return command


_GROUPS = {"import": "Take what another system wrote.", "export": "Leave with all that is yours."}
