"""Compare what a plugin uses of Palabre with what a version of it has: the promise of the API."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from packaging.version import Version

from blog.platform.checks.hooks import implementations
from blog.platform.checks.source import Module, Source
from blog.platform.checks.specs import Spec
from blog.platform.findings import Finding

FIRST = "1.0"


@dataclass(frozen=True, slots=True)
class Promise:
    """Say when a public name came, since when it is deprecated, and when it goes."""

    since: str = FIRST
    deprecated: str = ""
    removed: str = ""
    instead: str = ""


# Public names of which there is more to say than that they are there since the first version.
NAMES: Mapping[str, Promise] = {}
PLAIN = Promise()


def check(
    source: Source,
    specs: Mapping[str, Spec],
    version: str,
    names: Mapping[str, Promise] = NAMES,
) -> Iterator[Finding]:
    """Find hooks and public names that a version lacks or has deprecated."""
    at = Version(version)
    for one in implementations(source):
        spec = specs.get(one.hook)
        if spec is not None and spec.owner == "core" and at < Version(spec.info.since):
            message = f"the hook {one.hook} is there since {spec.info.since}"
            yield one.module.finding("not-in-version", one.node, message, _without(version))
    for module in source.modules:
        for node, name in _used(module):
            yield from _of_name(module, node, name, names.get(name, PLAIN), at)


def _of_name(
    module: Module, node: ast.AST, name: str, promise: Promise, at: Version
) -> Iterator[Finding]:
    mend = promise.instead or _without(str(at))
    if at < Version(promise.since):
        message = f"blog.{name} is there since {promise.since}"
        yield module.finding("not-in-version", node, message, _without(str(at)))
    elif promise.removed and at >= Version(promise.removed):
        message = f"blog.{name} was removed in {promise.removed}"
        yield module.finding("not-in-version", node, message, mend)
    elif promise.deprecated and at >= Version(promise.deprecated):
        message = f"blog.{name} is deprecated since {promise.deprecated}"
        yield module.finding("deprecated", node, message, mend)


def _used(module: Module) -> Iterator[tuple[ast.AST, str]]:
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and module.absolute(node) == "blog":
            yield from ((node, one.name) for one in node.names)
        elif isinstance(node, ast.Attribute) and module.origin(node.value) == "blog":
            yield node, node.attr


def _without(version: str) -> str:
    return f"do without it, or leave {version} behind"
