"""Generations: a change is seen by every process at once, and a request keeps the one it began."""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import event, update
from werkzeug.test import EnvironBuilder

from blog import folder, session
from blog.db import sqlite_url, writing
from blog.models import SiteState, StoredSettings
from blog.platform import states
from blog.platform.report import errors
from blog.templating import MemoryBytecode
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single

SHOW = """
from markupsafe import Markup
@hookimpl
def slot_footer(post):
    return Markup("<p>{0}</p>")
"""
STREAM = """
from blog import Post, generation, session, settings
from flask import Blueprint, Response
from sqlalchemy import func, select

bp = Blueprint("stream", __name__)

@bp.get("/stream")
def stream():
    def pieces():
        for _ in range(3):
            count = session.scalar(select(func.count()).select_from(Post))
            yield f"{generation().number} {settings['core'].title} {count}\\n"
    return Response(pieces(), mimetype="text/plain")

@hookimpl
def routes():
    return bp
"""


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


@pytest.fixture
def other(bare: SiteUnderTest) -> Iterable[SiteUnderTest]:
    """Serve the same instance once more, as another worker does."""
    worker = SiteUnderTest(bare.instance, bare.environ)
    worker.get("/")
    yield worker
    worker.close()


def begin(site: SiteUnderTest, path: str) -> Iterable[bytes]:
    """Begin a request and give its answer, of which nothing was read yet."""
    return site.wsgi(EnvironBuilder(path).get_environ(), lambda *_: None)


def test_another_worker_sees_each_change_with_its_next_request(
    bare: SiteUnderTest, other: SiteUnderTest
) -> None:
    put(bare, "links", SHOW.format("links are here"))
    assert "links are here" in other.get("/").text
    bare.set("core", title="Ailleurs")
    assert "Ailleurs" in other.get("/").text
    bare.disable("links")
    assert "links are here" not in other.get("/").text


def test_a_change_by_another_process_is_seen(bare: SiteUnderTest) -> None:
    bare.get("/")
    single(bare.instance / "plugins", "links", SHOW.format("links are here"))
    program = "import sys; from blog.cli import main; main(sys.argv[1:])"
    command = ["--instance", str(bare.instance), "plugins", "enable", "links"]
    subprocess.run([sys.executable, "-c", program, *command], env=dict(bare.environ), check=True)

    assert "links are here" in bare.get("/").text


def test_a_request_without_a_change_keeps_the_application(bare: SiteUnderTest) -> None:
    bare.get("/")
    with bare.wsgi.database_only():
        before = bare.wsgi.served().app
        assert bare.wsgi.served().app is before


def test_an_answer_that_streams_keeps_generation_settings_and_session_to_its_last_byte(
    bare: SiteUnderTest,
) -> None:
    put(bare, "stream", STREAM, reach={"routes": ["/stream"]})
    bare.set("core", title="Avant")
    answer = iter(begin(bare, "/stream"))
    first = next(answer)
    bare.set("core", title="Apres")
    bare.disable("stream")
    assert bare.get("/stream").status_code == 404

    rest = list(answer)

    assert len(rest) == 2
    assert {first, *rest} == {first}
    assert b"Avant" in first


def test_two_streams_side_by_side_do_not_mix(bare: SiteUnderTest) -> None:
    put(bare, "stream", STREAM, reach={"routes": ["/stream"]})
    bare.set("core", title="Un")
    one = iter(begin(bare, "/stream"))
    next(one)
    bare.set("core", title="Deux")
    two = iter(begin(bare, "/stream"))
    shown = [next(two), next(one), next(two), next(one)]

    assert [b"Deux" in one for one in shown] == [True, False, True, False]


