"""Declare hooks: their kinds, the marker for specifications and the one for implementations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import pluggy

PROJECT = "palabre"
API = 1

F = TypeVar("F", bound=Callable[..., Any])


class Kind(StrEnum):
    """Say how the answers of several plugins become one, and what a failure means."""

    FILTER = "filter"
    COLLECT = "collect"
    FIRST = "first"
    JUDGE = "judge"
    RECORD = "record"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class SpecInfo:
    """Keep what a hook's declaration says beside its signature.

    ``deprecated`` says what to use instead; ``removed_in`` names the version that has it no more.
    """

    kind: Kind
    since: str
    deprecated: str = ""
    removed_in: str = ""


class PluginDeprecation(DeprecationWarning):
    """A plugin takes part in a hook that goes; the message says what to use instead."""


hookimpl = pluggy.HookimplMarker(PROJECT)
_marker = pluggy.HookspecMarker(PROJECT)


def hookspec(
    *, kind: Kind, since: str, deprecated: str = "", removed_in: str = ""
) -> Callable[[F], F]:
    """Declare a hook of the given kind, with the version that brought it.

    One that goes says what to use instead, and in which version it is gone.
    """
    info = SpecInfo(kind, since, deprecated, removed_in)

    def mark(function: F) -> F:
        function.palabre_hook = info  # type: ignore[attr-defined]
        return _marker(function)

    return mark
