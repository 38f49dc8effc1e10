"""What would end a program ends no server when a plugin raises it; a Ctrl-C still does."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from blog import session
from blog.models import Job, PluginError
from blog.platform import interrupts
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single, turn_on

Make = Callable[..., SiteUnderTest]
ENDINGS = ["SystemExit(3)", "KeyboardInterrupt", "GeneratorExit"]
SETTINGS = """
from pathlib import Path
from blog import SettingsForm
from wtforms import StringField

def end():
    if Path({flag!r}).exists():
        raise {error}
    return "x"

class Settings(SettingsForm):
    word = StringField("Word", default={default})

    @staticmethod
    def validate_word(form, field):
        end()
"""
PAGES = """
from flask import Blueprint, Response
bp = Blueprint("links", __name__)

@hookimpl
def routes():
    return bp

@bp.get("/links/")
def index():
    raise {0}

@bp.get("/links/stream")
def stream():
    def pieces():
        yield b"begun"
        raise {0}
    return Response(pieces())
"""
NIGHT = """
from blog import Nightly

def work(payload):
    raise {0}

@hookimpl
def jobs():
    return {{"go": Nightly(work)}}
"""


@pytest.fixture
def bare(make_site: Make) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


def in_thread(call: Callable[[], Any]) -> Any:
    """Call as a server does, whose main thread answers nobody; raise what comes out."""
    came: list[tuple[Any, BaseException | None]] = []

    def run() -> None:
        try:
            came.append((call(), None))
        except BaseException as error:
            came.append((None, error))

    thread = Thread(target=run)
    thread.start()
    thread.join(20)
    answer, error = came[0]
    if error is not None:
        raise error
    return answer


def get(site: SiteUnderTest, path: str = "/") -> TestResponse:
    page: TestResponse = in_thread(lambda: site.get(path))
    return page


def failures(site: SiteUnderTest) -> dict[tuple[str, str], str]:
    return {(one.plugin, one.hook): one.message for one in site.errors()}


@pytest.mark.parametrize("error", ENDINGS)
@pytest.mark.parametrize("default", ["end", "''"], ids=["default", "validator"])
def test_settings_that_end_the_program_leave_their_plugin_out(
    bare: SiteUnderTest, error: str, default: str
) -> None:
    flag = bare.instance / "flag"
    code = SETTINGS.format(flag=str(flag), error=error, default=default)
    put(bare, "links", code)
    bare.set("links", word="typed")
    flag.touch()
    another = SiteUnderTest(bare.instance, bare.environ)

    assert get(another).status_code == 200
    assert get(bare).status_code == 200
    with another.context() as current:
        assert "its settings cannot be read" in current.failures["links"]
    another.close()


@pytest.mark.parametrize("error", ENDINGS)
def test_a_slot_that_ends_the_program_is_counted(bare: SiteUnderTest, error: str) -> None:
    put(bare, "links", f"@hookimpl\ndef slot_footer():\n    raise {error}")

    assert get(bare).status_code == 200
    assert ("links", "slot_footer") in failures(bare)


@pytest.mark.parametrize("error", ENDINGS)
def test_a_page_that_ends_the_program_is_an_error_page(bare: SiteUnderTest, error: str) -> None:
    put(bare, "links", PAGES.format(error), reach={"routes": ["/links/"]})

    assert get(bare, "/links/").status_code == 500
    assert ("links", "route links.index") in failures(bare)


@pytest.mark.parametrize("error", ENDINGS)
def test_an_answer_that_ends_the_program_half_way_is_a_plain_error(
    bare: SiteUnderTest, error: str
) -> None:
    put(bare, "links", PAGES.format(error), reach={"routes": ["/links/"]})

    with pytest.raises(RuntimeError, match="an answer that streams ended with"):
        in_thread(lambda: bare.get("/links/stream").text)


@pytest.mark.parametrize("error", ENDINGS)
def test_modules_that_end_the_program_leave_their_plugins_out(
    bare: SiteUnderTest, error: str
) -> None:
    plugins = bare.instance / "plugins"
    single(plugins, "links", f"@hookimpl\ndef jobs():\n    raise {error}")
    single(plugins, "ties", f"def __getattr__(name):\n    raise {error}")
    single(plugins, "ends", f"raise {error}")
    turn_on(bare, "links", "ties", "ends")

    assert get(bare).status_code == 200
    assert {"ties", "ends"} <= {one for one, _ in failures(bare)}


@pytest.mark.parametrize("error", ENDINGS)
def test_a_nightly_job_that_ends_the_program_is_put_back_and_counted(
    bare: SiteUnderTest, error: str
) -> None:
    put(bare, "links", NIGHT.format(error), reach={"jobs": ["go"]})
    in_thread(bare.spend_night)

    with bare.wsgi.database_only():
        job = session.scalars(select(Job).where(Job.plugin == "links")).one()
        assert (job.done_at, job.attempts) == (None, 1)
    assert ("links", "job go") in failures(bare)


def test_housekeeping_goes_on_after_whatever_is_raised(
    bare: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, rounds = Event(), []

    def end(**_: bool) -> None:
        rounds.append(1)
        if len(rounds) == 2:
            stopped.set()
        raise SystemExit

    monkeypatch.setattr("blog.site.HOUSEKEEPING_SECONDS", 0.01)
    monkeypatch.setattr(bare.wsgi, "housekeep", end)
    in_thread(lambda: bare.wsgi.keep_house(stopped))

    assert len(rounds) == 2


def test_a_template_that_ends_the_program_leaves_its_place(bare: SiteUnderTest) -> None:
    code = PAGES.format("SystemExit") + (
        "\n@bp.app_context_processor\ndef names():\n    return {'end': __import__('sys').exit}\n"
    )
    put(bare, "links", code, reach={"routes": ["/links/"]})
    (bare.instance / "templates" / "list.html").write_text("{{ end() }}", "utf-8")
    bare.disable("links")
    bare.enable("links")

    assert get(bare).status_code == 200


def test_a_ctrl_c_stops_the_program() -> None:
    with pytest.raises(KeyboardInterrupt), interrupts.ignored():
        raise KeyboardInterrupt


def test_a_ctrl_c_in_another_thread_is_none() -> None:
    def interrupt() -> str:
        with interrupts.ignored():
            raise KeyboardInterrupt
        return "went on"

    assert in_thread(interrupt) == "went on"


def test_errors_are_written_to_the_database(bare: SiteUnderTest) -> None:
    put(bare, "links", "@hookimpl\ndef slot_footer():\n    raise KeyboardInterrupt")
    get(bare)
    bare.wsgi.housekeep()

    with bare.wsgi.database_only():
        assert session.scalars(select(PluginError.count)).one() == 1
