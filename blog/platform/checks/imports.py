"""Check that a plugin imports public names of the core alone, and no other plugin."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from importlib.util import find_spec

from blog.platform.checks.source import Module, Source, literal
from blog.platform.discovery import BUNDLE
from blog.platform.findings import Finding

BUNDLES = (BUNDLE, "plugins")
NEAR = 0.75  # how alike two names are when one may have been meant for the other


def public_names() -> frozenset[str]:
    """Give the names that a plugin may import from ``blog``."""
    return frozenset(sys.modules["blog"].__all__)


def check(source: Source, packages: Collection[str] = ()) -> Iterator[Finding]:
    """Find imports of private modules and of other plugins.

    ``packages`` are the modules of other plugins that were installed as packages.
    """
    names = public_names()
    for module in source.modules:
        for node, imported in _imports(module):
            yield from _private(module, node, imported, names)
            yield from _foreign(source, module, node, imported, packages)
        yield from _reached(module, names)


def _imports(module: Module) -> Iterator[tuple[ast.AST, str]]:
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from ((node, one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, module.imported(node, one.name)) for one in node.names)
        elif isinstance(node, ast.Call):
            name = module.origin(node.func)
            text = literal(node.args[0]) if node.args else None
            if text and name in ("importlib.import_module", "importlib.__import__"):
                yield node, text


def _private(
    module: Module, node: ast.AST, imported: str, names: frozenset[str]
) -> Iterator[Finding]:
    top, _, rest = imported.partition(".")
    if top != "blog" or not rest or rest == "*":
        return
    name = rest.partition(".")[0]
    is_deeper = "." in rest or isinstance(node, (ast.Import, ast.Call))
    if name in names and not is_deeper:
        return
    yield _refused(module, node, rest, names)


def _refused(module: Module, node: ast.AST, rest: str, names: frozenset[str]) -> Finding:
    """Say of ``blog.REST`` that it is private, or that there is no such thing."""
    first, last = rest.partition(".")[0], rest.rpartition(".")[2]
    near = get_close_matches(last, names, 1, NEAR)
    if last in names:
        mend = f"from blog import {last}"
    elif near:
        mend = f"did you mean {near[0]!r}?"
    else:
        mend = "the page about public names lists what there is"
    message = f"blog.{rest} is private to the core" if _exists(first) else f"blog has no {first!r}"
    return module.finding("import-private", node, message, mend)


def _exists(name: str) -> bool:
    return hasattr(sys.modules["blog"], name) or find_spec(f"blog.{name}") is not None


def _foreign(
    source: Source, module: Module, node: ast.AST, imported: str, packages: Collection[str]
) -> Iterator[Finding]:
    other = ""
    if imported.startswith(".."):
        other = imported[2:].removesuffix(".*") or "what is beside it"
    for package in BUNDLES:
        if imported == package or imported.startswith(f"{package}."):
            other = imported.removeprefix(package).removeprefix(".").partition(".")[0] or package
    for package in packages:
        if imported == package or imported.startswith(f"{package}."):
            other = package
    if other:
        mend = "import itself relatively" if other == source.name else "meet it in a hook"
        yield module.finding("import-plugin", node, f"imports the plugin {other}", mend)


def _reached(module: Module, names: frozenset[str]) -> Iterator[Finding]:
    """Find ``blog.db.session``, written out after ``import blog``."""
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            private = module.origin(node.value) == "blog" and node.attr not in names
            if private and not node.attr.startswith("__"):
                yield _refused(module, node, node.attr, names)
