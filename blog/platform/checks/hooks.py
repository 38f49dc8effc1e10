"""Check what a plugin implements and calls against the hooks that there are."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from blog.kinds import Kind
from blog.platform.checks.source import (
    FUNCTIONS,
    Function,
    Module,
    Source,
    is_true,
    keyword,
    literal,
)
from blog.platform.checks.specs import Spec, declared_in, of_core
from blog.platform.findings import Finding

MARKER = "blog.hookimpl"
SLOT = "slot_"
# After these a name is no plain function any more.
REPLACING = ("staticmethod", "classmethod", "property", "cache", "lru_cache", "contextmanager")
# What the table of hooks can do beside calling them.
TABLE = ("ask", "failed", "implements", "require")


@dataclass(frozen=True, slots=True)
class Implementation:
    """Hold a plain function that implements a hook."""

    hook: str
    module: Module
    node: Function
    optional: bool


def check(source: Source, specs: Mapping[str, Spec]) -> Iterator[Finding]:
    """Find implementations that would never run, and calls that are none of the plugin's."""
    for one in implementations(source):
        yield from _of_implementation(one, specs)
    for module in source.modules:
        yield from _misplaced(source, module)
        yield from _called(source, module, specs)
    yield from _declared(source, specs)


def implementations(source: Source) -> Iterator[Implementation]:
    """Give the functions of the main module that are marked, and those that it imports."""
    main = source.main
    if main is None:
        return
    for module in source.modules:
        for node in module.functions.values():
            marker = _marker(module, node)
            if marker is None or not (module is main or _is_imported(main, module, node.name)):
                continue
            options = marker if isinstance(marker, ast.Call) else ast.Call(marker, [], [])
            name = literal(keyword(options, "specname")) or node.name
            yield Implementation(name, module, node, is_true(keyword(options, "optionalhook")))


def nearest(word: str, known: Mapping[str, object]) -> str:
    """Name the known word that was probably meant, or send to the list."""
    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]!r}?" if near else "palabre plugins hooks lists them all"


def _of_implementation(one: Implementation, specs: Mapping[str, Spec]) -> Iterator[Finding]:
    spec = specs.get(one.hook)
    if spec is None:
        if not one.optional:
            yield _unknown(one.module, one.node, one.hook, specs)
        return
    yield from _of_kind(one)
    yield from _of_arguments(one, spec)
    if spec.info.deprecated:
        gone = f" and gone in {spec.info.removed_in}" if spec.info.removed_in else ""
        message = f"{one.hook} is deprecated{gone}"
        yield one.module.finding("deprecated", one.node, message, spec.info.deprecated)


def _unknown(
    module: Module, node: ast.AST, hook: str, specs: Mapping[str, Spec], verb: str = "implements"
) -> Finding:
    message = f"{verb} {hook!r}, which no hook is called"
    if hook.startswith(SLOT):
        slots = {name: spec for name, spec in specs.items() if name.startswith(SLOT)}
        near = get_close_matches(hook, slots, 1)
        mend = f"did you mean {near[0]!r}?" if near else f"the slots are {', '.join(slots)}"
        return module.finding("slot-unknown", node, message, mend)
    return module.finding("hook-unknown", node, message, nearest(hook, specs))


def _of_kind(one: Implementation) -> Iterator[Finding]:
    marker = _marker(one.module, one.node)
    for name in ("wrapper", "hookwrapper"):
        if isinstance(marker, ast.Call) and is_true(keyword(marker, name)):
            message = f"{one.hook} is a wrapper: hooks of Palabre are plain functions"
            mend = f"remove {name}=True and return the answer"
            yield one.module.finding("hook-wrapper", one.node, message, mend)
            return
    if isinstance(one.node, ast.AsyncFunctionDef):
        message, mend = f"{one.hook} is async", "write it as a plain function"
        yield one.module.finding("hook-async", one.node, message, mend)
    elif _yields(one.node):
        message, mend = f"{one.hook} yields", "let it return its answer"
        yield one.module.finding("hook-kind", one.node, message, mend)