def test_a_stream_that_nobody_reads_gives_its_connection_back(bare: SiteUnderTest) -> None:
    put(bare, "stream", STREAM, reach={"routes": ["/stream"]})
    for _ in range(30):
        answer = begin(bare, "/stream")
        next(iter(answer))
        answer.close()  # type: ignore[attr-defined]

    assert bare.wsgi.database.reader.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_next_generation_that_cannot_be_built_leaves_the_one_before(
    bare: SiteUnderTest, other: SiteUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    put(bare, "links", SHOW.format("links are here"))
    other.get("/")
    with bare.wsgi.database_only(), writing() as write:
        write.merge(StoredSettings(owner="core", data=5))
        states.bump(write)
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            assert "links are here" in other.get("/").text
    assert sum("cannot be built" in one.message for one in caplog.records) == 1
    with bare.wsgi.database_only():
        states.current_number()
        other.wsgi.report.flush()
        names = {(one.plugin, one.hook) for one in errors(session)}
    assert ("core", "generation") in names


def test_the_next_change_is_tried_at_once_after_a_broken_generation(
    bare: SiteUnderTest, other: SiteUnderTest
) -> None:
    for data in (5, {"title": "Mieux"}):
        with bare.wsgi.database_only(), writing() as write:
            write.merge(StoredSettings(owner="core", data=data))
            states.bump(write)
        other.get("/")

    assert "Mieux" in other.get("/").text


def test_an_older_number_is_another_generation_too(bare: SiteUnderTest) -> None:
    bare.set("core", title="Avant")
    assert "Avant" in bare.get("/").text
    with bare.wsgi.database_only(), writing() as write:
        write.merge(StoredSettings(owner="core", data={"title": "Sauvegarde"}))
        write.execute(update(SiteState).values(generation=1))

    assert "Sauvegarde" in bare.get("/").text


def test_two_sites_in_one_process_share_nothing(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    first = make_site([])
    put(first, "links", SHOW.format("first"))
    environ = {"BLOG_DATABASE_URL": sqlite_url(tmp_path / "second.sqlite")}
    folder.create(tmp_path / "second", settings={"title": "Second"}, environ=environ)
    second = SiteUnderTest(tmp_path / "second", environ)
    put(second, "links", SHOW.format("second"))

    assert "<p>first</p>" in first.get("/").text
    shown = second.get("/").text
    assert "<p>second</p>" in shown
    assert "<p>first</p>" not in shown
    second.close()


def test_many_threads_and_many_changes_never_fail_an_answer(bare: SiteUnderTest) -> None:
    put(bare, "links", SHOW.format("links"))
    stopped, statuses = threading.Event(), []

    def read() -> None:
        while not stopped.is_set():
            body = b"".join(begin(bare, "/"))
            statuses.append(body.rstrip().endswith(b"</html>"))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for one in readers:
        one.start()
    for turn in range(8):
        bare.disable("links") if turn % 2 else bare.enable("links")
    stopped.set()
    for one in readers:
        one.join()

    assert len(statuses) > 8
    assert all(statuses)


def test_a_settings_change_alone_keeps_compiled_templates(bare: SiteUnderTest) -> None:
    bare.get("/")
    compiled = bare.wsgi._bytecode
    assert isinstance(compiled, MemoryBytecode)
    kept = dict(compiled._kept)
    bare.set("core", title="Autre")
    bare.get("/")

    assert kept
    assert compiled._kept == kept


def test_a_change_between_two_reads_is_in_a_generation_whole_or_not_at_all(
    bare: SiteUnderTest, other: SiteUnderTest
) -> None:
    put(bare, "links", SHOW.format("links are here"))
    changed: list[int] = []

    def change_twice() -> None:
        bare.disable("links")
        bare.set("core", title="Later")

    @event.listens_for(other.wsgi.database.reader, "after_cursor_execute")
    def change(_c: object, _k: object, statement: str, *_: object) -> None:
        if "FROM plugin" in statement and "plugin_error" not in statement and not changed:
            changed.append(1)
            elsewhere = threading.Thread(target=change_twice)
            elsewhere.start()
            elsewhere.join()

    page = other.get("/").text

    assert changed
    assert ("links are here" in page) != ("Later" in page)
    assert "Later" in other.get("/").text
