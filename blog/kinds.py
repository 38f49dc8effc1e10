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
    """Keep what a hook's declaration says beside its signature."""

    kind: Kind
    since: str
    deprecated: str = ""


hookimpl = pluggy.HookimplMarker(PROJECT)
_marker = pluggy.HookspecMarker(PROJECT)


def hookspec(*, kind: Kind, since: str, deprecated: str = "") -> Callable[[F], F]:
    """Declare a hook of the given kind, with the version that brought it."""

    def mark(function: F) -> F:
        function.palabre_hook = SpecInfo(kind, since, deprecated)  # type: ignore[attr-defined]
        return _marker(function)

    return mark
