"""Write the reference pages from the code, or check that they are up to date.

What stands above the mark in a page is written by hand; what is below is read from a new site
that runs: its settings, commands, hooks and public names.
"""

from __future__ import annotations

import argparse
import inspect
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click

from blog import config, hookspecs, site
from blog.cli import palabre
from blog.console import Context
from blog.folder import create
from blog.kinds import Kind
from blog.platform import manifest
from blog.platform.context import Generation
from blog.platform.findings import WARNINGS
from blog.platform.loading import Plugin
from blog.platform.settings import form_of

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script sees its own folder alone

from scripts.findings import CODES  # noqa: E402 - above
from scripts.names import names_page, row, written  # noqa: E402 - above
from scripts.templates import templates_page  # noqa: E402 - above

DOCS = ROOT / "docs"
FOLDER = DOCS / "reference"
# The pages that tell of a plugin and are not called as it is.
GUIDES = {
    "accounts": "tutorial/five-minutes.md",
    "admin": "how-to/look-after-plugins.md",
    "backup": "how-to/back-up.md",
    "spam": "how-to/moderate.md",
    "wordpress": "tutorial/from-wordpress.md",
    "workshop": "tutorial/first-plugin.md",
}
MARK = "<!-- Below: written by scripts/reference.py from the code. -->\n"
KINDS = {
    Kind.FILTER: (
        "a value passes through every plugin in order; `None` leaves it as it is",
        "the value before it goes on",
    ),
    Kind.COLLECT: ("every answer is used, in order", "its answer is missing"),
    Kind.FIRST: ("the first answer that is not `None` is used", "the next plugin is asked"),
    Kind.JUDGE: (
        "every plugin is asked and the most severe verdict stands",
        "it counts as a verdict to hold",
    ),
    Kind.RECORD: (
        "every plugin is told inside the transaction and may write rows of its own",
        "its own rows are undone, everything else is kept, and it catches up later",
    ),
    Kind.EVENT: ("every plugin is told after the commit", "the others are still told"),
}
NAMES = "list of names"
MANIFEST = {
    "title": ("text", "what people call it"),
    "summary": ("text", "one sentence that says what it does"),
    "version": ("text", "its version, as packages of Python have one: `1.0`"),
    "requires": (
        "list of requirements",
        "plugins that must be on, with the versions that do: `threads>=1`",
    ),
    "uses": (NAMES, "plugins that it does more with, and does without"),
    "conflicts": (NAMES, "plugins that cannot be on at the same time"),
    "before": (NAMES, "plugins that run after it in every hook"),
    "after": (NAMES, "plugins that run before it in every hook"),
    "api": ("whole number", "the plugin API that it was written for; the first is 1"),
    "reach": ("table", "what it touches, by the keys below; each holds a list of texts"),
}
REACH = {
    "tables": "its tables in the database",
    "hosts": "other machines that it talks to: a name, `*.example.org` for all below it, `*`, or "
    "`{hosts}` for those that the owner names in its setting `hosts`",
    "secrets": "its settings that nobody is shown",
    "routes": "addresses that it answers; with a slash at the end also all below",
    "files": "files that it reads or writes",
    "jobs": "work that it does after an answer",
    "derived": "those of its tables that its `catch_up` fills again: a backup leaves them out",
}


class Running(NamedTuple):
    """Hold a new site with every bundled plugin on."""

    instance: Path
    generation: Generation


def main() -> None:
    """Write every page; with ``--check`` change nothing and fail when one is stale."""
    parser = argparse.ArgumentParser(description="Write the reference pages from the code.")
    parser.add_argument("--check", action="store_true", help="change nothing, fail when stale")
    arguments = parser.parse_args()
    with new_site() as running:
        left_out = [
            f"{name} is left out: {why}" for name, why in running.generation.failures.items()
        ]
        stale = [name for name, text in pages(running).items() if text != _written(name)]
        if not arguments.check:
            write(pages(running))
    if arguments.check:
        left_out += [
            f"docs/reference/{name} is stale: python scripts/reference.py" for name in stale
        ]
    if left_out:
        sys.exit("\n".join(left_out))


