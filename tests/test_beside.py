"""Beside a change: what is under way ends as it began, in streams, jobs and commands."""

import http.client
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from blog import jobs
from blog.db import writing
from blog.platform import reloading
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single
from tests.served import HOST, Process, free_port, get, serving

LONG = """
import time
from pathlib import Path
import click
from blog import console, generation, settings
from flask import Blueprint, Response

WORD = "{word}"
bp = Blueprint("links", __name__)

def pieces():
    for _ in range(15):
        yield f"{{WORD}} {{settings['core'].title}} {{generation().number}}\\n"
        time.sleep(0.2)

@bp.get("/long")
def long():
    return Response(pieces(), mimetype="text/plain")

@hookimpl
def routes():
    return bp

def work(payload):
    with Path(payload["file"]).open("w") as file:
        for one in pieces():
            file.write(one)
            file.flush()

@hookimpl
def jobs():
    return {{"work": work}}

@click.command()
@console.with_site
def long_command():
    for one in pieces():
        click.echo(one, nl=False)

@hookimpl
def commands():
    return {{"long": long_command}}
"""
REACH = {"routes": ["/long"], "jobs": ["work"]}


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with a plugin that takes its time."""
    site = make_site([], title="Before")
    put(site, "links", LONG.format(word="old"), reach=REACH)
    return site


def change_all(site: SiteUnderTest) -> None:
    """Change a setting, then the code."""
    site.set("core", title="After")
    single(site.instance / "plugins", "links", LONG.format(word="new"), reach=REACH)
    with site.wsgi.database_only():
        reloading.reload(site.wsgi.database, site.instance, "links")


def wait_for(file: Path) -> None:
    """Wait until something was written."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (file.exists() and file.read_text()):
        time.sleep(0.02)


def wait_for_lines(file: Path) -> None:
    """Wait until all was written."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and file.read_text().count("\n") < 15:
        time.sleep(0.05)


@pytest.mark.slow
def test_a_job_ends_in_the_generation_in_which_it_began(
    site: SiteUnderTest, tmp_path: Path
) -> None:
    file = tmp_path / "done"
    with site.wsgi.database_only(), writing() as write:
        jobs.add(write, "links", "work", {"file": str(file)})
    working = Thread(target=site.wsgi.work)
    working.start()
    wait_for(file)
    change_all(site)
    working.join()
    lines = file.read_text().splitlines()

    assert len(lines) == 15
    assert len(set(lines)) == 1
    assert lines[0].startswith("old Before")


@pytest.mark.slow
def test_a_command_ends_in_the_generation_in_which_it_began(
    site: SiteUnderTest, tmp_path: Path
) -> None:
    words = ("--instance", str(site.instance), "long")
    command = Process(tmp_path, 0, *words, environ=site.environ)
    wait_for(command.out)
    change_all(site)
    assert command.process.wait(timeout=30) == 0
    lines = command.out.read_text().splitlines()

    assert len(lines) == 15
    assert len(set(lines)) == 1
    assert lines[0].startswith("old Before")


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 3])
def test_a_stream_ends_as_it_began_though_its_worker_is_replaced(
    site: SiteUnderTest, tmp_path: Path, workers: int
) -> None:
    port = free_port()
    words = ("--instance", str(site.instance), "serve", "--port", str(port))
    process = Process(tmp_path, port, *words, "--workers", str(workers), environ=site.environ)
    with serving(process):
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        connection.request("GET", "/long")
        answer = connection.getresponse()
        first = answer.readline()
        change_all(site)
        rest = answer.read().splitlines(keepends=True)
        time.sleep(5)
        later = get(port, "/long")[1]

    assert len(rest) == 14
    assert {first, *rest} == {first}
    assert first.startswith(b"old Before")
    assert later.startswith("new After")


@pytest.mark.slow
def test_a_process_that_does_jobs_begins_anew_with_changed_code(
    site: SiteUnderTest, tmp_path: Path
) -> None:
    words = ("--instance", str(site.instance), "work")
    process = Process(tmp_path, 0, *words, environ=site.environ)
    try:
        for name in ("first", "second"):
            with site.wsgi.database_only(), writing() as write:
                jobs.add(write, "links", "work", {"file": str(tmp_path / name)})
            wait_for(tmp_path / name)
            change_all(site)
            wait_for_lines(tmp_path / name)
        assert process.process.poll() is None
    finally:
        process.kill()

    assert (tmp_path / "first").read_text().startswith("old Before")
    assert (tmp_path / "second").read_text().startswith("new After")
