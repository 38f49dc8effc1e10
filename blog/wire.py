"""Send one request over a connection to an address that was checked, within a time."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import Any

import httpcore2
from httpcore2 import NetworkBackend, NetworkStream

from blog.destinations import BadAnswer, Destination, Failed, NotReached, TooLarge, TooSlow

PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Request:
    """Hold what is sent: method, destination, headers, body, and the limits."""

    method: str
    destination: Destination
    headers: Mapping[str, str]
    body: bytes
    limit: int
    deadline: float
    connect_seconds: float


@dataclass(frozen=True, slots=True)
class Received:
    """Hold what came back: status, headers by their small names, and the unpacked body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(request: Request, addresses: Sequence[str]) -> Received:
    """Send a request to one of these addresses and no other; nothing of it is kept open."""
    where = request.destination
    headers = [("Host", where.netloc), *request.headers.items()]
    backend = _Pinned(where.host, addresses, request.deadline, request.connect_seconds)
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), _left(request.deadline))
    try:
        with (
            httpcore2.ConnectionPool(
                ssl_context=_trust() if where.scheme == "https" else None,
                network_backend=backend,
                max_keepalive_connections=0,
            ) as pool,
            pool.stream(
                request.method,
                where.url,
                headers=[(name.encode(), value.encode()) for name, value in headers],
                content=request.body or None,
                extensions={"timeout": timeouts},
            ) as response,
        ):
            found = _headers(response.headers)
            body = b"" if request.method == "HEAD" else _body(response, found, request.limit)
            return Received(response.status, found, body)
    except httpcore2.TimeoutException as error:
        raise TooSlow(f"{where.host} took too long") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        if isinstance(error, Failed):
            raise
        raise NotReached(f"{where.host}: {str(error) or type(error).__name__}") from error


class _Pinned(NetworkBackend):
    """Connect to addresses that were checked, whatever the name leads to by now."""

    def __init__(
        self, host: str, addresses: Sequence[str], deadline: float, connect_seconds: float
    ) -> None:
        self._host = host
        self._addresses = addresses
        self._deadline = deadline
        self._seconds = connect_seconds
        self._system = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """Try the addresses in turn."""
        if host.strip("[]") != self._host:
            raise NotReached(f"{host} was not checked")
        last: Exception = httpcore2.ConnectError("no address")
        for address in self._addresses:
            seconds = min(self._seconds, _left(self._deadline, timeout))
            try:
                stream = self._system.connect_tcp(
                    address, port, seconds, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
            else:
                return _Timed(stream, self._deadline)
        raise last


class _Timed(NetworkStream):
    """End a connection at its deadline, however often a little of the answer comes."""

    def __init__(self, stream: NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> NetworkStream:
        left = _left(self._deadline, timeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Timed(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@cache
def _trust() -> ssl.SSLContext:
    return httpcore2.default_ssl_context()


def _left(deadline: float, timeout: float | None = None) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TooSlow("the whole time allowed is over")
    return left if timeout is None else min(left, timeout)


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _body(response: httpcore2.Response, headers: Mapping[str, str], limit: int) -> bytes:
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge(f"announces {announced} bytes; {limit} are allowed")
    body, sent = bytearray(), 0
    for piece in _unpacked(_counted(response.iter_stream(), limit), headers):
        sent += len(piece)
        if sent > limit:
            raise TooLarge(f"is longer than {limit} bytes")
        body += piece
    return bytes(body)


def _counted(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    received = 0
    for piece in pieces:
        received += len(piece)
        if received > limit:
            raise TooLarge(f"is longer than {limit} bytes")
        yield piece


def _unpacked(pieces: Iterable[bytes], headers: Mapping[str, str]) -> Iterator[bytes]:
    """Unpack in small steps, so that a short answer cannot become a very long one at once."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        yield from pieces
        return
    if coding not in ("gzip", "x-gzip"):
        raise BadAnswer(f"comes packed as {coding!r}, which was not asked for")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    begun = False
    try:
        for piece in pieces:
            begun, waiting = True, piece
            while waiting and not unpacker.eof:
                yield unpacker.decompress(waiting, PIECE)
                waiting = unpacker.unconsumed_tail
    except zlib.error as error:
        raise BadAnswer(f"is not packed as it says: {error}") from error
    if begun and not unpacker.eof:
        raise BadAnswer("ends in the middle of what is packed")
