"""Know the hooks that there are: the core's, and those that plugins declare in their source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from blog import hookspecs
from blog.kinds import Kind, SpecInfo
from blog.platform.checks.source import Module, Source, keyword, literal

CORE = "core"


@dataclass(frozen=True, slots=True)
class Spec:
    """Hold what is known of a hook without importing who declares it."""

    name: str
    owner: str
    arguments: tuple[str, ...]
    info: SpecInfo


def of_core() -> dict[str, Spec]:
    """Give the hooks of the core by name."""
    found = {}
    for name, function in vars(hookspecs).items():
        info = getattr(function, "palabre_hook", None)
        if isinstance(info, SpecInfo):
            found[name] = Spec(name, CORE, tuple(inspect.signature(function).parameters), info)
    return found


def declared_in(source: Source) -> Iterator[tuple[Spec, Module, ast.FunctionDef]]:
    """Give the hooks that a plugin declares for others, with their places."""
    module = source.module("hookspecs")
    for node in module.tree.body if module else ():
        if module and isinstance(node, ast.FunctionDef):
            info = _info(module, node)
            if info is not None:
                names = tuple(one.arg for one in (*node.args.posonlyargs, *node.args.args))
                yield Spec(node.name, source.name, names, info), module, node


def known(sources: Iterable[Source]) -> Mapping[str, Spec]:
    """Give every hook of the core and of these plugins by name; the first to declare it wins."""
    found = of_core()
    for source in sources:
        for spec, _, _ in declared_in(source):
            found.setdefault(spec.name, spec)
    return found


def _info(module: Module, node: ast.FunctionDef) -> SpecInfo | None:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and module.origin(decorator.func) == "blog.hookspec":
            kind = keyword(decorator, "kind")
            name = kind.attr.lower() if isinstance(kind, ast.Attribute) else ""
            return SpecInfo(
                Kind(name) if name in [*Kind] else Kind.COLLECT,
                literal(keyword(decorator, "since")) or "",
                literal(keyword(decorator, "deprecated")) or "",
                literal(keyword(decorator, "removed_in")) or "",
            )
    return None
