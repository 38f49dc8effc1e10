"""Know the addresses that a plugin answers, before an application is made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

from flask import Blueprint

from blog import hookspecs
from blog.platform import interrupts
from blog.platform.answers import fits
from blog.platform.check import implementations

if TYPE_CHECKING:
    from blog.platform.loading import Plugin

PLACEHOLDER = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?\w+>")
KINDS = {"path": ".+", "int": r"\d+", "four": r"\d{4}", "two": r"\d\d"}
# What stands for something else where a manifest names addresses: /setup/TOKEN, /comments/ID.atom.
STANDS_FOR = re.compile(r"[A-Z][A-Z0-9_]*|<[^>]*>")


class Route(NamedTuple):
    """Hold an address as it was declared, and the methods that it answers."""

    rule: str
    methods: frozenset[str]


def of(plugin: Plugin) -> list[Route]:
    """Ask a plugin for its blueprint, and that for its addresses; none where it fails.

    What fails here is recorded when the application is made.
    """
    found: list[Route] = []
    for function in hook(plugin, "routes"):
        with interrupts.ignored():
            found += _read(function())
    return found


def keys(plugin: Plugin, name: str) -> list[str]:
    """Give what a plugin's answer to a hook names; nothing where it fails or is of no use."""
    found: list[str] = []
    for function in hook(plugin, name):
        with interrupts.ignored():  # recorded when the hook is called
            answer = function()
            found += list(answer) if fits(answer, _answered(name)) else []
    return found


def hook(plugin: Plugin, name: str) -> Iterator[Any]:
    """Give the plugin's own functions for a hook, before any table of hooks is made."""
    for function, options in implementations(plugin.module):
        if (options.get("specname") or function.__name__) == name:
            yield function


def shape(rule: str) -> str:
    """Give an address with every placeholder alike and without a slash at its end."""
    return PLACEHOLDER.sub("<>", rule).rstrip("/") or "/"


def answers(rule: str, path: str) -> bool:
    """Tell whether an address as declared answers a path."""
    return _compiled(rule).fullmatch(path.rstrip("/") or "/") is not None


def overlap(one: Route, other: Route) -> bool:
    """Tell whether two addresses answer the same: alike, or one a case of the other."""
    if not (one.methods & other.methods and _begin_alike(one.rule, other.rule)):
        return False
    if shape(one.rule) == shape(other.rule):
        return True
    return (_is_plain(one.rule) and answers(other.rule, one.rule)) or (
        _is_plain(other.rule) and answers(one.rule, other.rule)
    )


def takes_everything(rule: str) -> bool:
    """Tell whether an address has no word of its own, as those of posts."""
    return "<" in rule and not re.search(r"\w", PLACEHOLDER.sub("", rule))


def is_declared(rule: str, declared: Iterable[str]) -> bool:
    """Tell whether a list of addresses names one: itself, or with a slash at its end its parent."""
    wanted = PLACEHOLDER.sub("<>", rule)
    for one in declared:
        known = STANDS_FOR.sub("<>", one)
        if wanted.rstrip("/") == known.rstrip("/"):
            return True
        if known.endswith("/") and known != "/" and wanted.startswith(known):
            return True
    return False


class _Recorder:
    """Stand in for an application while a blueprint tells its addresses."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def add_url_rule(
        self, rule: str, _endpoint: str | None = None, view: Any = None, **options: Any
    ) -> None:
        methods = options.get("methods") or getattr(view, "methods", None) or ("GET",)
        names = {one.upper() for one in methods}
        self.routes.append(Route(rule, frozenset(names | ({"HEAD"} if "GET" in names else set()))))


def _read(blueprint: Any, prefix: str = "") -> list[Route]:
    if not isinstance(blueprint, Blueprint):
        return []
    recorder: Any = _Recorder()
    state = blueprint.make_setup_state(recorder, {}, first_registration=False)
    state.url_prefix = prefix + (state.url_prefix or "") or None
    for tell in blueprint.deferred_functions:
        try:
            tell(state)
        except AttributeError:  # it wants more of an application than its addresses
            continue
    found: list[Route] = recorder.routes
    for inner, options in getattr(blueprint, "_blueprints", ()):
        below = (state.url_prefix or "") + (options.get("url_prefix") or "")
        found += _read(inner, below)
    return found


def _begin_alike(one: str, other: str) -> bool:
    """Tell most addresses apart by their first letters, up to a placeholder."""
    first, second = (rule.partition("<")[0].rstrip("/") for rule in (one, other))
    return first.startswith(second) or second.startswith(first)


def _is_plain(rule: str) -> bool:
    return "<" not in rule


@cache
def _answered(name: str) -> Any:
    return get_type_hints(getattr(hookspecs, name)).get("return", Any)


@lru_cache(maxsize=1024)
def _compiled(rule: str) -> re.Pattern[str]:
    pattern, end = "", 0
    for found in PLACEHOLDER.finditer(rule):
        pattern += re.escape(rule[end : found.start()])
        pattern += KINDS.get(found["kind"] or "", "[^/]+")
        end = found.end()
    return re.compile(pattern + re.escape(rule[end:].rstrip("/") if end < len(rule) else "") or "/")
