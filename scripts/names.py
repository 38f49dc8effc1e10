"""Describe what a plugin may import from ``blog``: every call whole, every shape by its fields."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from types import ModuleType
from typing import Any

from sqlalchemy import inspect as mapped
from sqlalchemy.orm import DeclarativeBase

import blog
from blog import identity
from blog.attention import Item
from blog.models import PluginError
from blog.platform.checking import Checked
from blog.platform.context import Generation
from blog.platform.costs import Cost
from blog.platform.findings import Finding
from blog.platform.listing import Listing
from blog.platform.removal import Belongings

WIDTH = 100
# What is no class, function or module says nothing of itself.
MEANINGS = {
    "hookimpl": "Mark a function of a plugin as its part in the hook of the same name.",
    "hooks": "Call the hooks of this request: ``hooks.NAME(…)``, arguments in the declared order.",
    "session": "Read the database in this request, command or job; in a record hook also write.",
    "settings": 'Read the settings of this request: ``settings["NAME"].field``; the core is '
    '``settings["core"]``.',
}
# Values that calls take; the permissions of ``identity`` have a table of their own.
CONSTANTS = {
    "columns": {
        "POST_COLUMNS": "What to select for `columns.post_row`.",
        "COMMENT_COLUMNS": "What to select for `columns.comment_row`.",
    }
}
# What calls give, and nobody makes or imports.
GIVEN = (Generation, Listing, PluginError, Item, Cost, Checked, Finding, Belongings)


def names_page() -> Iterator[str]:
    """Give the lines of the page about public names."""
    found = {name: getattr(blog, name) for name in blog.__all__}
    modules = {name: one for name, one in found.items() if inspect.ismodule(one)}
    rest = {name: one for name, one in found.items() if name not in modules}
    shapes = {name: one for name, one in rest.items() if inspect.isclass(one)}
    yield "| name | meaning |\n| --- | --- |"
    for name, one in rest.items():
        yield row(f"`{name}`", MEANINGS.get(name) or opening(one))
    yield "\n## Functions"
    for name, one in rest.items():
        if name not in shapes and name not in MEANINGS:
            yield from _call(name, one)
    for name, shape in shapes.items():
        yield from _shape(name, shape, "##")
    for name, module in modules.items():
        yield from _module(name, module)
    yield "\n## What calls give\n\nA plugin reads these where a call gives them; none is imported."
    for one in GIVEN:
        yield from _shape(one.__name__, one, "###")


def row(*cells: str) -> str:
    """Make a row of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def opening(value: object) -> str:
    """Give the first paragraph of what something says of itself."""
    return (inspect.getdoc(value) or "").partition("\n\n")[0].replace("\n", " ")


def written(annotation: Any) -> str:
    """Write a type as the code does."""
    annotation = getattr(annotation, "__forward_arg__", annotation)
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def signature(name: str, function: Callable[..., Any], width: int = WIDTH) -> str:
    """Write a call with the types of what it takes and gives, on several lines when it is long."""
    found = inspect.signature(function)
    wanted = [*found.parameters.values()]
    if wanted and wanted[0].name in ("self", "cls"):
        wanted = wanted[1:]
    arguments = [*_arguments(wanted)]
    answer = _answer(function, found.return_annotation)
    line = f"{name}({', '.join(arguments)}){answer}"
    if len(line) <= width:
        return line
    return f"{name}(\n" + "".join(f"    {one},\n" for one in arguments) + f"){answer}"


def _arguments(wanted: Iterable[inspect.Parameter]) -> Iterator[str]:
    starred, positional = False, False
    for one in wanted:
        if positional and one.kind is not one.POSITIONAL_ONLY:
            yield "/"
        positional = one.kind is one.POSITIONAL_ONLY
        if one.kind is one.VAR_POSITIONAL:
            starred = True
        if one.kind is one.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        star = "*" if one.kind is one.VAR_POSITIONAL else ""
        star = "**" if one.kind is one.VAR_KEYWORD else star
        kind = "" if one.annotation is one.empty else f": {written(one.annotation)}"
        default = "" if one.default is one.empty else f" = {_value(one.default)}"
        yield f"{star}{one.name}{kind}{default}"


def _answer(function: Callable[..., Any], annotation: Any) -> str:
    """Write what a call gives; what is used with ``with`` is written as a generator."""
    if annotation is inspect.Signature.empty:
        return ""
    inner = inspect.unwrap(function)
    is_block = inner is not function and inspect.isgeneratorfunction(inner)
    text = written(annotation)
    if is_block:
        text = "AbstractContextManager" + text.removeprefix("Iterator")
    return f" -> {text}"


def _value(value: Any) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if callable(value):
        return getattr(value, "__name__", "…")
    if isinstance(value, str):
        return f'"{value}"'
    if type(value) is int:
        return f"{value:_}"
    return repr(value) if isinstance(value, bool | int | float | tuple | None) else "…"


def _module(name: str, module: ModuleType) -> Iterator[str]:
    """Describe a module: a list of its names, then each whole."""
    yield f"\n## `{name}`\n\n{opening(module)}\n\n| name | meaning |\n| --- | --- |"
    own = dict(_own(module))
    for inner, value in own.items():
        yield row(f"`{name}.{inner}`", opening(value))
    for inner, meaning in CONSTANTS.get(name, {}).items():
        yield row(f"`{name}.{inner}`", meaning)
    if module is identity:
        yield from _permissions()
    for inner, value in own.items():
        whole = f"{name}.{inner}"
        if not inspect.isclass(value):
            yield from _call(whole, value)
        elif not issubclass(value, BaseException):
            yield from _shape(whole, value, "###")
        else:
            bases = " and ".join(f"`{one.__name__}`" for one in value.__bases__)
            yield f"\n### `{whole}`\n\n{inspect.getdoc(value)}\n\nInherits {bases}."