def _of_arguments(one: Implementation, spec: Spec) -> Iterator[Finding]:
    arguments = one.node.args
    rest = [arg for arg in (arguments.vararg, arguments.kwarg) if arg]
    for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest):
        if arg.arg not in spec.arguments:
            near = get_close_matches(arg.arg, spec.arguments, 1)
            has = f"it has {', '.join(spec.arguments) or 'none'}"
            mend = f"did you mean {near[0]!r}?" if near else has
            message = f"{one.hook} has no argument {arg.arg!r}"
            yield one.module.finding("hook-argument", arg, message, mend)
        elif arg in arguments.kwonlyargs:
            message = f"{one.hook} is called by position, so {arg.arg!r} would never be filled"
            yield one.module.finding("hook-argument", arg, message, "remove the * before it")
    plain = [*arguments.posonlyargs, *arguments.args]
    for arg in plain[len(plain) - len(arguments.defaults) :]:
        message = f"{one.hook} gives {arg.arg!r} a default, so it would never be filled"
        yield one.module.finding("hook-default", arg, message, "remove the default")


def _misplaced(source: Source, module: Module) -> Iterator[Finding]:
    """Find what is marked and would never be called."""
    main = source.main
    mend = "write a plain function in the plugin's main module"
    for node in module.nodes:
        if isinstance(node, ast.Call) and _is_mark_by_hand(module, node):
            yield module.finding("hook-kind", node, "marks something by hand as a hook", mend)
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)) or _marker(module, node) is None:
            continue
        replaced = _replaced(node)
        if isinstance(node, ast.ClassDef):
            message = f"{node.name} is a class, which no hook calls"
        elif module.functions.get(node.name) is not node:
            message = f"{node.name} is inside of a class or function, where no hook looks"
        elif main and module is not main and not _is_imported(main, module, node.name):
            message = f"{node.name} is in {module.path.name}, where no hook looks"
        elif replaced:
            message = f"{node.name} is no plain function after @{replaced}"
        else:
            continue
        yield module.finding("hook-kind", node, message, mend)


def _called(source: Source, module: Module, specs: Mapping[str, Spec]) -> Iterator[Finding]:
    for node in module.nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)) and _names_pluggy(node):
            message = "asks pluggy itself, which Palabre does not when it calls hooks"
            mend = "use hookimpl, hookspec and hooks from blog"
            yield module.finding("hook-called", node, message, mend)
    for call, origin in module.calls():
        start, _, name = origin.rpartition(".")
        if start not in ("blog.hooks", "blog.generation().table") or name in TABLE:
            continue
        spec = specs.get(name)
        if spec is None:
            yield _unknown(module, call, name, specs, "calls")
        elif spec.owner != source.name and spec.info.kind is not Kind.COLLECT:
            whose = "the core" if spec.owner == "core" else spec.owner
            message, mend = f"calls {name}, which {whose} alone calls", "call a service instead"
            yield module.finding("hook-called", call, message, mend)


def _declared(source: Source, specs: Mapping[str, Spec]) -> Iterator[Finding]:
    core = of_core()
    for spec, module, node in declared_in(source):
        first = core.get(spec.name) or specs.get(spec.name, spec)
        if first.owner != source.name:
            whose = "the core" if first.owner == "core" else first.owner
            message = f"declares the hook {spec.name!r}, which {whose} has"
            mend = f"rename it, for example {source.name}_{spec.name}"
            yield module.finding("hook-taken", node, message, mend)


def _marker(module: Module, node: Function | ast.ClassDef) -> ast.expr | None:
    for one in node.decorator_list:
        if module.origin(one.func if isinstance(one, ast.Call) else one) == MARKER:
            return one
    return None


def _replaced(node: Function | ast.ClassDef) -> str:
    for one in node.decorator_list:
        called = one.func if isinstance(one, ast.Call) else one
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in REPLACING:
            return str(name)
    return ""


def _is_imported(main: Module, module: Module, name: str) -> bool:
    return f".{module.name}.{name}" in main.origins.values()


def _is_mark_by_hand(module: Module, call: ast.Call) -> bool:
    """Tell whether this is ``hookimpl(function)``, which loses the name of the hook."""
    return module.origin(call.func) == MARKER and bool(call.args)


def _yields(node: Function) -> bool:
    inner = [one for one in ast.walk(node) if isinstance(one, (*FUNCTIONS, ast.Lambda))]
    nested = {id(below) for one in inner if one is not node for below in ast.walk(one)}
    return any(
        isinstance(one, (ast.Yield, ast.YieldFrom)) and id(one) not in nested
        for one in ast.walk(node)
    )


def _names_pluggy(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.ImportFrom):
        return not node.level and (node.module or "").partition(".")[0] == "pluggy"
    return any(one.name.partition(".")[0] == "pluggy" for one in node.names)
