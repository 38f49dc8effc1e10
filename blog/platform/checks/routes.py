"""Find the addresses that the source answers, and those that two answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from blog import hookspecs
from blog.platform.checks import source as sources
from blog.platform.checks.source import Module, Source, keyword, literal
from blog.platform.findings import Finding

VERBS = {"get": "GET", "post": "POST", "put": "PUT", "delete": "DELETE", "patch": "PATCH"}
VARIABLE = re.compile(r"<(?:([^:<>]+):)?[^:<>]+>")
VIEWS = Path(hookspecs.__file__).parent / "views.py"


class Route(NamedTuple):
    """Hold an address that is answered, for which methods, and where that is written."""

    rule: str
    methods: frozenset[str]
    file: str
    line: int

    def same(self, other: Route) -> bool:
        """Tell whether two would answer the same request, whatever their variables are called."""
        return bool(self.methods & other.methods) and _shape(self.rule) == _shape(other.rule)


def check(mine: Iterable[Route], others: Mapping[str, Iterable[Route]]) -> Iterator[Finding]:
    """Find routes that the core or another plugin answers already."""
    for route in mine:
        for owner, taken in others.items():
            if any(route.same(one) for one in taken):
                message = f"{owner} answers {route.rule} already"
                mend = "choose another address"
                yield Finding(route.file, route.line, "route-taken", message, mend)


@cache
def of_core() -> tuple[Route, ...]:
    """Give the addresses of the core."""
    return tuple(written(sources.read(VIEWS)))


def written(source: Source) -> Iterator[Route]:
    """Give the routes that are written out in the source."""
    starts = _blueprints(source)
    for module in source.modules if starts else ():
        for call, _ in module.calls():
            if not isinstance(call.func, ast.Attribute):
                continue
            start = starts.get(_place(module, call.func.value))
            rule = _text(source, module, call.args[0]) if call.args else None
            methods = _methods(call.func.attr, call)
            if start is not None and rule is not None and methods:
                yield Route(start + rule, methods, str(module.path), call.lineno)


def _blueprints(source: Source) -> dict[str, str]:
    """Give the places of a plugin's blueprints, with where their addresses begin."""
    found: dict[str, str] = {}
    for module in source.modules:
        for node in module.nodes:
            if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
                continue
            if module.origin(node.value.func) == "flask.Blueprint":
                prefix = keyword(node.value, "url_prefix")
                start = "" if prefix is None else _text(source, module, prefix)
                if start is not None:
                    found |= {_place(module, one): start for one in node.targets}
    return found


def _place(module: Module, node: ast.expr) -> str:
    """Name a value of the plugin wherever it is imported: ``.views.frame.bp``."""
    origin = module.origin(node)
    if origin or not isinstance(node, ast.Name):
        return origin
    return f".{module.name}.{node.id}" if module.name else f".{node.id}"


def _methods(verb: str, call: ast.Call) -> frozenset[str]:
    if verb in VERBS:
        return frozenset([VERBS[verb]])
    if verb not in ("route", "add_url_rule"):
        return frozenset()
    named = keyword(call, "methods")
    if isinstance(named, (ast.List, ast.Tuple, ast.Set)):
        return frozenset(filter(None, (literal(one) for one in named.elts)))
    return frozenset(["GET"])


def _text(source: Source, module: Module, node: ast.expr) -> str | None:
    """Give a text that is written here or kept under a name, also in another module."""
    if isinstance(node, ast.Name) and node.id in module.texts:
        return module.texts[node.id]
    if isinstance(node, (ast.Name, ast.Attribute)):
        place, _, name = module.origin(node).rpartition(".")
        kept = source.module(place.removeprefix(".")) if place or name else None
        return kept.texts.get(name) if kept and kept is not module else None
    if isinstance(node, ast.JoinedStr):
        parts = [_text(source, module, one) for one in node.values]
        return "".join(map(str, parts)) if None not in parts else None
    inner = node.value if isinstance(node, ast.FormattedValue) else None
    return _text(source, module, inner) if inner else literal(node)


def _shape(rule: str) -> str:
    return VARIABLE.sub(lambda found: f"<{found[1] or ''}>", rule)