def _own(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        is_own = getattr(value, "__module__", None) == module.__name__
        if hasattr(module, "__all__"):
            is_own = name in module.__all__
        if is_own and not name.startswith("_") and callable(value):
            yield name, value


def _permissions() -> Iterator[str]:
    yield "\n### Permissions of the core\n"
    yield "A plugin adds its own with the hook `permissions`; the owner holds all.\n"
    yield "| name | text | what it lets people do | held at first by |\n| --- | --- | --- | --- |"
    named = {value: name for name, value in vars(identity).items() if isinstance(value, str)}
    for one in identity.PERMISSIONS:
        roles = ", ".join(one.roles)
        yield row(f"`identity.{named[one.name]}`", f'`"{one.name}"`', str(one.label), roles)


def _call(name: str, function: Callable[..., Any]) -> Iterator[str]:
    yield f"\n### `{name}`\n\n```python\n{signature(name, function)}\n```\n"
    yield inspect.getdoc(function) or ""


def _shape(name: str, shape: type[Any], level: str) -> Iterator[str]:
    """Describe a class: its text, then values, columns, or fields and what it can be asked."""
    yield f"\n{level} `{name}`\n\n{inspect.getdoc(shape)}"
    if issubclass(shape, Enum):
        yield from _values(shape)
    elif issubclass(shape, DeclarativeBase):
        yield from _columns(shape)
    elif dataclasses.is_dataclass(shape) or hasattr(shape, "_fields"):
        yield from _fields(shape)
    else:
        methods = [one for one in vars(shape) if one in ("__init__", "__new__")]
        if methods and shape.__module__.startswith("blog."):
            yield f"\n```python\n{signature(name, getattr(shape, methods[0]))}\n```"
    yield from _methods(name, shape)


def _values(shape: type[Enum]) -> Iterator[str]:
    yield "\n| name | value |\n| --- | --- |"
    for one in shape:
        value = f'"{one.value}"' if isinstance(one.value, str) else str(one.value)
        yield row(f"`{shape.__name__}.{one.name}`", f"`{value}`")


def _columns(model: type[DeclarativeBase]) -> Iterator[str]:
    yield "\n| column | type | in the database | default |\n| --- | --- | --- | --- |"
    table = mapped(model).local_table
    for column in table.columns:
        kind = model.__annotations__[column.name].removeprefix("Mapped[").removesuffix("]")
        yield row(f"`{column.name}`", f"`{kind}`", _kept(column), _filled(column))


def _kept(column: Any) -> str:
    kind = type(column.type).__name__
    length = getattr(column.type, "length", None)
    said = [f"{kind}({length})" if length else kind]
    said += ["primary key"] if column.primary_key else []
    said += ["unique"] if column.unique else []
    said += [f"`{key.target_fullname}`, {key.ondelete}" for key in column.foreign_keys]
    return ", ".join(said)


def _filled(column: Any) -> str:
    value = getattr(column.default, "arg", None)
    if value is None:
        return "`None`" if column.nullable else "–"
    if isinstance(value, type) or callable(value):
        return "now" if value.__name__ == "now" else "empty"
    return f"`{_value(value)}`"


def _fields(shape: type[Any]) -> Iterator[str]:
    yield "\n| field | type | default |\n| --- | --- | --- |"
    for name, one in inspect.signature(shape).parameters.items():
        default = "–" if one.default is one.empty else _default(one.default)
        yield row(f"`{name}`", f"`{written(one.annotation)}`", default)


def _default(value: Any) -> str:
    known = isinstance(value, Enum | str | bool | int | float | tuple | None)
    return f"`{_value(value)}`" if known else "empty"


def _methods(name: str, shape: type[Any]) -> Iterator[str]:
    """Describe what instances, and the class, can be asked."""
    asked = list(_asked(name, shape))
    if asked:
        yield "\n| call | meaning |\n| --- | --- |"
        yield from (row(f"`{call}`", meaning) for call, meaning in asked)


def _is_of_library(shape: type[Any], name: str) -> bool:
    """Tell whether a library, and no plugin, calls a method."""
    others = [one for one in shape.__mro__[1:] if not one.__module__.startswith("blog.")]
    return any(name in vars(one) for one in others)


def _asked(name: str, shape: type[Any]) -> Iterator[tuple[str, str]]:
    for key, value in vars(shape).items():
        start = f"{name.rpartition('.')[2].lower()}.{key}"
        if key.startswith("_") or _is_of_library(shape, key):
            continue
        if isinstance(value, property):
            kind = inspect.signature(value.fget).return_annotation if value.fget else ""
            yield f"{start}: {written(kind)}", opening(value)
        elif isinstance(value, classmethod | staticmethod):
            yield signature(f"{name}.{key}", value.__func__, sys.maxsize), opening(value)
        elif inspect.isfunction(value) and value.__module__ == shape.__module__:
            yield signature(start, value, sys.maxsize), opening(value)
