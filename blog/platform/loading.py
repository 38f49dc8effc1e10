"""Import plugins, check them and compile the table of their hooks."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pluggy

from blog import hookspecs
from blog.kinds import PROJECT
from blog.platform import collisions, interrupts, modules, order, reach
from blog.platform.check import (
    PluginRefused,
    check_hooks,
    check_manifest,
    marked,
    warn_of_deprecated,
)
from blog.platform.discovery import Found, Place, recognised
from blog.platform.dispatch import Hook, HookTable, Implementation
from blog.platform.manifest import Manifest
from blog.platform.report import Report, described
from blog.platform.tables import claim

Spec = Callable[..., Any]
TYPES_MEND = ": import the types of its hooks outside of `if TYPE_CHECKING`"


@dataclass(frozen=True)
class Plugin:
    """Hold a plugin that was imported."""

    found: Found
    manifest: Manifest
    module: ModuleType

    @property
    def name(self) -> str:
        """Give the plugin's name."""
        return self.manifest.name

    @cached_property
    def folder(self) -> Path | None:
        """Give the plugin's folder; ``None`` when it is a single file."""
        return self.found.path if self.found.path.is_dir() else None


@dataclass(frozen=True)
class Loaded:
    """Hold what came of loading: plugins in order, those left out with the reason, the table."""

    plugins: tuple[Plugin, ...]
    failures: Mapping[str, str]
    table: HookTable


class Manager(pluggy.PluginManager):
    """Find a module's implementations as our checks do, and ask no other name in it."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Give what the function of a name was marked with; ``None`` when it was not."""
        options: pluggy.HookimplOpts | None = marked(vars(plugin).get(name))
        return options


def load(
    found: Mapping[str, Found],
    enabled: Iterable[str],
    positions: Mapping[str, int],
    report: Report,
    prepare: Callable[[Plugin], str] = lambda _: "",
) -> Loaded:
    """Load the enabled plugins; leave out, with the reason, what cannot be loaded.

    ``prepare`` says what else keeps an imported plugin from running; empty when nothing does.
    """
    failures: dict[str, str] = {}
    plugins: dict[str, Plugin] = {}
    for name in sorted(enabled):
        try:
            plugin = import_plugin(found.get(name), name)
            problem = prepare(plugin)
        except PluginRefused as error:
            problem = str(error)
        if problem:
            failures[name] = problem
        else:
            plugins[name] = plugin
    specs = _declared(plugins, failures)
    names = fit(plugins, positions, failures, specs)
    table = _compiled([plugins[name] for name in names], specs, report, failures)
    kept = tuple(plugins[name] for name in names if name not in failures)
    return Loaded(kept, {name: recognised(why) for name, why in failures.items()}, table)


def import_plugin(found: Found | None, name: str) -> Plugin:
    """Import one plugin; raise ``PluginRefused`` with the reason, whatever it raised itself."""
    if found is None:
        raise PluginRefused(f"{name} is not there: put it back or disable it")
    if found.problem or found.manifest is None:
        raise PluginRefused(found.problem)
    check_manifest(found.manifest)
    if found.place is Place.PACKAGE:
        claim(found.module, name)
    try:
        module = modules.import_found(found)
    except PluginRefused:
        raise
    except BaseException as error:  # SystemExit, and what compiled code raises when it panics
        interrupts.heed(error)
        raise PluginRefused(f"cannot be imported: {_what_failed(found, error)}") from error
    return Plugin(found, found.manifest, module)


def problem_of(plugin: Plugin, others: Mapping[str, Plugin], positions: Mapping[str, int]) -> str:
    """Say why a plugin cannot be on beside others, for its own sake or for theirs."""
    before, after = dict[str, str](), dict[str, str]()
    fit(dict(others), positions, before)
    fit({**others, plugin.name: plugin}, positions, after)
    if plugin.name in after:
        return after[plugin.name]
    for name in sorted(after.keys() - before.keys()):
        return f"would stop {name}, which {after[name]}"
    return ""


def fit(
    plugins: dict[str, Plugin],
    positions: Mapping[str, int],
    failures: dict[str, str],
    specs: Mapping[str, Spec] | None = None,
) -> list[str]:
    """Leave out what cannot run beside the others, with the reason; give the order of the rest."""
    specs = specs if specs is not None else _declared(plugins, failures)
    for name, plugin in list(plugins.items()):
        try:
            check_hooks(plugin.module, specs)
            reach.check(plugin)
        except PluginRefused as error:
            _leave_out(plugins, failures, name, str(error))
    while True:
        _leave_out_unmet(plugins, failures)
        try:
            names = order.arrange({n: p.manifest for n, p in plugins.items()}, positions)
            collisions.look(plugins, names)
            return names
        except collisions.Clash as clash:
            _leave_out(plugins, failures, clash.loser, clash.reason)
        except order.OrderCycle as cycle:
            for name in set(cycle.members):
                _leave_out(plugins, failures, name, str(cycle))


