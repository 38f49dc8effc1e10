"""Imports that do not end: the plugin is left out, and the site goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from werkzeug.test import TestResponse

from blog.platform import modules
from blog.testing import SiteUnderTest
from tests.platform.samples import single, turn_on
from tests.platform.test_interrupts import in_thread

Make = Callable[..., SiteUnderTest]
LOOP = """
from pathlib import Path
from time import sleep
from markupsafe import Markup
while Path({!r}).exists():
    sleep(0.02)

@hookimpl
def slot_footer():
    return Markup("links are here")
"""


@pytest.fixture
def bare(make_site: Make, monkeypatch: pytest.MonkeyPatch) -> SiteUnderTest:
    """Give a site without plugins, which waits for imports for a moment only."""
    monkeypatch.setattr("blog.platform.modules.LIMIT_SECONDS", 0.4)
    return make_site([])


@pytest.fixture
def flag(bare: SiteUnderTest) -> Iterator[Path]:
    """Turn on a plugin whose import does not end while this file is there."""
    path = bare.instance / "flag"
    path.touch()
    single(bare.instance / "plugins", "links", LOOP.format(str(path)))
    bare.get("/")
    turn_on(bare, "links")
    yield path
    path.unlink(missing_ok=True)


def get(site: SiteUnderTest) -> TestResponse:
    page: TestResponse = in_thread(lambda: site.get("/"))
    return page


def failure(site: SiteUnderTest) -> str:
    return {one.plugin: one.message for one in site.errors()}.get("links", "")


def test_an_import_that_does_not_end_costs_its_plugin_alone(
    bare: SiteUnderTest, flag: Path
) -> None:
    fresh = SiteUnderTest(bare.instance, bare.environ)

    assert flag.exists()
    assert get(fresh).status_code == 200
    assert failure(fresh).startswith("its import did not end within 0 s")
    fresh.close()


def test_nobody_waits_for_it_again(bare: SiteUnderTest, flag: Path) -> None:
    get(bare)
    bare.set("core", title="Ailleurs")
    began = monotonic()

    assert flag.exists()
    assert "Ailleurs" in get(bare).text
    assert monotonic() - began < 0.35


def test_a_plugin_whose_import_ended_after_all_is_loaded_when_something_changes(
    bare: SiteUnderTest, flag: Path
) -> None:
    assert "links are here" not in get(bare).text
    flag.unlink()
    for thread in modules._endless.values():
        thread.join(5)
    bare.set("core", title="Ailleurs")

    assert "links are here" in get(bare).text


def test_requests_wait_for_one_building_together(
    bare: SiteUnderTest, flag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.platform.modules.LIMIT_SECONDS", 30.0)
    monkeypatch.setattr("blog.site.WAIT_SECONDS", 1.0)
    builder = Thread(target=lambda: bare.get("/"))
    builder.start()
    while not bare.wsgi._building.locked():
        sleep(0.01)
    assert flag.exists()
    assert get(bare.another()).status_code == 200
    began = monotonic()
    assert get(bare.another()).status_code == 200

    assert builder.is_alive()
    assert monotonic() - began < 0.9
    flag.unlink()
    builder.join()


def test_a_first_page_that_takes_too_long_is_refused_for_now(
    bare: SiteUnderTest, flag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.platform.modules.LIMIT_SECONDS", 1.5)
    monkeypatch.setattr("blog.site.START_SECONDS", 0.3)
    fresh = SiteUnderTest(bare.instance, bare.environ)
    builder = Thread(target=lambda: fresh.get("/"))
    builder.start()
    while not fresh.wsgi._building.locked():
        sleep(0.01)

    assert flag.exists()
    assert get(fresh.another()).status_code == 503
    builder.join()
    assert get(fresh).status_code == 200
    fresh.close()
