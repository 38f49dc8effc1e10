"""Be the child that imports a plugin, watches what it does, and tells what it declared."""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from werkzeug.routing import IntegerConverter
from wtforms.fields.core import UnboundField

from blog.db import NoDatabase
from blog.kinds import PROJECT
from blog.platform import manifest, reach
from blog.platform.check import PluginRefused, implementations
from blog.platform.context import NoSite
from blog.platform.discovery import BUNDLE, Found, Place
from blog.platform.loading import import_plugin
from blog.platform.probe import hanging
from blog.platform.settings import SettingsForm

# What a plugin may not do while it is imported, as Python's audit events call it.
EFFECTS = {
    "sqlite3.connect": "opens a database",
    "psycopg.connect": "opens a database",
    "socket.connect": "opens a connection",
    "socket.bind": "opens a port",
    "socket.getaddrinfo": "asks for the address of a machine",
    "socket.gethostbyname": "asks for the address of a machine",
    "subprocess.Popen": "starts a program",
    "os.system": "starts a program",
    "os.exec": "starts a program",
    "os.posix_spawn": "starts a program",
    "os.fork": "starts a process",
}


class NotAtImport(RuntimeError):
    """A plugin tried at import what belongs into a hook, a command or a job."""


class Watch:
    """Refuse what a plugin tries to reach while it is imported, and remember where."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.on = False
        self.effects: list[dict[str, Any]] = []

    def __call__(self, event: str, _: tuple[Any, ...]) -> None:
        """Hear of an event."""
        if not self.on or event not in EFFECTS:
            return
        self.on = False
        file, line = _place_of(traceback.extract_stack(), self.path)
        message = f"{EFFECTS[event]} while it is imported"
        self.effects.append({"file": file, "line": line, "message": message})
        self.on = True
        raise NotAtImport(f"{message}: do it in a hook, a command or a job")


def main() -> None:
    """Import the plugin that the command line names and write down what came of it."""
    path, name, module = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    # What the plugin prints must not be taken for the answer.
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _tell_of_postgresql()
    watch = Watch(path)
    sys.addaudithook(watch)
    limit, importing = float(sys.argv[4]), threading.get_ident()
    timer = threading.Timer(limit, lambda: _say(answer, _hung(path, limit, importing)))
    timer.daemon = True
    timer.start()
    _say(answer, _answer(path, name, module, watch))


def _tell_of_postgresql() -> None:
    """Let the driver of PostgreSQL raise an audit event, as it connects in C, unheard."""
    with suppress(ImportError):  # it is an extra
        psycopg: Any = import_module("psycopg")
        for kind in (psycopg.Connection, psycopg.AsyncConnection):
            kind.connect = _telling(kind.connect)
        psycopg.connect = psycopg.Connection.connect


def _telling(connect: Callable[..., Any]) -> Any:
    def call(*arguments: Any, **options: Any) -> Any:
        sys.audit("psycopg.connect")
        return connect(*arguments, **options)

    return call


def _say(answer: int, told: dict[str, Any]) -> None:
    """Write the answer and end: a thread of the plugin may not keep the process."""
    said = json.dumps(told, default=str).encode()
    while said:
        said = said[os.write(answer, said) :]
    os._exit(0)


def _hung(path: Path, limit: float, thread: int) -> dict[str, Any]:
    """Tell at which line of the plugin the import hangs."""
    file, line = _place_of(traceback.extract_stack(sys._current_frames()[thread]), path)  # noqa: SLF001
    return {"failure": "import-hangs", "message": hanging(limit), "file": file, "line": line}


def _answer(path: Path, name: str, module: str, watch: Watch) -> dict[str, Any]:
    place = Place.INSTANCE
    if module:
        place = Place.BUNDLED if module.startswith(f"{BUNDLE}.") else Place.PACKAGE
    found = Found(name, place, path, module, manifest.read(path, name))
    watch.on = True
    try:
        plugin = import_plugin(found, name)
    except PluginRefused as error:
        watch.on = False
        return {**_failure(error.__cause__ or error, path), "effects": watch.effects}
    answer: dict[str, Any] = {
        "effects": watch.effects,
        "hooks": list(_hooks(plugin.module)),
        "settings": list(_settings(plugin.module)),
        "tables": list(_tables(plugin.module, name)),
    }
    # What is asked for now runs code of the plugin, which may count on a site.
    asked: Mapping[str, Callable[[ModuleType], list[Any]]] = {
        "routes": _routes,
        "permissions": lambda one: [item.name for item in one.permissions()],
        "commands": lambda one: [*one.commands()],
    }
    with suppress(Exception, SystemExit):
        answer["undeclared"] = reach.undeclared(plugin)
    for key, ask in asked.items():
        try:
            answer[key] = ask(plugin.module)
        except BaseException:  # its absence is no mistake, and the failure is found when it runs
            answer[key] = []
    return answer


def _failure(error: BaseException, path: Path) -> dict[str, Any]:
    code = "import-error"
    if isinstance(error, SystemExit):
        code = "import-exits"
    elif isinstance(error, (NotAtImport, NoDatabase, NoSite)):
        code = "import-effect"
    elif isinstance(error, SyntaxError):
        code = "syntax-error"
    frames = list(traceback.extract_tb(error.__traceback__))
    file, line = _place_of(frames, path)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno or 1
    said = " ".join(" ".join(traceback.format_exception_only(error)).split())
    return {"failure": code, "message": said[:500], "file": file, "line": line}


def _place_of(frames: list[traceback.FrameSummary], path: Path) -> tuple[str, int]:
    """Give the innermost line of the plugin."""
    for frame in reversed(frames):
        if Path(frame.filename).is_relative_to(path):
            return frame.filename, frame.lineno or 1
    return "", 1


def _hooks(module: ModuleType) -> Iterator[dict[str, Any]]:
    for function, options in implementations(module):
        yield {
            "name": options.get("specname") or function.__name__,
            "file": function.__code__.co_filename,
            "line": function.__code__.co_firstlineno,
            "plain": True,
        }
    for name, value in vars(module).items():
        if not isinstance(value, (FunctionType, type)) and _is_marked(value):
            yield {"name": name, "file": "", "line": 1, "plain": False}


def _is_marked(value: object) -> bool:
    """Tell whether something was marked as a hook, without asking a proxy for anything."""
    try:
        kept = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return False
    return f"{PROJECT}_impl" in kept


def _settings(module: ModuleType) -> Iterator[dict[str, Any]]:
    form = getattr(module, "Settings", None)
    if not (isinstance(form, type) and issubclass(form, SettingsForm)):
        return
    for name in dir(form):
        unbound = getattr(form, name)
        if isinstance(unbound, UnboundField):
            kind = unbound.field_class.__name__
            yield {"name": name, "kind": kind, "has_default": "default" in unbound.kwargs}


def _tables(module: ModuleType, name: str) -> Iterator[dict[str, Any]]:
    seen: dict[int, MetaData] = {}
    own = [one for key, one in sys.modules.items() if f"{key}.".startswith(f"{module.__name__}.")]
    for value in [value for one in own for value in list(vars(one).values())]:
        metadata = vars(value).get("metadata") if isinstance(value, type) else None
        if isinstance(metadata, MetaData) and metadata.info.get("plugin") == name:
            seen[id(metadata)] = metadata
    for metadata in seen.values():
        for table in metadata.tables.values():
            keys = [
                {"target": key.target_fullname, "ondelete": key.ondelete}
                for key in table.foreign_keys
            ]
            yield {"name": table.name, "columns": [*table.columns.keys()], "keys": keys}


def _routes(module: ModuleType) -> list[dict[str, Any]]:
    app = Flask("probe", static_folder=None, template_folder=None)
    CSRFProtect(app)
    app.url_map.converters |= {"four": IntegerConverter, "two": IntegerConverter}
    app.register_blueprint(module.routes())
    rows = []
    for rule in app.url_map.iter_rules():
        code = getattr(app.view_functions[rule.endpoint], "__code__", None)
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        rows.append(
            {
                "rule": rule.rule,
                "methods": methods,
                "file": code.co_filename if code else "",
                "line": code.co_firstlineno if code else 1,
            }
        )
    return rows


if __name__ == "__main__":
    main()
