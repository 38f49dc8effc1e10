"""Serving: changed code is taken by other workers, all at once and with no request dropped."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from blog.testing import SiteUnderTest
from tests.platform.samples import single
from tests.served import Process, free_port, get, serving

pytestmark = pytest.mark.slow
BOUND_SECONDS = 8
# How the commands end what they say.
DONE = ("links is on", "its new code is taken")
REACH = {"reach": {"routes": ["/before", "/after"]}}
# What an import does to the process: a listener on every statement, and a thread that never ends.
LASTING = """
import os, threading, time
from flask import Blueprint
from markupsafe import Markup
from sqlalchemy import event
from sqlalchemy.engine import Engine

MARK = "{0}"
BEATS = os.environ.get("BEATS", os.devnull)

@event.listens_for(Engine, "before_cursor_execute")
def heard(*_):
    with open(BEATS, "a") as file:
        file.write(MARK + "-listener\\n")

def beat():
    while True:
        with open(BEATS, "a") as file:
            file.write(MARK + "-thread\\n")
        time.sleep(0.2)

threading.Thread(target=beat).start()
bp = Blueprint("links", __name__)

@bp.get("/{0}")
def own():
    return f"{{MARK}} {{os.getpid()}}"

@hookimpl
def routes():
    return bp

@hookimpl
def slot_footer(post):
    return Markup(f"<p>{{MARK}}</p>")
"""


@pytest.fixture(params=[1, 2], ids=["one worker", "two workers"])
def server(
    request: pytest.FixtureRequest, make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> Iterator[tuple[Process, SiteUnderTest]]:
    """Serve a site with a plugin whose import leaves traces in its process."""
    site = make_site([])
    os.environ["BEATS"] = str(tmp_path / "here")
    environ = {**site.environ, "BEATS": str(tmp_path / "beats")}
    single(site.instance / "plugins", "links", LASTING.format("before"), **REACH)
    palabre(tmp_path, site, environ, "enable", "links")
    port = free_port()
    words = ["--workers", str(request.param), "--port", str(port)]
    process = Process(
        tmp_path, port, "--instance", str(site.instance), "serve", *words, environ=environ
    )
    with serving(process):
        yield process, site


def palabre(folder: Path, site: SiteUnderTest, environ: dict[str, str], *words: str) -> str:
    """Run a command about plugins in a process of its own; give what it said."""
    process = Process(
        folder, 0, "--instance", str(site.instance), "plugins", *words, environ=environ
    )
    # The thread of the plugin keeps the command from ending by itself.
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.process.poll() is None:
        if any(words in process.log.read_text() for words in DONE):
            break
        time.sleep(0.05)
    process.kill()
    return process.log.read_text()


def read(port: int, stopped: Event, answers: list[tuple[float, int, str]]) -> None:
    """Ask for the first page until told to stop; keep when it came, and what."""
    while not stopped.is_set():
        status, page = get(port, "/")
        answers.append((time.monotonic(), status, page))


def heard_after(beats: Path, port: int) -> set[str]:
    """Give what the imports of plugins left behind in processes that still live."""
    beats.write_text("")
    get(port, "/")
    time.sleep(1)
    return set(beats.read_text().split())


def test_an_edit_reaches_readers_only_when_its_owner_says_so(
    server: tuple[Process, SiteUnderTest], tmp_path: Path
) -> None:
    process, site = server
    environ = {**site.environ, "BEATS": str(tmp_path / "command")}
    single(site.instance / "plugins", "links", LASTING.format("after"), **REACH)
    site.set("core", title="Another")
    assert "<p>before</p>" in get(process.port, "/")[1]
    stopped, answers = Event(), list[tuple[float, int, str]]()

    readers = [Thread(target=read, args=(process.port, stopped, answers)) for _ in range(2)]
    for one in readers:
        one.start()
    said = palabre(tmp_path, site, environ, "reload", "links")
    asked = time.monotonic()
    assert "its new code is taken" in said
    time.sleep(BOUND_SECONDS + 2)
    stopped.set()
    for one in readers:
        one.join()

    assert {status for _, status, _ in answers} == {200}
    late = [page for when, _, page in answers if when > asked + BOUND_SECONDS]
    assert late
    assert all("<p>after</p>" in page for page in late)
    assert all(("<p>before</p>" in page) != ("<p>after</p>" in page) for _, _, page in answers)
    assert get(process.port, "/before")[0] == 404
    assert get(process.port, "/after")[0] == 200
    heard = heard_after(tmp_path / "beats", process.port)
    assert heard == {"after-listener", "after-thread"}
