"""Find hooks that ask the database once for each of the items that they are given together."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from blog.platform.checks.hooks import implementations
from blog.platform.checks.source import FUNCTIONS, Function, Module, Source
from blog.platform.findings import Finding

# Arguments of hooks that hold a page's items.
ITEMS = ("posts", "comments", "changes")
ASKING = ("execute", "get", "get_one", "query", "scalar", "scalars", "stream")
SERVICES = ("blog.posts.", "blog.comments.")
# What only goes through a list.
THROUGH = ("enumerate", "list", "reversed", "sorted", "tuple")
DEEP = 3
Place = tuple[Module, Function]


def check(source: Source) -> Iterator[Finding]:
    """Follow each hook's items into the plugin's own functions and look at loops over them."""
    waiting: list[tuple[Place, frozenset[str]]] = [
        ((one.module, one.node), frozenset(ITEMS)) for one in implementations(source)
    ]
    seen = set()
    while waiting:
        (module, function), names = waiting.pop()
        wanted = names & {one.arg for one in function.args.args}
        if not wanted or (function, wanted) in seen:
            continue
        seen.add((function, wanted))
        for loop in _loops(function, wanted):
            if any(_asks(source, module, one, DEEP) for one in _inside(loop)):
                message = f"{function.name} asks the database once for each of its {min(wanted)}"
                mend = "ask once for all of them before the loop"
                yield module.finding("loop-over-items", loop, message, mend)
        for call in ast.walk(function):
            if isinstance(call, ast.Call):
                waiting += _passed_on(source, module, call, wanted)


def _loops(function: Function, names: frozenset[str]) -> Iterator[ast.AST]:
    for node in ast.walk(function):
        if isinstance(node, ast.For):
            over = [node.iter]
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            over = [one.iter for one in node.generators]
        else:
            continue
        if any(_name(one) in names for one in over):
            yield node


def _inside(loop: ast.AST) -> Iterator[ast.Call]:
    """Give the calls that are made once for each item."""
    if isinstance(loop, ast.For):
        parts: list[ast.AST] = [*loop.body]
    elif isinstance(loop, ast.DictComp):
        parts = [loop.key, loop.value, *(one for gen in loop.generators for one in gen.ifs)]
    elif isinstance(loop, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        parts = [loop.elt, *(one for gen in loop.generators for one in gen.ifs)]
    else:
        parts = []
    spared = {id(node) for part in parts for one in _known_already(part) for node in ast.walk(one)}
    for part in parts:
        yield from (
            node for node in ast.walk(part) if isinstance(node, ast.Call) and id(node) not in spared
        )


def _known_already(part: ast.AST) -> Iterator[ast.AST]:
    """Give what is asked only when nothing was found before: ``known.get(id) or ask(id)``."""
    for node in ast.walk(part):
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            yield from node.values[1:]


def _asks(source: Source, module: Module, call: ast.Call, deep: int) -> bool:
    origin = module.origin(call.func)
    if origin.startswith("blog.session."):
        return origin.rpartition(".")[2] in ASKING
    if origin.startswith(SERVICES):
        return True
    place = _own(source, module, call)
    if place is None or not deep:
        return False
    inner, function = place
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(_asks(source, inner, one, deep - 1) for one in calls)


def _passed_on(
    source: Source, module: Module, call: ast.Call, names: frozenset[str]
) -> Iterator[tuple[Place, frozenset[str]]]:
    place = _own(source, module, call)
    if place is None:
        return
    arguments = place[1].args.args
    passed = {
        arguments[index].arg
        for index, value in enumerate(call.args)
        if index < len(arguments) and _name(value) in names
    }
    passed |= {one.arg for one in call.keywords if one.arg and _name(one.value) in names}
    if passed:
        yield place, frozenset(passed)


def _own(source: Source, module: Module, call: ast.Call) -> Place | None:
    """Find the plugin's own function that is called."""
    if isinstance(call.func, ast.Name) and call.func.id in module.functions:
        return module, module.functions[call.func.id]
    origin = module.origin(call.func)
    if not origin.startswith(".") or origin.startswith(".."):
        return None
    name, _, function = origin[1:].rpartition(".")
    target = source.module(name)
    found = target.functions.get(function) if target else None
    return (target, found) if target and isinstance(found, FUNCTIONS) else None


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _name(node.args[0]) if node.func.id in THROUGH and node.args else ""
    return node.id if isinstance(node, ast.Name) else ""
