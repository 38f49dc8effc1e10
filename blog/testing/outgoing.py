"""Stand in for other machines in tests: answers by address, and what was asked."""

from __future__ import annotations

import json as encoding
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest

from blog import network
from blog.destinations import Address, NotReached, is_public

if TYPE_CHECKING:
    from blog.wire import Received, Request

SOMEWHERE = "93.184.215.14"


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold one request that a plugin sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Read what was sent as JSON."""
        return encoding.loads(self.body)


@dataclass
class OutgoingStub:
    """Answer what plugins ask of other machines; nothing leaves this one.

    Hosts that a plugin did not declare are refused as on a site.
    An address without an answer cannot be reached.
    """

    asked: list[Asked] = field(default_factory=list)
    _answers: dict[tuple[str, str], Received | Exception] = field(default_factory=dict)

    def answer(
        self,
        url: str,
        body: str | bytes = b"",
        *,
        status: int = 200,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        error: Exception | None = None,
    ) -> None:
        """Say what an address answers from now on, or the error that asking it raises."""
        from blog.wire import Received  # noqa: PLC0415 - a test that asks nobody needs it not

        known = {name.lower(): value for name, value in (headers or {}).items()}
        if json is not None:
            known.setdefault("content-type", "application/json")
            body = encoding.dumps(json)
        sent = body.encode() if isinstance(body, str) else body
        self._answers[method, url] = error or Received(status, known, sent)

    @property
    def urls(self) -> list[str]:
        """Give the addresses that were asked, in order."""
        return [one.url for one in self.asked]

    def send(self, request: Request, addresses: Sequence[str]) -> Received:  # noqa: ARG002
        """Take a request in place of the wire."""
        url = request.destination.url
        self.asked.append(Asked(request.method, url, dict(request.headers), request.body))
        answer = self._answers.get((request.method, url))
        if answer is None:
            raise NotReached(f"outgoing_stub has no answer to {request.method} {url}")
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def stubbed() -> Iterator[OutgoingStub]:
    """Let everything below ask a stub in place of other machines."""
    stub = OutgoingStub()
    with network.through(network.Network(lambda *_: [SOMEWHERE], is_public, stub.send)):
        yield stub


@pytest.fixture
def outgoing_stub() -> Iterator[OutgoingStub]:
    """Answer what plugins ask of other machines: ``outgoing_stub.answer(url, json=…)``."""
    with stubbed() as stub:
        yield stub


@contextmanager
def loopback_allowed(
    look_up: Callable[[str, int], Sequence[str]], *addresses: str
) -> Iterator[None]:
    """Let everything below also connect to these addresses of this machine.

    For tests of the way out itself, against a server that runs here; ``look_up`` answers in
    place of the system's resolver. Neither a setting nor the environment reaches this.
    """
    here = {ip_address(one) for one in addresses}

    def allows(address: Address) -> bool:
        return is_public(address) or address in here

    with network.through(replace(network.system(), look_up=look_up, allows=allows)):
        yield
