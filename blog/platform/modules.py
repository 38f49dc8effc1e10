"""Import the modules of plugins, leaving behind an import that does not end."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from threading import RLock, Thread, current_thread, main_thread
from types import ModuleType

from blog.platform.check import PluginRefused
from blog.platform.discovery import Found
from blog.platform.tables import PLACED

LIMIT_SECONDS = 10.0
# A module that another thread is still importing looks whole in sys.modules.
_importing = RLock()
_endless: dict[str, Thread] = {}


def import_found(found: Found) -> ModuleType:
    """Import the module of a plugin that was found; raise what it raises itself.

    Raise ``PluginRefused`` in a process that serves where it does not end.
    """
    if found.module:
        return import_named(found.module)
    package = f"{PLACED}{_content_hash(found.path)}"
    return _within_limit(package, lambda: _from_path(found, package))


def import_named(name: str) -> ModuleType:
    """Import a module of a plugin by its name, in the same way."""
    return _within_limit(name, lambda: importlib.import_module(name))


def _within_limit(name: str, call: Callable[[], ModuleType]) -> ModuleType:
    """Import, in a thread of its own unless a person waits who can stop it.

    Nothing can end a thread: one that is left behind goes on, and until it ends nobody imports
    its module again, which is not whole.
    """
    with _importing:
        if current_thread() is main_thread():
            return call()
        if name not in _endless or not _endless[name].is_alive():
            came: Future[ModuleType] = Future()
            thread = Thread(target=_fulfil, args=(came, call), daemon=True, name=f"import {name}")
            thread.start()
            thread.join(LIMIT_SECONDS)
            if came.done():
                return came.result()
            _endless[name] = thread
    raise PluginRefused(
        f"its import did not end within {LIMIT_SECONDS:.0f} s: mend it, then disable and enable it"
    )


def _fulfil(came: Future[ModuleType], call: Callable[[], ModuleType]) -> None:
    try:
        came.set_result(call())
    except BaseException as error:  # whoever waits raises it again
        came.set_exception(error)


def _from_path(found: Found, package: str) -> ModuleType:
    """Import a plugin of the instance under a name made of its place and its content."""
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