@contextmanager
def new_site() -> Iterator[Running]:
    """Make a site in English that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        create(instance, settings={"language": "en"}, environ={})
        running = site.Site(instance, environ={})
        running.housekeep()
        with running.context() as generation:
            yield Running(instance, generation)
        running.close()


def pages(running: Running) -> dict[str, str]:
    """Make the text of every page by its file name."""
    makers: Mapping[str, Callable[[Running], Iterator[str]]] = {
        "settings.md": settings_page,
        "commands.md": commands_page,
        "hooks.md": hooks_page,
        "slots.md": slots_page,
        "plugins.md": plugins_page,
        "public-names.md": lambda _: names_page(),
        "templates.md": templates_page,
        "manifest.md": manifest_page,
        "findings.md": findings_page,
    }
    return {
        name: _introduction(name) + MARK + "\n" + "\n".join(make(running)).strip() + "\n"
        for name, make in makers.items()
    }


def write(texts: Mapping[str, str]) -> None:
    """Write pages where they differ."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        if text != _written(name):
            (FOLDER / name).write_text(text, "utf-8")


def settings_page(running: Running) -> Iterator[str]:
    """Describe the settings of the core and of each bundled plugin."""
    yield "## The core\n"
    yield "| setting | default | meaning | environment | admin |\n| --- | --- | --- | --- | --- |"
    for name, one in config.SETTINGS.items():
        default = list(one.default) if isinstance(one.default, tuple) else one.default
        meaning, stored = one.metadata["help"], "yes" if one.metadata["stored"] else ""
        yield row(f"`{name}`", _toml(default), meaning, f"`BLOG_{name.upper()}`", stored)
    for plugin in sorted(running.generation.plugins, key=lambda one: one.name):
        yield from _plugin_settings(plugin)


def commands_page(running: Running) -> Iterator[str]:
    """Describe every command, with those that bundled plugins add."""
    context = click.Context(palabre, info_name="palabre", obj=Context(running.instance))
    owners = {
        words: answer.plugin
        for answer in running.generation.table.commands()
        for words in answer.value
    }
    yield from _options(palabre, context)
    for name in palabre.list_commands(context):
        command = palabre.get_command(context, name)
        if command is not None:
            yield from _command(command, name, context, owners)


def hooks_page(running: Running) -> Iterator[str]:
    """Describe every hook but the slots."""
    yield "| kind | how it is called | when a plugin fails |\n| --- | --- | --- |"
    for kind, (call, failure) in KINDS.items():
        yield row(f"*{kind}*", call, failure)
    for owner, declared in _declarations(running).items():
        yield f"\n## Of {'the core' if owner == 'core' else f'the plugin `{owner}`'}"
        for function in declared:
            if not function.__name__.startswith("slot_"):
                yield from _hook(function, running)


def slots_page(running: Running) -> Iterator[str]:
    """Describe the places on pages that plugins fill."""
    for declared in _declarations(running).values():
        for function in declared:
            if function.__name__.startswith("slot_"):
                yield from _hook(function, running)


def plugins_page(running: Running) -> Iterator[str]:
    """List the bundled plugins, with the hooks that each shows in use."""
    yield "| plugin | what it does | told in | hooks |\n| --- | --- | --- | --- |"
    for plugin in sorted(running.generation.plugins, key=lambda one: one.name):
        of_it = [
            f"`{hook.name}`"
            for hook in running.generation.table
            if any(one.plugin == plugin.name for one in hook.implementations)
        ]
        guide = GUIDES.get(plugin.name, f"how-to/{plugin.name}.md")
        told = f"[{plugin.manifest.title}](../{guide})" if (DOCS / guide).exists() else ""
        yield row(f"`{plugin.name}`", plugin.manifest.summary, told, ", ".join(of_it))


def manifest_page(_: Running) -> Iterator[str]:
    """Describe every key of a manifest."""
    yield "| key | type | needed | meaning |\n| --- | --- | --- | --- |"
    for key in manifest.KEYS:
        type_, meaning = MANIFEST[key]
        yield row(f"`{key}`", type_, "yes" if key in manifest.NEEDED else "", meaning)
    yield "\n## `reach`\n"
    yield "What the plugin touches, for its owner to read before it is turned on.\n"
    yield "| key | what its list names |\n| --- | --- |"
    for key in manifest.REACH:
        yield row(f"`{key}`", REACH[key])


