"""Half a request keeps no reader from an answer: it is waited for without a thread."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from blog.testing import SiteUnderTest
from tests.served import HOST, Process, free_port, get, serving

pytestmark = pytest.mark.slow
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def server(make_site: Callable[..., SiteUnderTest], tmp_path: Path) -> Iterator[Process]:
    """Serve a site with as few as two workers of four threads."""
    site = make_site([])
    port = free_port()
    words = ("--instance", str(site.instance), "serve", "--workers", "2", "--port", str(port))
    with serving(Process(tmp_path, port, *words, environ=site.environ)) as process:
        yield process


def opened(stack: ExitStack, port: int, *pieces: bytes) -> socket.socket:
    """Open a connection and send pieces of a request."""
    connection = stack.enter_context(socket.create_connection((HOST, port), timeout=20))
    for piece in pieces:
        connection.sendall(piece)
        time.sleep(0.02)
    return connection


def read(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found


@pytest.mark.parametrize(
    "begun",
    [
        HEAD,
        b"",
        b"POST /comments/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\nauthor=",
    ],
    ids=["half a head", "nothing", "half a form"],
)
def test_twenty_half_requests_keep_no_reader_from_an_answer(server: Process, begun: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            opened(stack, server.port, begun)
        started = time.monotonic()
        statuses = {get(server.port, "/")[0] for _ in range(5)}

        assert statuses == {200}
        assert time.monotonic() - started < 3


LARGE = (
    b"POST /trial/end HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
BODIES = {
    "a large body": b"Content-Length: 70000\r\n\r\n",
    "a body without a length": b"Transfer-Encoding: chunked\r\n\r\n9999\r\n",
    "a body that waits for a word of ours": b"Expect: 100-continue\r\nContent-Length: 900\r\n\r\n",
    "a length of ten digits": b"Content-Length: 9999999999\r\n\r\n",
}


@pytest.mark.parametrize("begun", BODIES.values(), ids=BODIES)
def test_bodies_that_drip_keep_no_reader_from_an_answer(server: Process, begun: bytes) -> None:
    with ExitStack() as stack:
        connections = [opened(stack, server.port, LARGE + begun) for _ in range(20)]
        ended = threading.Event()
        stack.callback(ended.set)
        threading.Thread(target=drip, args=(connections, ended), daemon=True).start()
        started = time.monotonic()
        statuses = {get(server.port, "/")[0] for _ in range(5)}

        assert statuses == {200}
        assert time.monotonic() - started < 3


def test_a_large_body_that_only_drips_is_cut_off(server: Process) -> None:
    with ExitStack() as stack:
        connection = opened(stack, server.port, LARGE + BODIES["a large body"])
        ended = threading.Event()
        stack.callback(ended.set)
        threading.Thread(target=drip, args=([connection], ended), daemon=True).start()
        started = time.monotonic()
        read(connection)

        assert 8 < time.monotonic() - started < 18


def test_a_large_body_over_a_slow_line_is_read_to_its_end(server: Process) -> None:
    with ExitStack() as stack:
        whole = b"x" * 110_000
        length = b"Content-Length: %d\r\n\r\n" % len(whole)
        connection = opened(stack, server.port, LARGE + length)
        for at in range(0, len(whole), 8_000):
            time.sleep(1)
            connection.sendall(whole[at : at + 8_000])

        assert read(connection).startswith(b"HTTP/1.1 4")


def test_answers_whose_connections_stay_open_keep_no_reader_waiting(server: Process) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            opened(stack, server.port, HEAD + b"Connection: close\r\n\r\n")
        started = time.monotonic()

        assert get(server.port, "/")[0] == 200
        assert time.monotonic() - started < 3


def drip(connections: list[socket.socket], ended: threading.Event) -> None:
    """Send a byte to each connection twice a second, until the other side has enough."""
    while not ended.wait(0.5):
        for connection in connections:
            with suppress(OSError):
                connection.sendall(b"a")


def test_half_requests_on_connections_that_were_kept_open_block_nobody(server: Process) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            connection = opened(stack, server.port, HEAD + b"\r\n")
            connection.recv(65536)
            connection.sendall(HEAD)
        started = time.monotonic()

        assert get(server.port, "/")[0] == 200
        assert time.monotonic() - started < 3


def test_a_head_that_comes_in_pieces_is_answered(server: Process) -> None:
    with ExitStack() as stack:
        whole = HEAD + b"Connection: close\r\n\r\n"
        connection = opened(stack, server.port, *(whole[at : at + 9] for at in range(0, 99, 9)))

        assert read(connection).startswith(b"HTTP/1.1 200")


def test_two_requests_at_once_are_both_answered(server: Process) -> None:
    with ExitStack() as stack:
        first, last = HEAD + b"\r\n", HEAD + b"Connection: close\r\n\r\n"
        connection = opened(stack, server.port, first + last)

        assert read(connection).count(b"HTTP/1.1 200") == 2


def test_who_sends_too_slowly_is_cut_off(server: Process) -> None:
    with ExitStack() as stack:
        connection = opened(stack, server.port, HEAD)
        started = time.monotonic()

        assert read(connection) == b""
        assert 8 < time.monotonic() - started < 16


def test_a_body_that_waits_for_a_word_of_ours_gets_it(server: Process) -> None:
    with ExitStack() as stack:
        head = b"POST /nowhere/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        connection = opened(stack, server.port, head + b"Content-Length: 3\r\n\r\n")

        assert connection.recv(100).startswith(b"HTTP/1.1 ")
