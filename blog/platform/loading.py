"""Import plugins, check them and compile the table of their hooks."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pluggy

from blog import hookspecs
from blog.kinds import PROJECT
from blog.platform import order
from blog.platform.check import PluginRefused, check_hooks, check_manifest
from blog.platform.discovery import Found, Place
from blog.platform.dispatch import Hook, HookTable, Implementation
from blog.platform.manifest import Manifest
from blog.platform.report import Report
from blog.platform.tables import PLACED, claim


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
    warnings: Mapping[str, str] = field(default_factory=dict)


def load(
    found: Mapping[str, Found],
    enabled: Iterable[str],
    positions: Mapping[str, int],
    report: Report,
) -> Loaded:
    """Load the enabled plugins; leave out, with the reason, what cannot be loaded."""
    failures: dict[str, str] = {}
    plugins: dict[str, Plugin] = {}
    for name in sorted(enabled):
        try:
            plugins[name] = import_plugin(found.get(name), name)
        except PluginRefused as error:
            failures[name] = str(error)
    _leave_outunmet(plugins, failures)
    names = _arranged(plugins, positions, failures)
    table = compile_table([plugins[name] for name in names], report, failures)
    kept = tuple(plugins[name] for name in names if name not in failures)
    return Loaded(kept, failures, table)


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
        module = importlib.import_module(found.module) if found.module else _from_path(found)
    except (Exception, SystemExit) as error:
        raise PluginRefused(f"cannot be imported: {type(error).__name__}: {error}") from error
    return Plugin(found, found.manifest, module)


def compile_table(plugins: Iterable[Plugin], report: Report, failures: dict[str, str]) -> HookTable:
    """Register plugins with pluggy and compile its answers into a table.

    Plugins that declare hooks of their own (``hookspecs.py``) are heard before anybody
    implements them.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    specs = dict(_specs(hookspecs))
    plugins = list(plugins)
    for plugin in plugins:
        for name, function in _specs(getattr(plugin.module, "hookspecs", None)):
            specs[name] = function
        if hasattr(plugin.module, "hookspecs"):
            manager.add_hookspecs(plugin.module.hookspecs)
    for plugin in plugins:
        try:
            check_hooks(plugin.name, plugin.module, specs)
            manager.register(plugin.module, plugin.name)
        except (PluginRefused, pluggy.PluginValidationError) as error:
            failures[plugin.name] = str(error)
    manager.check_pending()
    ranks = {plugin.name: rank for rank, plugin in enumerate(plugins)}
    return HookTable((_hook(manager, spec, ranks) for spec in specs.values()), report)


def _hook(manager: pluggy.PluginManager, spec: object, ranks: Mapping[str, int]) -> Hook:
    name = spec.__name__  # type: ignore[attr-defined]
    found = getattr(manager.hook, name).get_hookimpls()
    ordered = sorted(found, key=lambda one: ranks[one.plugin_name])
    return Hook.declared(
        spec,  # type: ignore[arg-type]
        (Implementation(one.plugin_name, one.function, tuple(one.argnames)) for one in ordered),
    )


def _specs(module: object) -> list[tuple[str, object]]:
    if module is None:
        return []
    return [(name, one) for name, one in vars(module).items() if hasattr(one, "palabre_hook")]


def _arranged(
    plugins: dict[str, Plugin], positions: Mapping[str, int], failures: dict[str, str]
) -> list[str]:
    while True:
        try:
            return order.arrange({n: p.manifest for n, p in plugins.items()}, positions)
        except order.OrderCycle as cycle:
            for name in set(cycle.members):
                failures[name] = str(cycle)
                plugins.pop(name, None)


def _leave_outunmet(plugins: dict[str, Plugin], failures: dict[str, str]) -> None:
    left_out = True
    while left_out:
        left_out = False
        for name, plugin in list(plugins.items()):
            problem = unmet(plugin.manifest, plugins)
            if problem:
                failures[name] = problem
                del plugins[name]
                left_out = True


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


def _from_path(found: Found) -> ModuleType:
    """Import a plugin of the instance under a name made of its place and its content."""
    package = f"{PLACED}{_content_hash(found.path)}"
    name = f"{package}.{found.name}"
    if name in sys.modules:
        return sys.modules[name]
    if package not in sys.modules:
        parent = ModuleType(package)
        parent.__path__ = []
        sys.modules[package] = parent
    path = found.path / "__init__.py" if found.path.is_dir() else found.path
    locations = [str(found.path)] if found.path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=locations)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        for loaded in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
            del sys.modules[loaded]
        raise
    return module


def _content_hash(path: Path) -> str:
    digest = sha256(str(path).encode())
    for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
