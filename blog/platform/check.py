"""Catch a plugin's mistakes when it is loaded, with the mend."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Any

from blog.kinds import API, PROJECT, PluginDeprecation
from blog.platform.findings import Finding
from blog.platform.manifest import Manifest


class PluginRefused(ValueError):
    """A plugin cannot be loaded; the message says why and what to do.

    ``findings`` are all of its mistakes, where they were looked for.
    """

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__(message)


def check_manifest(manifest: Manifest) -> None:
    """Refuse a plugin that was written for another API."""
    if manifest.api > API:
        raise PluginRefused(f"needs plugin API {manifest.api}; this Palabre has {API}: upgrade it")
    if manifest.api < 1:
        raise PluginRefused(f"asks for plugin API {manifest.api}: the first is 1")


def check_hooks(module: ModuleType, specs: Mapping[str, Any]) -> None:
    """Refuse hooks that would never run or could not be called."""
    for function, options in implementations(module):
        place = f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"
        hook = options.get("specname") or function.__name__
        if hook not in specs:
            if options["optionalhook"]:
                continue
            near = get_close_matches(hook, specs, 1)
            mend = f"; did you mean {near[0]!r}?" if near else ""
            raise PluginRefused(f"implements {hook!r} ({place}), which no hook is called{mend}")
        _check_kind(hook, function, options, place)
        _check_arguments(hook, function, specs[hook], place)


def warn_of_deprecated(name: str, module: ModuleType, specs: Mapping[str, Any]) -> None:
    """Warn a plugin's author of hooks that go, at the line that takes part in one."""
    for function, options in implementations(module):
        hook = options.get("specname") or function.__name__
        info = specs[hook].palabre_hook if hook in specs else None
        if info is not None and info.deprecated:
            gone = f" and gone in {info.removed_in}" if info.removed_in else ""
            code = function.__code__
            warnings.warn_explicit(
                f"{name}: the hook {hook} is deprecated{gone}: {info.deprecated}",
                PluginDeprecation,
                code.co_filename,
                code.co_firstlineno,
            )


def implementations(module: ModuleType) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Give the functions of a module that are marked as implementations, with their options."""
    for value in list(vars(module).values()):
        if options := marked(value):
            yield value, options


def marked(value: object) -> Any:
    """Give the options of an implementation; ``None`` for everything else."""
    # A proxy such as blog.session may be asked for nothing yet.
    options = getattr(value, f"{PROJECT}_impl", None) if type(value) is FunctionType else None
    return options if isinstance(options, dict) else None


@lru_cache(maxsize=1000)
def parameters(function: FunctionType) -> tuple[inspect.Parameter, ...]:
    """Give the parameters of a function, read once for all generations."""
    return tuple(inspect.signature(function).parameters.values())


def _check_kind(hook: str, function: Any, options: Mapping[str, Any], place: str) -> None:
    if options["wrapper"] or options["hookwrapper"]:
        raise PluginRefused(f"{hook} ({place}) is a wrapper: hooks of Palabre are plain functions")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise PluginRefused(f"{hook} ({place}) is async: write it as a plain function")
    if inspect.isgeneratorfunction(function):
        raise PluginRefused(f"{hook} ({place}) yields: let it return its answer")


def _check_arguments(hook: str, function: Any, spec: Any, place: str) -> None:
    wanted = [one.name for one in parameters(spec)]
    for argument in parameters(function):
        if argument.name not in wanted:
            near = get_close_matches(argument.name, wanted, 1)
            mend = (
                f"; did you mean {near[0]!r}?"
                if near
                else f"; it has {', '.join(wanted) or 'none'}"
            )
            raise PluginRefused(f"{hook} ({place}) has no argument {argument.name!r}{mend}")
        if argument.default is not argument.empty:
            raise PluginRefused(
                f"{hook} ({place}) gives {argument.name!r} a default, so it would never be filled"
            )