def findings_page(_: Running) -> Iterator[str]:
    """Describe what the check of a plugin can find."""
    for title in ("Errors", "Warnings"):
        yield f"\n## {title}\n"
        yield "| code | meaning | mend |\n| --- | --- | --- |"
        for name, (meaning, mend) in CODES.items():
            if (name in WARNINGS) == (title == "Warnings"):
                yield row(f"`{name}`", meaning, mend)


def _plugin_settings(plugin: Plugin) -> Iterator[str]:
    form = form_of(plugin)
    if form is None:
        return
    yield f"\n## `{plugin.name}`\n\n{plugin.manifest.summary}\n"
    yield "| setting | default | meaning | environment |\n| --- | --- | --- | --- |"
    for name, field in form()._fields.items():
        meaning = " – ".join(filter(None, (str(field.label.text), str(field.description))))
        variable = f"`BLOG_PLUGIN_{plugin.name.upper()}_{name.upper()}`"
        yield row(f"`{name}`", _toml(field.data), meaning, variable)


def _command(
    command: click.Command, name: str, parent: click.Context, owners: Mapping[str, str]
) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    words = context.command_path.removeprefix("palabre ")
    yield f"\n{'#' * (1 + len(words.split()))} `palabre {words}`\n"
    if words in owners:
        yield f"Of the plugin `{owners[words]}`.\n"
    yield inspect.cleandoc(command.help or "")
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from _command(found, inner, context, owners)
        return
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f"\n```text\n{context.command_path} {pieces}".rstrip() + "\n```"
    yield from _options(command, context)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    named = [one for one in command.params if isinstance(one, click.Option)]
    shown = [record for one in named if (record := one.get_help_record(context))]
    if shown:
        yield "\n| option | meaning |\n| --- | --- |"
    for declaration, meaning in shown:
        yield row(f"`{declaration}`", meaning)


def _declarations(running: Running) -> dict[str, list[Any]]:
    """Give the functions that declare hooks, by owner, in the order of their files."""
    modules = {"core": hookspecs}
    for plugin in running.generation.plugins:
        if inspect.ismodule(getattr(plugin.module, "hookspecs", None)):
            modules[plugin.name] = plugin.module.hookspecs
    return {
        owner: [one for one in vars(module).values() if hasattr(one, "palabre_hook")]
        for owner, module in modules.items()
    }


def _hook(function: Any, running: Running) -> Iterator[str]:
    info, signature = function.palabre_hook, inspect.signature(function)
    arguments = ", ".join(f"{n}: {written(p.annotation)}" for n, p in signature.parameters.items())
    answer = written(signature.return_annotation)
    hook = next(one for one in running.generation.table if one.name == function.__name__)
    users = ", ".join(f"`{one.plugin}`" for one in hook.implementations)
    yield f"\n### `{function.__name__}`\n"
    yield (
        f"*{info.kind}* · since {info.since}"
        + (f" · **deprecated: {info.deprecated}**" if info.deprecated else "")
        + (f" · removed in {info.removed_in}" if info.removed_in else "")
    )
    yield f"\n```python\ndef {function.__name__}({arguments}) -> {answer}\n```\n"
    yield inspect.cleandoc(function.__doc__ or "")
    yield f"\nUsed by {users}." if users else "\nUsed by no bundled plugin."
    example = FOLDER / "examples" / f"{function.__name__}.py"
    if example.exists():  # tests/docs/test_hook_examples.py runs each, and misses none
        yield f'\n```python title="An example"\n{example.read_text("utf-8").rstrip()}\n```'


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f'`"{value}"`' if "\n" not in value else "several lines"
    return "" if value is None else f"`{value}`"


def _introduction(name: str) -> str:
    return _written(name).partition(MARK)[0]


def _written(name: str) -> str:
    file = FOLDER / name
    return file.read_text("utf-8") if file.exists() else ""


if __name__ == "__main__":
    main()
