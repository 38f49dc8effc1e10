"""Requests to elsewhere: only declared hosts, only public addresses, within bounds."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from blog import network, outgoing
from blog.config import Config, Pinned
from blog.destinations import BadAddress, is_declared, is_public, parse, plain_host
from blog.outgoing import AddressRefused, HostNotDeclared
from blog.platform.context import Generation, using
from blog.platform.discovery import Found, Place
from blog.platform.dispatch import HookTable
from blog.platform.loading import Plugin
from blog.platform.manifest import Manifest
from blog.platform.report import Report
from blog.testing.outgoing import OutgoingStub, loopback_allowed

HOST = "api.example.org"


def plugin(name: str, *hosts: str) -> Plugin:
    manifest = Manifest(name, name, "", "1.0", 1, reach={"hosts": list(hosts)})
    found = Found(name, Place.INSTANCE, Path(name), manifest=manifest)
    return Plugin(found, manifest, SimpleNamespace())  # type: ignore[arg-type]


def on(*plugins: Plugin) -> AbstractContextManager[None]:
    """Make a generation of just these plugins; asking elsewhere needs no database."""
    table = HookTable((), Report())
    return using(Generation(1, Config(), plugins, table, {}, Pinned({}, {}, {})))


class Server(ThreadingHTTPServer):
    """Answer on this machine as each test says."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.stopped = Event()
        self.looked_up: list[str] = []
        self.addresses: list[list[str]] = []

    def url(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.server_port}{path}"

    def look_up(self, host: str, _: int) -> list[str]:
        self.looked_up.append(host)
        return self.addresses.pop(0) if self.addresses else ["127.0.0.1"]


