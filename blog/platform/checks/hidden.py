"""Find functions that hide what their module imports, as a hook ``jobs`` hides ``blog.jobs``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from blog.platform.checks.source import Module, Source
from blog.platform.findings import Finding


def check(source: Source) -> Iterator[Finding]:
    """Find names that a module imports at its top and then gives to a function of its own."""
    for module in source.modules:
        imported = dict(_imported(module))
        for name, node in module.functions.items():
            if name in imported:
                statement = imported[name]
                message = f"the function {name!r} hides the import of line {statement.lineno}"
                yield module.finding("name-hidden", node, message, _mend(statement, name))


def _imported(module: Module) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    for node in module.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (((one.asname or one.name).partition(".")[0], node) for one in node.names)


def _mend(statement: ast.Import | ast.ImportFrom, name: str) -> str:
    other = "outbox" if name == "jobs" else f"the_{name}"
    if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        return f"from {statement.module} import {name} as {other}"
    return f"import it under another name, as {other}"