def unmet(manifest: Manifest, plugins: Mapping[str, Plugin]) -> str:
    """Say what a plugin lacks among the others, or conflicts with; empty when nothing."""
    for need in manifest.requires:
        other = plugins.get(need.name)
        if other is None:
            return f"needs {need}, which is not on: palabre plugins enable {need.name}"
        if not need.specifier.contains(other.manifest.version, prereleases=True):
            return f"needs {need}, but {need.name} is {other.manifest.version}"
    for other_name in manifest.conflicts:
        if other_name in plugins:
            return f"cannot be on together with {other_name}: disable one of the two"
    return ""


def _what_failed(found: Found, error: BaseException) -> str:
    """Name the line of the plugin at which its import failed, and what happened there."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [(one.filename, one.lineno) for one in frames]
    if isinstance(error, SyntaxError):  # it has a place of its own, which no frame has reached
        lines.append((error.filename or "", error.lineno))
    shown = Path(recognised(str(found.path)))
    above = shown.parents[2 if found.place is Place.INSTANCE else 1]
    for name, line in reversed(lines):
        if Path(name).is_relative_to(found.path):
            says = getattr(error, "msg", "") if isinstance(error, SyntaxError) else ""
            what = f"{type(error).__name__}: {says}" if says else described(error)
            return f"{Path(recognised(name)).relative_to(above)} line {line}: {what}"
    return described(error)


def _declared(plugins: dict[str, Plugin], failures: dict[str, str]) -> dict[str, Spec]:
    """Gather the hooks of the core and those that plugins declare in their ``hookspecs.py``."""
    specs = dict(_specs(hookspecs))
    owners = dict.fromkeys(specs, "the core")
    for name, plugin in list(plugins.items()):
        try:
            own = dict(_specs(_hookspecs_of(plugin)))
            if own:  # what is wrong with one would stop the site when the table is made
                _compiled((), own, Report(), {})
        except BaseException as error:
            interrupts.heed(error)
            mend = TYPES_MEND if isinstance(error, NameError) else ""
            problem = f"cannot declare its hooks: {described(error)}{mend}"
            _leave_out(plugins, failures, name, problem)
            continue
        taken = sorted(own.keys() & specs.keys())
        if taken:
            problem = f"declares the hook {taken[0]!r}, which {owners[taken[0]]} has: rename it"
            _leave_out(plugins, failures, name, problem)
        else:
            specs |= own
            owners |= dict.fromkeys(own, name)
    return specs


def _hookspecs_of(plugin: Plugin) -> object:
    """Give the module that declares a plugin's hooks, whether the plugin imports it or not."""
    if plugin.folder is not None and (plugin.folder / "hookspecs.py").exists():
        return modules.import_named(f"{plugin.module.__name__}.hookspecs")
    return getattr(plugin.module, "hookspecs", None)


def _compiled(
    plugins: Iterable[Plugin],
    specs: Mapping[str, Spec],
    report: Report,
    failures: dict[str, str],
) -> HookTable:
    """Register plugins with pluggy and compile its answers into a table."""
    manager = Manager(PROJECT)
    manager.add_hookspecs(cast(ModuleType, SimpleNamespace(**specs)))
    plugins = list(plugins)
    for plugin in plugins:
        try:
            manager.register(plugin.module, plugin.name)
            warn_of_deprecated(plugin.name, plugin.module, specs)
        except Exception as error:  # what the checks before have missed stops nobody else
            failures[plugin.name] = described(error)
    manager.check_pending()
    ranks = {plugin.name: rank for rank, plugin in enumerate(plugins)}
    return HookTable((_hook(manager, spec, ranks) for spec in specs.values()), report)


def _hook(manager: pluggy.PluginManager, spec: Spec, ranks: Mapping[str, int]) -> Hook:
    found = getattr(manager.hook, spec.__name__).get_hookimpls()
    ordered = sorted(found, key=lambda one: ranks[one.plugin_name])
    return Hook.declared(
        spec,
        (Implementation(one.plugin_name, one.function, tuple(one.argnames)) for one in ordered),
    )


def _specs(module: object) -> list[tuple[str, Spec]]:
    if not isinstance(module, ModuleType):
        return []
    return [(name, one) for name, one in vars(module).items() if hasattr(one, "palabre_hook")]


def _leave_out_unmet(plugins: dict[str, Plugin], failures: dict[str, str]) -> None:
    left_out = True
    while left_out:
        left_out = False
        for name, plugin in list(plugins.items()):
            problem = unmet(plugin.manifest, plugins)
            if problem:
                _leave_out(plugins, failures, name, problem)
                left_out = True


def _leave_out(
    plugins: dict[str, Plugin], failures: dict[str, str], name: str, problem: str
) -> None:
    failures[name] = problem
    plugins.pop(name, None)