class Handler(BaseHTTPRequestHandler):
    """Answer by path."""

    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Write nothing."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))
        path, _, query = self.path.partition("?")
        getattr(self, path.strip("/").replace("/", "_"))(query)

    do_POST = do_HEAD = do_GET  # noqa: N815

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def hello(self, _: str) -> None:
        self.send(b"Bonjour", Set_Cookie="a=b")

    def missing(self, _: str) -> None:
        self.send(b"{}", 404, Content_Type="application/json")

    def to(self, query: str) -> None:
        self.send(b"", 302, Location=query)

    def keep(self, query: str) -> None:
        self.send(b"", 307, Location=query)

    def round(self, query: str) -> None:
        self.send(b"", 302, Location=f"/round?{query}x")

    def large(self, _: str) -> None:
        self.send(b"x" * 5000)

    def endless(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while not self.server.stopped.is_set():
                self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        except OSError:
            pass
        self.close_connection = True

    def packed(self, _: str) -> None:
        self.send(gzip.compress(b"Bonjour"), Content_Encoding="gzip")

    def bomb(self, _: str) -> None:
        self.send(gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")

    def strange(self, _: str) -> None:
        self.send(b"?", Content_Encoding="br")

    def half(self, _: str) -> None:
        self.send(gzip.compress(b"Bonjour" * 100)[:20], Content_Encoding="gzip")

    def drip(self, _: str) -> None:
        self.dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"x" * 900)

    def dripping(self, answer: bytes) -> None:
        try:
            for letter in answer:
                if self.server.stopped.wait(0.05):
                    break
                self.wfile.write(bytes([letter]))
        except OSError:
            pass
        self.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    """Run a real HTTP server, which the guarded client may reach under any declared name."""
    running = Server()
    Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    with (
        loopback_allowed(running.look_up, "127.0.0.1"),
        on(plugin("links", HOST, "*.example.net", "127.0.0.1")),
    ):
        yield running
    running.stopped.set()
    running.shutdown()
    running.server_close()


def fetch(url: str, method: str = "GET", **options: Any) -> outgoing.Answer:
    return outgoing.fetch(url, method, **{"caller": "links", **options})


def test_a_declared_host_is_asked_and_its_answer_given(server: Server) -> None:
    answer = fetch(server.url("/hello"))

    assert (answer.status, answer.ok, answer.text) == (200, True, "Bonjour")
    assert answer.url == server.url("/hello")
    _, _, headers, _ = server.seen[0]
    assert headers["host"] == f"{HOST}:{server.server_port}"
    assert headers["user-agent"].startswith("Palabre/")


def test_any_status_is_an_answer(server: Server) -> None:
    answer = fetch(server.url("/missing"))

    assert (answer.status, answer.ok, answer.json()) == (404, False, {})


def test_a_host_that_is_not_declared_is_refused_with_the_mend(server: Server) -> None:
    with pytest.raises(HostNotDeclared, match=r'reach\.hosts = \["evil\.example\.com"\]'):
        fetch(server.url("/hello", "evil.example.com"))

    assert server.looked_up == []


def test_a_plugin_that_is_off_and_the_core_ask_nobody(server: Server) -> None:
    for caller in ("spam", "core"):
        with pytest.raises(HostNotDeclared, match="no plugin that is on"):
            fetch(server.url("/hello"), caller=caller)
    with pytest.raises(HostNotDeclared, match="the core"):
        outgoing.fetch(server.url("/hello"))


def test_the_caller_is_found_from_its_module(server: Server) -> None:
    space: dict[str, Any] = {"__name__": "blog_plugins.links.jobs", "outgoing": outgoing}
    exec("def ask(url): return outgoing.fetch(url)", space)

    assert space["ask"](server.url("/hello")).text == "Bonjour"


def test_form_json_and_bytes_are_sent(server: Server) -> None:
    fetch(server.url("/hello"), "POST", data={"a": "é"})
    fetch(server.url("/hello"), "POST", json={"a": 1})
    fetch(server.url("/hello"), "POST", data=b"raw", headers={"content-type": "text/x"})

    kinds = [headers["content-type"] for _, _, headers, _ in server.seen]
    assert kinds == ["application/x-www-form-urlencoded", "application/json", "text/x"]
    assert [body for *_, body in server.seen] == [b"a=%C3%A9", b'{"a": 1}', b"raw"]


def test_head_gives_no_body_and_is_not_too_large(server: Server) -> None:
    assert fetch(server.url("/large"), "HEAD", size=10).body == b""


def test_no_cookie_is_kept(server: Server) -> None:
    fetch(server.url("/hello"))
    fetch(server.url("/hello"))

    assert all("cookie" not in headers for _, _, headers, _ in server.seen)


@pytest.mark.parametrize("name", ["Host", "Cookie", "Content-Length", "Transfer-Encoding"])
def test_headers_that_say_how_a_request_travels_are_refused(server: Server, name: str) -> None:
    with pytest.raises(ValueError, match="not a plugin's"):
        fetch(server.url("/hello"), headers={name: "x"})


def test_a_header_cannot_begin_another(server: Server) -> None:
    with pytest.raises(ValueError, match="no header can hold"):
        fetch(server.url("/hello"), headers={"X-A": "b\r\nHost: evil"})


def test_proxies_of_the_environment_are_not_used(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert fetch(server.url("/hello")).ok


def test_a_redirect_to_a_declared_host_is_followed(server: Server) -> None:
    answer = fetch(server.url("/to?" + server.url("/hello", "www.example.net")))

    assert answer.url == server.url("/hello", "www.example.net")


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("http://evil.example.com/", HostNotDeclared),
        ("http://127.0.0.2/", HostNotDeclared),
        ("//evil.example.com/", HostNotDeclared),
        ("ftp://api.example.org/", BadAddress),
        ("http://[", BadAddress),
        ("http://user:word@api.example.org/", BadAddress),
    ],
)
def test_each_redirect_is_checked_again(server: Server, place: str, error: type) -> None:
    with pytest.raises(error):
        fetch(server.url(f"/to?{place}"))


def test_a_redirect_into_a_private_network_is_refused(server: Server) -> None:
    server.addresses = [["127.0.0.1"], ["10.0.0.7"]]

    with pytest.raises(AddressRefused, match=r"www\.example\.net leads to 10\.0\.0\.7"):
        fetch(server.url("/to?http://www.example.net/"))


def test_redirects_end(server: Server) -> None:
    with pytest.raises(outgoing.TooManyRedirects):
        fetch(server.url("/round?"))

    assert len(server.seen) == 6


def test_credentials_are_not_told_to_another_host(server: Server) -> None:
    secret = {"Authorization": "Bearer x", "X-Api-Key": "y", "Accept": "text/html"}
    fetch(server.url("/to?" + server.url("/hello", "www.example.net")), headers=secret)

    first, second = (headers for _, _, headers, _ in server.seen)
    assert first["x-api-key"] == "y"
    assert {"authorization", "x-api-key"} & second.keys() == set()
    assert second["accept"] == "text/html"


def test_what_was_sent_is_not_led_on_to_another_host(server: Server) -> None:
    place = server.url("/hello", "www.example.net")

    with pytest.raises(AddressRefused, match="sent on"):
        fetch(server.url(f"/keep?{place}"), "POST", data=b"secret")


def test_a_form_that_leads_on_is_asked_for_without_its_content(server: Server) -> None:
    fetch(server.url("/to?/hello"), "POST", data={"a": "b"})

    assert [(method, body) for method, _, _, body in server.seen] == [
        ("POST", b"a=b"),
        ("GET", b""),
    ]


