"""Compare what plugins answer with what a hook's declaration says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from markupsafe import Markup

# Of these there is nothing more to ask than their type.
SIMPLE = (bool, int, float, str, Markup)


class HalfACharacter(ValueError):
    """A text holds a lone surrogate, which no page and no database can take."""


class WrongAnswer(TypeError):
    """A plugin answered with another type than the hook's declaration says."""

    finding = "hook-answer"


@cache
def checker(name: str, returns: Any) -> Callable[[Any], Any]:
    """Give what each answer of a hook passes through: of the declared type, and fit to show."""
    simple, has_text = simple_kinds(returns), holds_text(returns)

    def check(answer: Any) -> Any:
        if type(answer) in simple:
            return plain(answer) if has_text and not answer.isascii() else answer
        if not fits(answer, returns):
            found = type(answer).__name__
            raise WrongAnswer(f"{name} must answer {_shown(returns)}, not such a {found}")
        return plain(answer) if has_text else answer

    return check


def fits(answer: Any, annotation: Any) -> bool:
    """Tell whether an answer is of a type, and what it holds of the types declared for that.

    A text is no sequence of texts; rows inside a list are rows with the fields declared for them.
    """
    origin, arguments = _taken_apart(annotation)
    if origin is Any:
        return True
    if origin is Union:
        return any(fits(answer, one) for one in arguments)
    if not isinstance(answer, origin) or (arguments and isinstance(answer, (str, bytes))):
        return False
    if not arguments:
        return not (fields := _fields(origin)) or _row_fits(answer, origin, fields)
    if isinstance(answer, Mapping):
        key, value = arguments
        return _all_are(answer.keys(), key) and _all_are(answer.values(), value)
    return not isinstance(answer, Collection) or _all_are(answer, arguments[0])


def _all_are(answers: Collection[Any], annotation: Any) -> bool:
    kind, _ = _taken_apart(annotation)
    if kind is Any or kind is Union:
        return True
    fields = _fields(kind)
    if fields:
        return all(_row_fits(one, kind, fields) for one in answers)
    return all(isinstance(one, kind) for one in answers)


def _row_fits(row: Any, kind: type, fields: tuple[tuple[str, Any], ...]) -> bool:
    """Look at each field of a row, once for each way in which its fields have types."""
    if not isinstance(row, kind):
        return False
    types = (kind, *[type(one) for one in cast("tuple[Any, ...]", row)])
    if types in _known_rows:
        return True
    if not all(fits(getattr(row, name), annotation) for name, annotation in fields):
        return False
    if all(_is_plain(one) for one in types[1:]):
        _known_rows.add(types)
    return True


def _is_plain(kind: type) -> bool:
    """Tell whether the type says all: nothing is in it, and no class of a plugin's own made it."""
    return kind.__module__ in _OWN and (issubclass(kind, str) or not issubclass(kind, Collection))


def simple_kinds(annotation: Any) -> frozenset[type]:
    """Give the types of answers that fit without another look: texts alone, where one may come."""
    origin, arguments = _taken_apart(annotation)
    kinds = [one for one in (arguments if origin is Union else (origin,)) if one in SIMPLE]
    texts = [one for one in kinds if issubclass(one, str)]
    return frozenset(texts or kinds)


def text_kinds(annotation: Any) -> frozenset[type]:
    """Give the types of texts that fit without another look."""
    return frozenset(one for one in simple_kinds(annotation) if issubclass(one, str))


def holds_text(annotation: Any) -> bool:
    """Tell whether an answer of a type is a text, or holds some."""
    origin, arguments = _taken_apart(annotation)
    is_text = isinstance(origin, type) and issubclass(origin, str)
    return is_text or any(holds_text(one) for one in arguments)


def plain(answer: Any) -> Any:
    """Give texts as ``str`` or ``Markup``, whatever a class made of them does when it is used.

    Raise ``HalfACharacter`` for what cannot be written.
    """
    kind = type(answer)
    if kind is Markup or kind is str:
        return answer if answer.isascii() else _written(answer)
    if isinstance(answer, str):
        exact = str.__str__(answer)
        # Of a class of a plugin's own: it vouched for it as it does for any Markup.
        return _written(Markup(exact) if isinstance(answer, Markup) else exact)  # noqa: S704
    if isinstance(answer, Mapping):
        return {key: plain(value) for key, value in answer.items()}
    if isinstance(answer, (list, tuple)) and not hasattr(kind, "_fields"):
        return [plain(one) for one in answer]
    return answer


def _written(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise HalfACharacter(f"a lone surrogate at character {error.start + 1}") from error
    return text


_known_rows: set[tuple[type, ...]] = set()
_OWN = ("builtins", "datetime", "markupsafe", "blog.rows", "blog.models", "blog.moderation")


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


def _shown(annotation: Any) -> str:
    plain = isinstance(annotation, type) and not get_args(annotation)
    return annotation.__name__ if plain else re.sub(r"\b(\w+\.)+", "", str(annotation))
