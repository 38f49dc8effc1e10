"""Find what only an import shows: failures, effects, and what the source builds as it runs."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from blog.db import Base
from blog.platform import collisions
from blog.platform.checks import settings
from blog.platform.checks.routes import Route
from blog.platform.checks.source import Source
from blog.platform.findings import Finding
from blog.platform.probe import Probed

MENDS = {
    "import-exits": "raise an error in the function that is called instead",
    "import-hangs": "do long work in a job, never at import",
    "import-effect": "do it in a hook, a command or a job",
}


def check(source: Source, probed: Probed, known: Collection[str]) -> Iterator[Finding]:
    """Find what an import showed; ``known`` are the names that the source's checks have seen."""
    main = str(source.main.path if source.main else source.path)
    for effect in probed.effects:
        message, mend = effect["message"], MENDS["import-effect"]
        yield Finding(effect["file"] or main, effect["line"], "import-effect", message, mend)
    if probed.failure and not (probed.failure == "import-effect" and probed.effects):
        message = probed.message
        if probed.failure.startswith("import-e") and probed.file:
            message = f"cannot be imported: {message}"
        mend = MENDS.get(probed.failure, "mend the line")
        yield Finding(probed.file or main, probed.line, probed.failure, message, mend)
    for hook in probed.hooks:
        if not hook["plain"] and hook["name"] not in known:
            message = f"{hook['name']} is marked as a hook, but is no plain function"
            yield Finding(main, 1, "hook-kind", message, "write a plain function")
    for words in probed.commands:
        problem, mend = collisions.claimed(words, collisions.OF_CORE)
        if problem:
            yield Finding(*_written(source, words, main), "command-taken", problem, mend)
    yield from _of_settings(probed, known, main)
    yield from _of_tables(source, probed, known, main)


def routes(probed: Probed) -> list[Route]:
    """Give the addresses that the plugin answers."""
    return [
        Route(one["rule"], frozenset(one["methods"]), one["file"], one["line"])
        for one in probed.routes
    ]


def _written(source: Source, words: str, main: str) -> tuple[str, int]:
    """Find where a text is written; the main module where it is put together."""
    for module in source.modules:
        for node in module.nodes:
            if isinstance(node, ast.Constant) and node.value == words:
                return str(module.path), node.lineno
    return main, 1


def _of_settings(probed: Probed, known: Collection[str], main: str) -> Iterator[Finding]:
    for one in probed.settings:
        name, kind = one["name"], one["kind"]
        if name in known:
            continue
        if not one["has_default"] and kind != settings.WRITE_ONLY:
            yield Finding(main, 1, "setting-default", *settings.without_default(name))
        if settings.is_open_secret(name, kind):
            yield Finding(main, 1, "setting-secret", *settings.open_secret(name, kind))


def _of_tables(
    source: Source, probed: Probed, known: Collection[str], main: str
) -> Iterator[Finding]:
    models = source.module("models")
    file = str(models.path) if models else main
    for one in probed.tables:
        name = one["name"]
        if name in known:
            continue
        if not name.startswith(f"{source.name}_"):
            message = f"the table {name!r} does not begin with the plugin's name"
            yield Finding(file, 1, "table-prefix", message, f"call it {source.name}_{name}")
        for key in one["keys"]:
            table = key["target"].partition(".")[0]
            cascades = (key["ondelete"] or "").upper() == "CASCADE"
            if table in Base.metadata.tables and not cascades:
                message = f"a foreign key to {table} would keep its rows from being deleted"
                yield Finding(file, 1, "foreign-key", message, 'add ondelete="CASCADE"')
        if not Path(source.path, "migrations").is_dir():
            message = f"no migration makes the table {name!r}"
            yield Finding(file, 1, "model-without-migration", message, "write a migration")
