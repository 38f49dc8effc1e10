"""Ask other machines, guarded: only hosts that the plugin declared, only public addresses."""

from __future__ import annotations

import json as encoding
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin

from blog import network
from blog.destinations import (
    AddressRefused,
    BadAddress,
    BadAnswer,
    Destination,
    Failed,
    HostNotDeclared,
    NotReached,
    TooLarge,
    TooSlow,
    is_declared,
    parse,
    resolve,
)
from blog.platform.context import config, generation
from blog.platform.tables import owner_of

if TYPE_CHECKING:
    from blog.wire import Received, Request

__all__ = [
    "AddressRefused",
    "Answer",
    "BadAddress",
    "BadAnswer",
    "Failed",
    "HostNotDeclared",
    "NotReached",
    "TooLarge",
    "TooManyRedirects",
    "TooSlow",
    "fetch",
]

SIZE = 2_000_000
SECONDS = 20.0
CONNECT_SECONDS = 5.0
REDIRECTS = 5
# What is text on the web; Python knows others that raise, or take minutes.
CHARSET = re.compile(
    r"utf-?(8|16(le|be)?)|us-ascii|ascii|latin-?1|(iso-8859|windows|cp|koi8|euc|iso-2022|gb|shift|big)"
    r"[-_a-z0-9]*"
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# What says how a request travels is the client's own; cookies are neither kept nor sent.
OURS = frozenset(
    "accept-encoding connection content-length cookie expect host keep-alive proxy-authorization"
    " te trailer transfer-encoding upgrade user-agent".split()
)
# What is safe to say to another host too, when an answer leads there.
HARMLESS = frozenset("accept accept-language content-type".split())


class TooManyRedirects(Failed, RuntimeError):
    """An address leads on and on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what another machine answered; any status is an answer.

    ``url`` is where it came from in the end; names of headers are in small letters.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Tell whether the status says that it went well."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """Give the body as text, in the encoding that its header names, or in UTF-8."""
        _, _, named = self.headers.get("content-type", "").lower().partition("charset=")
        charset = named.partition(";")[0].strip(" \"'") or "utf-8"
        known = CHARSET.fullmatch(charset)
        try:
            return self.body.decode(charset if known else "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Read the body as JSON; raise ``ValueError`` when it is none."""
        return encoding.loads(self.body)


def fetch(
    url: str,
    method: str = "GET",
    *,
    headers: Mapping[str, str] | None = None,
    data: Mapping[str, str] | bytes | None = None,
    json: Any = None,
    size: int = SIZE,
    seconds: float = SECONDS,
    caller: str = "",
) -> Answer:
    """Ask another machine and give its answer, whatever its status.

    The host, also of every redirect (at most 5), must be named under ``reach.hosts`` in the
    manifest of the plugin that calls, or by its owner in the setting that a ``{name}`` there
    names; ``caller`` names the plugin where another module calls for it.
    ``data`` is a form or bytes; ``size`` bounds the body in bytes, ``seconds`` the whole time.
    No cookie is kept, and no proxy of the environment is used.
    Call it from a job, not while a reader waits.
    Raise an error of ``Failed``: ``HostNotDeclared``, ``AddressRefused``, ``BadAddress``,
    ``TooLarge``, ``TooSlow``, ``TooManyRedirects``, ``NotReached`` or ``BadAnswer``.
    """
    plugin = caller or owner_of(sys._getframe(1).f_globals.get("__name__", ""))  # noqa: SLF001
    declared = _declared(plugin)
    request = _request(url, method, headers or {}, data, json, size, seconds)
    for _ in range(REDIRECTS + 1):
        received = _send(request, plugin, declared)
        target = _leads_to(received, request)
        if target is None:
            return Answer(received.status, request.destination.url, received.headers, received.body)
        request = _followed(request, received.status, target)
    raise TooManyRedirects(f"{url} leads on more than {REDIRECTS} times")


def _declared(plugin: str) -> Sequence[str]:
    found = generation().plugin(plugin)
    if found is None:
        who = "the core" if plugin == "core" else repr(plugin)
        raise HostNotDeclared(f"{who} is no plugin that is on: only those ask other machines")
    named = found.manifest.reach.get("hosts", [])
    return [host for one in named for host in _chosen(plugin, one)]


def _chosen(plugin: str, host: str) -> Sequence[str]:
    """Give a host of a manifest, or those that the owner wrote in the setting that it names."""
    if not host.startswith("{"):
        return [host]
    return str(getattr(generation().settings[plugin], host.strip("{}"), "")).split()


def _request(
    url: str,
    method: str,
    headers: Mapping[str, str],
    data: Mapping[str, str] | bytes | None,
    json: Any,
    size: int,
    seconds: float,
) -> Request:
    from blog.wire import Request  # noqa: PLC0415 - a start that asks nobody does not pay for it

    if method not in METHODS:
        raise ValueError(f"{method!r} is no method: one of {', '.join(METHODS)}")
    kind, body = _body(data, json)
    own = {"Accept": "*/*", **({"Content-Type": kind} if kind else {})}
    for name, value in headers.items():
        if name.lower() in OURS:
            raise ValueError(f"the header {name} is not a plugin's to send")
        if not (name + value).isascii() or any(one in name + value for one in "\r\n\0"):
            raise ValueError(f"the header {name!r} holds what no header can hold")
        own = {key: kept for key, kept in own.items() if key.lower() != name.lower()}
        own[name] = value
    own |= {"User-Agent": _name(), "Accept-Encoding": "gzip"}
    deadline = monotonic() + seconds
    return Request(method, parse(url), own, body, size, deadline, min(CONNECT_SECONDS, seconds))


def _body(data: Mapping[str, str] | bytes | None, json: Any) -> tuple[str, bytes]:
    if json is not None:
        return "application/json", encoding.dumps(json).encode()
    if isinstance(data, Mapping):
        return "application/x-www-form-urlencoded", urlencode(data).encode()
    return "", data or b""


def _send(request: Request, plugin: str, declared: Sequence[str]) -> Received:
    where = request.destination
    if not is_declared(where.host, declared):
        raise HostNotDeclared(
            f"{plugin} asks {where.host}, which its manifest does not name: "
            f'add it to reach.hosts = ["{where.host}"]'
        )
    way = network.current()
    addresses = resolve(where, way.look_up, way.allows, request.deadline - monotonic())
    return way.send(request, addresses)


def _leads_to(received: Received, request: Request) -> Destination | None:
    if received.status not in (301, 302, 303, 307, 308) or "location" not in received.headers:
        return None
    here = request.destination
    # Browsers send what is no ASCII in a redirect as UTF-8, and so do servers.
    place = received.headers["location"].encode("latin-1").decode("utf-8", "replace")
    try:
        joined = urljoin(here.url, place).partition("#")[0]
    except ValueError as error:  # a bracket that is left open
        raise BadAddress(f"{here.host} leads to {place!r}, which is no address") from error
    target = parse(joined)
    if here.scheme == "https" and target.scheme == "http":
        raise AddressRefused(f"{here.host} leads from https to http")
    return target


def _followed(request: Request, status: int, target: Destination) -> Request:
    """Ask where an answer leads; what is meant for one host is not told to another."""
    method, body, headers = request.method, request.body, dict(request.headers)
    if status == 303 or (status in (301, 302) and method == "POST"):
        method, body = method if method == "HEAD" else "GET", b""
        headers.pop("Content-Type", None)
    if not _is_same(request.destination, target):
        if body:
            raise AddressRefused(f"{request.destination.host} leads what was sent on to another")
        known = HARMLESS | {"user-agent", "accept-encoding"}
        headers = {name: value for name, value in headers.items() if name.lower() in known}
    return replace(request, method=method, destination=target, headers=headers, body=body)


def _is_same(here: Destination, there: Destination) -> bool:
    """Tell whether two addresses are one server's; from http to https it stays the same."""
    if here.host != there.host:
        return False
    return here.port == there.port or (here.port, there.port) == (80, 443)


def _name() -> str:
    site = config().site_url
    return f"Palabre/{metadata.version('palabre')}" + (f" (+{site})" if site else "")
