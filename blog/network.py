"""Hold the way out to other machines, which tests may replace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blog.destinations import Address, is_public, look_up

if TYPE_CHECKING:
    from blog.wire import Received, Request


@dataclass(frozen=True, slots=True)
class Network:
    """Hold the way out: how names are looked up, which addresses are allowed, what sends."""

    look_up: Callable[[str, int], Sequence[str]]
    allows: Callable[[Address], bool]
    send: Callable[[Request, Sequence[str]], Received]


def current() -> Network:
    """Give the way out: the system's, unless a test replaced it."""
    return _way.network or system()


@contextmanager
def through(network: Network) -> Iterator[None]:
    """Send everything below another way: for tests, which reach it through ``blog.testing``."""
    before = _way.network
    _way.network = network
    try:
        yield
    finally:
        _way.network = before


def system() -> Network:
    """Give the way out that a site has."""
    from blog.wire import send  # noqa: PLC0415 - a start that asks nobody does not pay for it

    return Network(look_up, is_public, send)


class _Way:
    network: Network | None = None


_way = _Way()
