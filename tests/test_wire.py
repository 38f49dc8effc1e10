"""Bad input over a real wire: whatever a client sends, the server answers and stays."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes, urlencode

import pytest

from blog.rows import PostRow
from blog.testing import SiteUnderTest, hidden_fields
from tests.served import HOST, Process, free_port, get, serving

pytestmark = pytest.mark.slow
HEAD = b"Host: 127.0.0.1\r\nConnection: close\r\n"
FORM = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\n"
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
ODD = (
    b"GET /\x00 HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET /\xff\xfe/ HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET /%zz%/ HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/9.9\r\n" + HEAD + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    b"GET http://elsewhere.example/ HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"Cookie: " + b"a=b; " * 1500 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"X-Long: " + b"a" * 20_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"Range: bytes=9-1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HEAD + b"X-Forwarded-For: \xff, '\r\nForwarded: for=[\r\n\r\n",
    b"FROB / HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n",
    b"POST /comments/1 HTTP/1.1\r\n" + FORM + b"Content-Length: x\r\n\r\n",
    b"POST /comments/1 HTTP/1.1\r\n" + FORM + b"Content-Length: -1\r\n\r\n",
    b"POST /comments/1 HTTP/1.1\r\n" + FORM + b"\r\n",
    b"POST /comments/1 HTTP/1.1\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /comments/1 HTTP/1.1\r\n"
    + FORM
    + b"Transfer-Encoding: chunked\r\n\r\n5\r\na=%ff\r\n0\r\n\r\n",
)


@pytest.fixture
def server(site: SiteUnderTest, post: PostRow, tmp_path: Path) -> Iterator[Process]:
    """Serve a site with a post as in production."""
    port = free_port()
    words = ("--instance", str(site.instance), "serve", "--workers", "1", "--port", str(port))
    with serving(Process(tmp_path, port, *words, environ=site.environ)) as process:
        yield process


def send(server: Process, sent: bytes) -> tuple[int, bytes]:
    """Send bytes as they are; answer the status and all that came, 0 for a closed door."""
    with socket.create_connection((HOST, server.port), timeout=20) as wire:
        came = b""
        try:
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
            while part := wire.recv(65_536):
                came += part
        except ConnectionError:
            pass
    found = STATUS.match(came)
    return (int(found[1]) if found else 0), came


def comment(server: Process, post: PostRow, body: bytes) -> tuple[int, bytes]:
    """Send a comment form as it stands."""
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()
    return send(server, f"POST /comments/{post.id} HTTP/1.1\r\n".encode() + FORM + length + body)


def form(server: Process, post: PostRow) -> bytes:
    """Write the hidden fields of the post's form."""
    return urlencode(hidden_fields(get(server.port, post.path)[1])).encode()


def test_no_bytes_are_a_5xx(server: Process) -> None:
    answers = {sent[:60]: send(server, sent)[0] for sent in ODD}

    assert {sent: status for sent, status in answers.items() if status >= 500} == {}
    assert get(server.port, "/")[0] == 200


def test_odd_text_is_taken_from_the_wire(server: Process, post: PostRow) -> None:
    hidden = form(server, post)
    texts = (b"\xff\xfe", b"a\x00b", b"\xed\xa0\x80 c", "\u202ed".encode(), "🌳".encode() * 65_525)

    answers = [
        comment(server, post, hidden + b"&comment=" + quote_from_bytes(text).encode())[0]
        for text in texts
    ]

    assert answers == [303] * len(texts)


def test_raw_bytes_in_a_form_are_no_5xx(server: Process, post: PostRow) -> None:
    hidden = form(server, post)

    for raw in (b"\xff\xfe\xfa", b"\x00", b"\xed\xa0\x80", b"%", b"&&&=", b"=;="):
        assert comment(server, post, hidden + b"&author=" + raw + b"&comment=" + raw)[0] < 500


def test_a_body_over_the_limit_is_answered_413(server: Process, post: PostRow) -> None:
    status, page = comment(server, post, b"comment=" + b"x" * 1_200_000)

    assert status == 413
    assert b"Too large" in page


def test_a_form_that_is_cut_is_no_5xx(server: Process, post: PostRow) -> None:
    line = f"POST /comments/{post.id} HTTP/1.1\r\n".encode()

    status, _page = send(server, line + FORM + b"Content-Length: 5000\r\n\r\ncomment=Bon")

    assert status < 500
    assert get(server.port, post.path)[0] == 200