def test_a_name_is_looked_up_once_and_the_checked_address_is_used(server: Server) -> None:
    server.addresses = [["127.0.0.1"], ["127.0.0.2"], ["169.254.169.254"]]

    assert fetch(server.url("/hello")).ok
    assert server.looked_up == [HOST]


def test_a_name_with_one_private_address_among_others_is_refused(server: Server) -> None:
    server.addresses = [["127.0.0.1", "192.168.1.1"]]

    with pytest.raises(AddressRefused):
        fetch(server.url("/hello"))


def test_the_next_checked_address_is_tried_when_one_does_not_answer() -> None:
    running = Server()
    Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    running.addresses = [["127.0.0.3", "127.0.0.1"]]
    with (
        loopback_allowed(running.look_up, "127.0.0.1", "127.0.0.3"),
        on(plugin("links", HOST)),
    ):
        assert fetch(running.url("/hello")).ok
    running.shutdown()
    running.server_close()


def test_this_machine_cannot_be_reached_without_the_help_of_a_test(server: Server) -> None:
    with network.through(network.system()), pytest.raises(AddressRefused):
        fetch(f"http://127.0.0.1:{server.server_port}/hello")


@pytest.mark.slow
def test_neither_environment_nor_settings_open_this_machine(server: Server) -> None:
    code = (
        "from blog.network import system; from ipaddress import ip_address;"
        "print(system().allows(ip_address('127.0.0.1')))"
    )
    environ = {"BLOG_ALLOW_PRIVATE": "1", "BLOG_OUTGOING": "*", "PATH": ""}
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "False"


@pytest.mark.parametrize("path", ["/large", "/endless"])
def test_a_body_is_bounded(server: Server, path: str) -> None:
    with pytest.raises(outgoing.TooLarge):
        fetch(server.url(path), size=4000)


def test_a_packed_body_is_unpacked(server: Server) -> None:
    assert fetch(server.url("/packed")).text == "Bonjour"


def test_a_packed_body_is_bounded_by_what_it_becomes(server: Server) -> None:
    with pytest.raises(outgoing.TooLarge):
        fetch(server.url("/bomb"), size=1_000_000)


@pytest.mark.parametrize("path", ["/strange", "/half"])
def test_a_body_that_is_not_what_it_says_is_refused(server: Server, path: str) -> None:
    with pytest.raises(outgoing.BadAnswer):
        fetch(server.url(path))


def test_the_whole_time_is_bounded_however_often_a_letter_comes(server: Server) -> None:
    started = monotonic()
    with pytest.raises(outgoing.TooSlow):
        fetch(server.url("/drip"), seconds=0.4)

    assert monotonic() - started < 2


def test_a_resolver_that_hangs_ends_with_the_time(server: Server) -> None:
    waiting = Event()

    def hang(*_: object) -> list[str]:
        waiting.wait(5)
        return []

    with loopback_allowed(hang), pytest.raises(outgoing.TooSlow):
        fetch("http://api.example.org/", seconds=0.1)
    waiting.set()


def test_a_host_that_does_not_exist_or_answer_is_not_reached(server: Server) -> None:
    def unknown(*_: object) -> list[str]:
        raise OSError("no such name")

    with loopback_allowed(unknown), pytest.raises(outgoing.NotReached, match="no such name"):
        fetch("http://api.example.org/")
    with pytest.raises(outgoing.NotReached):
        fetch("http://api.example.org:1/")


@pytest.mark.parametrize(
    "error",
    [HostNotDeclared, AddressRefused, BadAddress, outgoing.NotReached, outgoing.TooSlow],
)
def test_every_error_is_one_of_failed(error: type) -> None:
    assert issubclass(error, outgoing.Failed)
    assert issubclass(error, (OSError, ValueError))


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "169.254.169.254"),
        *("172.16.0.1", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
        *("168.63.129.16", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1"),
        *("fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2002:7f00:1::", "2001::1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001:db8::1", "fec0::1"),
        *("2a00::5efe:7f00:1", "2a00::200:5efe:7f00:1"),
    ],
)
def test_what_is_not_public_is_told(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::808:808"]
)
def test_what_is_public_is_told(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://127.1/"),
        *("http://0177.0.0.1/", "http://0x7f.1/", "http://1.2.3.4.5/", "http://127.0.0.1%2f/"),
        *("http://[::1%25lo]/", "http://[::ffff:1.2.3/", "http://a..b/", "http:///x", "http:x"),
        *("file:///etc/passwd", "gopher://a/", "HTTP:/a", "javascript:1", "", "//a/", "a"),
        *("http://a@b/", "http://a:b@c/", "http://@a/", "http://a:0/", "http://a:99999/"),
        *("http://a b/", "http://a\\@b/", "http://a/\r\nHost: b", "http://a\t.b/", "http://-a/"),
        *("http://a_.%61/", "http://" + "a" * 64 + "/", "http://ex*mple.org/", "http://a:x/"),
    ],
)
def test_an_odd_address_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        parse(url)


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org.:443/a?b=c#d", "https://example.org/a?b=c"),
        ("http://bücher.example/é", "http://xn--bcher-kva.example/%C3%A9"),
        ("http://１２７.０.０.１/", "http://127.0.0.1/"),
        ("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080/"),
        ("http://example.org/a%20b?x=%2F", "http://example.org/a%20b?x=%2F"),
    ],
)
def test_an_address_has_one_plain_form(url: str, plain: str) -> None:
    assert parse(url).url == plain


