"""Compare what plugins answer with what a hook's declaration says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints


def fits(answer: Any, annotation: Any) -> bool:
    """Tell whether an answer is of a type, and what it holds of the types declared for that.

    A text is no sequence of texts; the fields of a row inside a list are not looked at.
    """
    origin, arguments = _taken_apart(annotation)
    if origin is Any:
        return True
    if origin is Union:
        return any(fits(answer, one) for one in arguments)
    if not isinstance(answer, origin) or (arguments and isinstance(answer, (str, bytes))):
        return False
    if not arguments:
        return all(fits(getattr(answer, name), kind) for name, kind in _fields(origin))
    if isinstance(answer, Mapping):
        key, value = arguments
        return _all_are(answer.keys(), key) and _all_are(answer.values(), value)
    return not isinstance(answer, Collection) or _all_are(answer, arguments[0])


def _all_are(answers: Collection[Any], annotation: Any) -> bool:
    kind, _ = _taken_apart(annotation)
    return kind is Any or kind is Union or all(isinstance(one, kind) for one in answers)


@cache
def _taken_apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if annotation is None:
        return NoneType, ()
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return Union, get_args(annotation)
    kind = origin or annotation
    if kind is Any or isinstance(kind, TypeVar) or not isinstance(kind, type):
        return Any, ()
    return (kind, ()) if _is_callable(kind) else (kind, get_args(annotation))


def _is_callable(kind: type) -> bool:
    """Tell whether the arguments of a type describe calls and not what it holds."""
    return not issubclass(kind, Collection)


@cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """Give the fields of an answer that is a named tuple; of other classes there are none."""
    if not issubclass(kind, tuple) or not hasattr(kind, "_fields"):
        return ()
    hints = get_type_hints(kind)
    return tuple((name, hints[name]) for name in kind._fields)
