"""Send answers: who asked, what may be kept, how small, how safe."""

from __future__ import annotations

import gzip
import hmac
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha1, sha256
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface

from blog import remembering, stillness
from blog.platform.context import config, generation

MOST = 1_100_000
SMALLEST = 600
TEXTS = ("text/", "application/json", "application/atom+xml", "application/javascript", "image/svg")
POLICY = (
    "default-src 'self'; img-src 'self' https: http: data:; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'self'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class WrongHost(ValueError):
    """A request named another host than the site's."""


class Sessions(SecureCookieSessionInterface):
    """Keep the session's cookie off plain connections wherever it was made on a safe one."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the cookie may travel on https alone."""
        return request.is_secure or super().get_cookie_secure(app)


def set_up(app: Flask) -> None:
    """Take requests for this site alone, and finish every answer of an application."""
    app.config["MAX_CONTENT_LENGTH"] = MOST
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST
    app.session_interface = Sessions()
    app.before_request(check_host)
    app.before_request(begin_to_post)
    app.teardown_request(end_to_post)
    app.after_request(finish)


def check_host() -> None:
    """Raise ``WrongHost`` where ``site_url`` is set and the request is for another host.

    The port does not matter.
    While developing, and where ``site_url`` is this machine's own address, all of its names and
    addresses are one.
    """
    wanted = _host(config().site_url)
    asked = _host(f"//{request.host}")
    if not wanted or asked == wanted:
        return
    if is_loopback(asked) and (current_app.debug or is_loopback(wanted)):
        return
    raise WrongHost(f"this site is at {config().site_url}, not at {asked}")


def begin_to_post() -> None:
    """Raise ``HeldStill`` where something is sent to a site that is being replaced."""
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        g.posting = stillness.enter(generation().instance)


def end_to_post(_error: BaseException | None) -> None:
    """Let a site be replaced once what was sent is answered."""
    if "posting" in g:
        stillness.leave(g.pop("posting"))


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether a host can be reached from its own machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def finish(response: Response) -> Response:
    """Say what may be kept, answer 304 to a revisit, compress, and add the safety headers."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        _say_who_may_keep(response)
    if response.is_streamed or response.direct_passthrough:
        return response
    if response.status_code == 200 and request.method in ("GET", "HEAD"):
        _condition(response)
    _compress(response)
    return response


def network_of(address: str) -> str:
    """Give the network prefix of an address: /24 of IPv4, /48 of IPv6."""
    found = _parsed(address)
    if found is None:
        return ""
    return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def sender_of(address: str) -> str:
    """Give a keyed hash of the network of an address, which is all that is ever kept of it."""
    secret = str(current_app.secret_key).encode()
    prefix = network_of(address)
    return hmac.new(secret, f"sender {prefix}".encode(), sha256).hexdigest()[:32]


def believe_proxies(environ: dict[str, Any], trusted: Iterable[IPv4Network | IPv6Network]) -> None:
    """Take address, scheme and host from the headers of a proxy, if it is trusted.

    The client is the last address in ``X-Forwarded-For`` that no trusted proxy has.
    """
    networks = tuple(trusted)
    if not networks or not _is_in(environ.get("REMOTE_ADDR", ""), networks):
        return
    hops = [one.strip() for one in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    for hop in reversed([one for one in hops if one]):
        environ["REMOTE_ADDR"] = hop
        if not _is_in(hop, networks):
            break
    scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").split(",")[-1].strip()
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    host = environ.get("HTTP_X_FORWARDED_HOST", "").split(",")[-1].strip()
    if host:
        environ["HTTP_HOST"] = host


def is_private() -> bool:
    """Tell whether this answer is for the one who asked alone."""
    return bool(session) or remembering.is_known() or "key" in request.args


@lru_cache(maxsize=256)
def _host(url: str) -> str:
    """Give the host of an address as the wire has it; nothing when there is none."""
    try:
        name = urlsplit(url).hostname or ""
        return name.encode("idna").decode() if not name.isascii() else name.rstrip(".")
    except ValueError:
        return ""


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """Read an address; one of IPv4 that came over IPv6 is what it was."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_in(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    found = _parsed(address)
    if found is None:
        return False
    return any(found.version == one.version and found in one for one in networks)


def _pack(data: bytes) -> bytes:
    return gzip.compress(data, 5, mtime=0)


_pack_once = lru_cache(maxsize=64)(_pack)  # style and script, which stay the same


def _say_who_may_keep(response: Response) -> None:
    if is_private() or request.method not in ("GET", "HEAD"):
        response.headers["Cache-Control"] = "private, no-store"
    else:
        response.headers["Cache-Control"] = "public, no-cache"
    response.vary.update(("Accept-Encoding", "Cookie"))


def _condition(response: Response) -> None:
    if not response.headers.get("ETag"):
        response.set_etag(sha1(response.get_data(), usedforsecurity=False).hexdigest(), weak=True)
    response.make_conditional(request.environ)


def _compress(response: Response) -> None:
    if not (response.mimetype or "").startswith(TEXTS):
        return
    response.vary.add("Accept-Encoding")
    wanted = "gzip" in request.headers.get("Accept-Encoding", "")
    if not wanted or response.status_code == 304 or "Content-Encoding" in response.headers:
        return
    data = response.get_data()
    if len(data) >= SMALLEST and request.accept_encodings.quality("gzip") > 0:
        pack = _pack_once if "immutable" in response.headers["Cache-Control"] else _pack
        response.set_data(pack(data))
        response.headers["Content-Encoding"] = "gzip"
