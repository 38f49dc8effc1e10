"""Read an address that a plugin asks for, and say whether it may be connected to."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import quote, urlsplit

Address = IPv4Address | IPv6Address
PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# A host whose last label looks like one of these is read as an IPv4 address by many libraries.
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
SAFE = "/%:@!$&'()*+,;=~-._"
PRIVATE = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    "168.63.129.16/32",  # public by its number; inside one cloud it answers for the machine
    # Of IPv6 only 2000::/3 is in public use. Inside it are tunnels that carry an IPv4 address,
    # and what is kept for documentation and benchmarks.
    *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
]
NETWORKS: Sequence[IPv4Network | IPv6Network] = [ip_network(one) for one in PRIVATE]
PUBLIC_IPV6 = IPv6Network("2000::/3")
# A network of IPv6 alone reaches the others through these; the last 32 bits are the address.
TRANSLATED = IPv6Network("64:ff9b::/96")


class Failed(Exception):
    """A request to elsewhere was refused or came to nothing: the base of the errors below."""


class BadAddress(Failed, ValueError):
    """An address is none that can be asked for."""


class HostNotDeclared(Failed, PermissionError):
    """A plugin asks a host that its manifest does not name."""


class AddressRefused(Failed, PermissionError):
    """A host is on this machine or in a private network, or a redirect must not be followed."""


class NotReached(Failed, ConnectionError):
    """A host does not exist, does not answer, or breaks the protocol."""


class TooSlow(Failed, TimeoutError):
    """A host took longer than the whole time allowed."""


class TooLarge(Failed, ValueError):
    """An answer is longer than allowed, as it was sent or once it is unpacked."""


class BadAnswer(Failed, ValueError):
    """An answer cannot be understood."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Hold an address that can be asked for, in its one plain form."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        """Give host and port as the header Host has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Give the whole address."""
        return f"{self.scheme}://{self.netloc}{self.target}"


def parse(url: str) -> Destination:
    """Read an address; raise ``BadAddress`` for whatever two programs could read differently."""
    if re.search(r"[\x00-\x20\x7f\\\ud800-\udfff]", url):
        raise BadAddress(f"{url!r} holds a space, a backslash or what is no character")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress(f"{url!r}: {error}") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise BadAddress(f"{url!r} does not begin with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise BadAddress("an address must hold no name or password: send a header")
    if port == 0:
        raise BadAddress(f"{url!r} asks for port 0")
    target = quote(parts.path or "/", safe=SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=f"{SAFE}?")
    host = plain_host(parts.hostname)
    return Destination(parts.scheme, host, PORTS[parts.scheme] if port is None else port, target)


def plain_host(host: str) -> str:
    """Give a host in small ASCII letters, or an address of numbers in its one plain form."""
    if ":" in host:
        try:
            return str(IPv6Address(host)) if "%" not in host else _refuse(host)
        except ValueError:
            _refuse(host)
    host = _ascii(host.removesuffix(".")).lower()
    labels = host.split(".")
    if NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            _refuse(host)
    if len(host) > 253 or not all(LABEL.fullmatch(one) for one in labels):
        _refuse(host)
    return host


def is_declared(host: str, declared: Collection[str]) -> bool:
    """Tell whether a list of hosts names one: itself, ``*.`` and its parent, or ``*`` for any."""
    for pattern in declared:
        try:
            if pattern == "*" or (
                host.endswith(f".{plain_host(pattern[2:])}")
                if pattern.startswith("*.")
                else host == plain_host(pattern)
            ):
                return True
        except BadAddress:
            continue
    return False


def is_public(address: Address) -> bool:
    """Tell whether an address is in the public internet, and does not wrap one that is not."""
    if isinstance(address, IPv6Address):
        if address in TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        # An interface identifier of this form carries an IPv4 address through a tunnel (ISATAP).
        if address not in PUBLIC_IPV6 or (int(address) >> 32 & 0xFDFFFFFF) == 0x5EFE:
            return False
    return not any(address in network for network in NETWORKS)


def look_up(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def resolve(
    destination: Destination,
    ask: Callable[[str, int], Sequence[str]],
    allows: Callable[[Address], bool],
    seconds: float,
) -> list[str]:
    """Give the addresses of a host, all of them allowed; raise ``AddressRefused`` else."""
    try:
        found: Sequence[str] = [str(ip_address(destination.host))]
    except ValueError:
        found = _in_time(lambda: ask(destination.host, destination.port), seconds)
    for one in found:
        if "%" in one or not allows(ip_address(one)):
            raise AddressRefused(f"{destination.host} leads to {one}, which is not public")
    if not found:
        raise NotReached(f"{destination.host} has no address")
    return list(found)


def _in_time(ask: Callable[[], Sequence[str]], seconds: float) -> Sequence[str]:
    """Wait a bounded time for the system's resolver, which knows no limit of its own."""
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def run() -> None:
        try:
            answers.put(ask())
        except Exception as error:
            answers.put(error)

    Thread(target=run, name="look up a host", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0.001))
    except Empty:
        raise TooSlow("the name of the host was not found in time") from None
    if isinstance(answer, Exception):
        raise NotReached(f"the host was not found: {answer}") from answer
    return answer


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    import idna  # noqa: PLC0415 - few hosts need it, and it is large

    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise BadAddress(f"{host!r} is no name of a host: {error}") from None


def _refuse(host: str) -> str:
    raise BadAddress(f"{host!r} is no name or plain address of a host")
