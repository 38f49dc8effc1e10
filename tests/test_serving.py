"""Serving: a stop and a reload drop no request, and trying it out asks nothing."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blog.platform import costs
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single
from tests.served import Process, free_port, get, serving

pytestmark = pytest.mark.slow
SLOW = """
from time import sleep
from flask import Blueprint
bp = Blueprint("slowly", __name__)

@bp.get("/slowly")
def slowly():
    sleep(1.5)
    return "done"

@hookimpl
def routes():
    return bp

@hookimpl
def slot_footer():
    return None
"""
# The first worker is told to end at its birth, before it has set itself up.
ENDED_AT_BIRTH = """
import os, signal, sys
from blog import server
from blog.cli import main

class Server(server.Server):
    def __init__(self, site, options):
        super().__init__(site, {**options, "post_fork": end_first})

def end_first(_, worker):
    if worker.age == 1:
        os.kill(os.getpid(), signal.SIGTERM)

server.Server = Server
main(sys.argv[1:])
"""
FOOTER = """
from markupsafe import Markup
@hookimpl
def slot_footer():
    return Markup("<p>{0}</p>")
"""


@pytest.fixture
def server(make_site: Callable[..., SiteUnderTest], tmp_path: Path) -> Iterator[Process]:
    """Serve a site with two workers and an address that takes its time."""
    site = make_site(["threads"])
    put(site, "slowly", SLOW, reach={"routes": ["/slowly"]})
    port = free_port()
    words = ("--instance", str(site.instance), "serve", "--workers", "2", "--port", str(port))
    with serving(Process(tmp_path, port, *words, environ=site.environ)) as process:
        yield process


def ask(port: int, path: str, answers: list[object]) -> None:
    """Ask for a page and keep what came of it."""
    try:
        answers.append(get(port, path))
    except OSError as error:
        answers.append(error)


def test_the_first_address_that_is_printed_is_the_blogs(server: Process) -> None:
    found = re.search(r"http://\S+", server.out.read_text())

    assert found is not None
    assert found[0] == f"http://127.0.0.1:{server.port}/"


def test_each_request_is_a_line_with_method_path_status_time_and_id(server: Process) -> None:
    get(server.port, "/feed/?token=secret")
    get(server.port, "/setup/very-secret-token")
    deadline = time.monotonic() + 5
    while "/setup/" not in server.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    log = server.log.read_text()

    line = r'request=[0-9a-f]{12} method=GET path="/feed/" status=404 ms=\d+\n'
    assert re.search(line, log)
    assert "secret" not in log


def test_sigterm_lets_requests_under_way_end(server: Process) -> None:
    answers: list[object] = []
    asking = [
        threading.Thread(target=ask, args=(server.port, "/slowly", answers)) for _ in range(4)
    ]
    for one in asking:
        one.start()
    time.sleep(0.7)
    server.signal(signal.SIGTERM)
    for one in asking:
        one.join()

    assert answers == [(200, "done")] * 4
    assert server.process.wait(timeout=30) == 0


def test_a_worker_that_is_told_to_end_at_its_birth_ends(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    site, port = make_site([]), free_port()
    words = ("--instance", str(site.instance), "serve", "--workers", "1", "--port", str(port))
    process = Process(tmp_path, port, *words, environ=site.environ, program=ENDED_AT_BIRTH)
    with serving(process):
        deadline = time.monotonic() + 20
        while process.log.read_text().count("Booting worker") < 2 and time.monotonic() < deadline:
            time.sleep(0.1)

        assert process.log.read_text().count("Booting worker") == 2


def test_what_was_counted_last_is_kept_at_the_end(
    server: Process, make_site: Callable[..., SiteUnderTest]
) -> None:
    for _ in range(10):
        get(server.port, "/")
    server.signal(signal.SIGTERM)
    server.process.wait(timeout=30)

    site = make_site(["threads"])
    with site.wsgi.database_only():
        calls = {(one.plugin, one.hook): one.calls for one in costs.over(1)}
    assert calls["slowly", "slot_footer"] >= 10


def test_sighup_under_load_drops_no_request(server: Process) -> None:
    answers: list[object] = []
    stopped = threading.Event()

    def read() -> None:
        while not stopped.is_set():
            ask(server.port, "/", answers)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for one in readers:
        one.start()
    for _ in range(2):
        time.sleep(1)
        server.signal(signal.SIGHUP)
    time.sleep(4)
    stopped.set()
    for one in readers:
        one.join()

    assert len(answers) > 20
    assert [one for one in answers if not (isinstance(one, tuple) and one[0] == 200)] == []


def test_run_in_a_new_folder_makes_the_site_unasked_and_stops_by_its_pid(tmp_path: Path) -> None:
    port = free_port()
    with serving(Process(tmp_path, port, "run", "--port", str(port), environ={})) as process:
        said = process.out.read_text()
        assert re.search(r"http://\S+", said)[0] == f"http://127.0.0.1:{port}/"  # type: ignore[index]
        status, page = get(port, "/")
        assert status == 200
        assert page.count("<article") == 1
        process.signal(signal.SIGTERM)
        process.process.wait(timeout=15)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                get(port, "/")
            except ConnectionRefusedError:
                break
            time.sleep(0.1)
        with pytest.raises(ConnectionRefusedError):
            get(port, "/")


def test_run_takes_changed_files_at_once(tmp_path: Path) -> None:
    port = free_port()
    with serving(Process(tmp_path, port, "run", "--port", str(port), environ={})) as process:
        plugins = tmp_path / "instance" / "plugins"
        single(plugins, "links", FOOTER.format("first"))
        enable = Process(tmp_path, port, "plugins", "enable", "links", environ={})
        assert enable.process.wait(timeout=30) == 0, enable.log.read_text()
        assert "<p>first</p>" in get(port, "/")[1]
        single(plugins, "links", FOOTER.format("second thoughts"))
        assert "<p>second thoughts</p>" in get(port, "/")[1]
        single(plugins, "links", "@hookimpl\ndef slot_foter():\n    return 1")
        assert "did you mean &#39;slot_footer&#39;" in get(port, "/")[1]
        assert process.process.poll() is None


def test_a_port_that_is_taken_ends_serve_with_an_error(server: Process, tmp_path: Path) -> None:
    words = ("--instance", str(tmp_path / "instance"), "serve", "--port", str(server.port))
    second = Process(tmp_path, server.port, *words, environ=dict(os.environ))

    assert second.process.wait(timeout=30) == 1
    assert second.out.read_text() == ""
    assert f"palabre: cannot listen at 127.0.0.1, port {server.port}" in second.log.read_text()


def test_a_port_that_is_taken_ends_run_before_it_says_anything(
    server: Process, tmp_path: Path
) -> None:
    second = Process(tmp_path, server.port, "run", "--port", str(server.port), environ={})

    assert second.process.wait(timeout=30) == 1
    assert second.out.read_text() == ""
    assert f"palabre: port {server.port} is taken" in second.log.read_text()