@pytest.mark.parametrize(
    ("host", "declared", "answer"),
    [
        ("example.org", ["example.org"], True),
        ("example.org", ["Example.org."], True),
        ("xn--bcher-kva.example", ["bücher.example"], True),
        ("www.example.org", ["example.org"], False),
        ("www.example.org", ["*.example.org"], True),
        ("a.b.example.org", ["*.example.org"], True),
        ("example.org", ["*.example.org"], False),
        ("badexample.org", ["*.example.org"], False),
        ("example.org.evil.com", ["example.org", "*.example.org"], False),
        ("anything.at.all", ["*"], True),
        ("example.org", [], False),
        ("example.org", ["*.org evil", "**"], False),
    ],
)
def test_a_host_is_declared_by_itself_its_parent_or_a_star(
    host: str, declared: list[str], answer: bool
) -> None:
    assert is_declared(host, declared) is answer


def test_hosts_are_plain() -> None:
    assert plain_host("WWW.Example.ORG.") == "www.example.org"


@pytest.mark.slow
def test_a_start_does_not_load_the_client() -> None:
    code = "import sys, blog, blog.site; print('httpcore2' in sys.modules, 'idna' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.split() == ["False", "False"]


def test_the_stub_answers_and_remembers(outgoing_stub: OutgoingStub) -> None:
    outgoing_stub.answer("https://api.example.org/v1", json={"a": 1})
    outgoing_stub.answer("https://api.example.org/v1", status=201, method="POST")
    with on(plugin("links", HOST)):
        first = fetch("https://api.example.org/v1")
        second = fetch("https://api.example.org/v1", "POST", json=["x"])

    assert (first.json(), second.status) == ({"a": 1}, 201)
    assert outgoing_stub.urls == ["https://api.example.org/v1"] * 2
    assert outgoing_stub.asked[1].json() == ["x"]


def test_the_stub_follows_and_fails_as_told(outgoing_stub: OutgoingStub) -> None:
    outgoing_stub.answer("http://api.example.org/", status=301, headers={"Location": "/b"})
    outgoing_stub.answer("http://api.example.org/b", error=outgoing.TooSlow("late"))
    with on(plugin("links", HOST)), pytest.raises(outgoing.TooSlow):
        fetch("http://api.example.org/")


def test_the_stub_refuses_what_a_site_would(outgoing_stub: OutgoingStub) -> None:
    with on(plugin("links", "*")):
        with pytest.raises(AddressRefused):
            fetch("http://127.0.0.1/")
        with pytest.raises(outgoing.NotReached, match="no answer to GET"):
            fetch("http://nothing.example.org/")
    with on(plugin("links")), pytest.raises(HostNotDeclared):
        fetch("http://api.example.org/")


@pytest.mark.parametrize("name", ["undefined", "idna", "punycode", "unicode_escape", "utf-7"])
def test_an_encoding_that_is_none_of_the_web_is_read_as_utf_8(name: str) -> None:
    odd = outgoing.Answer(200, "", {"content-type": f"text/plain; charset={name}"}, b"\xc3\xa9")

    assert odd.text == "é"


def test_an_address_with_half_a_character_is_none() -> None:
    with pytest.raises(BadAddress):
        parse("http://api.example.org/\ud800")


def test_text_follows_the_header_and_forgives_a_wrong_one() -> None:
    latin = outgoing.Answer(200, "", {"content-type": "text/plain; charset=latin-1"}, b"\xe9")
    wrong = outgoing.Answer(200, "", {"content-type": "text/plain; charset=nope"}, b"\xc3\xa9")

    assert (latin.text, wrong.text) == ("é", "é")
    with pytest.raises(json.JSONDecodeError):
        wrong.json()
