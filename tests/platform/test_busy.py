"""A busy database: whoever writes is told to come again, and no plugin pays for it."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from blog import writing
from blog.cli import palabre
from blog.db import is_out_of_order
from blog.platform import listing
from blog.testing import SiteUnderTest
from tests.platform.samples import put

Make = Callable[..., SiteUnderTest]
WRITE = "UPDATE site_state SET safe = safe"
PAGES = """
from flask import Blueprint
from sqlalchemy import text
from blog import csrf_exempt, writing
bp = Blueprint("links", __name__)

@bp.post("/links/")
@csrf_exempt
def write():
    with writing() as session:
        session.execute(text("WRITE"))
    return "written"

@bp.get("/links/fail")
def fail():
    return 1 / 0

@hookimpl
def routes():
    return bp
""".replace("WRITE", WRITE)


def state(site: SiteUnderTest, name: str) -> str:
    with site.wsgi.database_only():
        return next(one.state for one in listing.plugins(site.instance) if one.name == name)


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    """Give a site that switches off at three failures, with a plugin that has pages."""
    made = make_site(["accounts"], plugin_failures=3)
    put(made, "links", PAGES, reach={"routes": ["/links/"]})
    return made


def run(statement: str, connection: Any, _record: object) -> None:
    connection.cursor().execute(statement)
    connection.commit()


@pytest.fixture
def busy(site: SiteUnderTest) -> Iterator[SiteUnderTest]:
    """Give it while somebody else keeps what every write needs, and nobody waits for long."""
    database = site.wsgi.database
    database.dispose()
    hurry = "PRAGMA busy_timeout=20" if database.is_sqlite else "SET lock_timeout = 20"
    event.listen(database.writer, "connect", partial(run, hurry))
    other = create_engine(database.url)
    with other.connect() as holder:
        if database.is_sqlite:
            holder.connection.cursor().execute("BEGIN IMMEDIATE")
        else:
            holder.execute(text("LOCK TABLE site_state IN EXCLUSIVE MODE"))
        yield site
    other.dispose()


def test_a_write_that_waits_too_long_is_asked_to_come_again(busy: SiteUnderTest) -> None:
    answer = busy.post("/links/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_a_lock_is_an_error_of_the_database_like_any_other(busy: SiteUnderTest) -> None:
    with (
        busy.wsgi.database_only(),
        pytest.raises(OperationalError, match="lock") as met,
        writing() as write,
    ):
        write.execute(text(WRITE))

    assert is_out_of_order(met.value)
    raw = sqlite3.OperationalError("database is locked")
    raw.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert is_out_of_order(raw)


def test_a_page_that_meets_a_busy_database_is_nobodys_failure(busy: SiteUnderTest) -> None:
    for _ in range(4):
        busy.post("/links/")

    assert busy.wsgi.report._failing == {}
    assert busy.wsgi.report._waiting == {}


def test_a_page_that_fails_is_recorded_and_switches_nothing_off(site: SiteUnderTest) -> None:
    for _ in range(5):
        assert site.get("/links/fail").status_code == 500
    site.wsgi.housekeep()

    assert state(site, "links") == "on"
    assert [(one.hook, one.count) for one in site.errors()] == [("route links.fail", 5)]


def test_a_command_says_in_one_line_that_the_database_is_busy(
    busy: SiteUnderTest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("blog.db.BUSY_SECONDS", 0.05)
    monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=50")
    address = busy.wsgi.database.url.render_as_string(hide_password=False)
    (busy.instance / "config.toml").write_text(f"database_url = {address!r}\n")
    with pytest.raises(SystemExit) as ended:
        palabre.main(["--instance", str(busy.instance), "plugins", "order", "--reset"], "palabre")

    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("palabre: the database did not answer")


@pytest.mark.parametrize("engine", ["reader", "writer"])
def test_an_error_of_the_database_does_not_show_what_was_sent(
    site: SiteUnderTest, engine: str
) -> None:
    with (
        getattr(site.wsgi.database, engine).connect() as connection,
        pytest.raises(DBAPIError) as met,
    ):
        connection.execute(text("SELECT :key FROM nowhere"), {"key": "hush"})

    assert "hush" not in str(met.value)
