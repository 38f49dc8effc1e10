"""Safe: without any plugin of third parties, and what never imports one."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blog import control, identity
from blog.db import writing
from blog.platform import listing, states
from blog.platform.discovery import Place
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single, turn_on
from tests.platform.test_code import SHOW
from tests.served import Process, free_port, get, serving
from tests.shell import shell

TRACE = """
open("{trace}", "a").write("imported\\n")
"""


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with a bundled plugin and one of its own."""
    site = make_site(["share"])
    put(site, "links", SHOW.format("links are here"))
    return site


def set_safe(site: SiteUnderTest, safe: bool) -> None:
    """Press the button."""
    with site.wsgi.database_only(), writing() as write:
        states.set_safe(write, safe)


def test_the_button_leaves_out_what_is_not_bundled_in_every_process(site: SiteUnderTest) -> None:
    other = SiteUnderTest(site.instance, site.environ)
    assert "links are here" in other.get("/").text
    set_safe(site, True)
    with other.context() as current:
        places = {one.name: one.found.place for one in current.plugins}

    assert "share" in places
    assert {*places.values()} == {Place.BUNDLED}
    assert "links are here" not in other.get("/").text
    set_safe(site, False)
    assert "links are here" in other.get("/").text


def test_the_list_says_what_is_off_while_safe(site: SiteUnderTest) -> None:
    set_safe(site, True)
    site.get("/")
    site.work()
    with site.wsgi.database_only():
        reasons = {one.name: one.reason for one in listing.plugins(site.instance)}

    assert reasons["links"] == "off while only what is bundled with Palabre runs"
    assert reasons["share"] == ""


def test_what_was_left_out_is_well_again_afterwards(site: SiteUnderTest) -> None:
    for safe in (True, False):
        set_safe(site, safe)
        site.get("/")
        site.work()

    assert site.errors() == []


def test_listing_disabling_and_removing_import_no_plugin(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site([])
    trace = tmp_path / "trace"
    single(site.instance / "plugins", "links", TRACE.format(trace=trace))
    turn_on(site, "links")
    start = ("--instance", str(site.instance), "plugins")
    for key, value in site.environ.items():
        monkeypatch.setenv(key, value)
    for words in (["list"], ["disable", "links"], ["uninstall", "links", "--yes"]):
        said = shell(tmp_path, *start, *words)
        assert said.code == 0, said.err

    assert not trace.exists()


@pytest.mark.slow
def test_serve_safe_imports_nothing_that_is_not_bundled(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    site = make_site(["share"])
    trace = tmp_path / "trace"
    single(site.instance / "plugins", "links", TRACE.format(trace=trace))
    turn_on(site, "links")
    port = free_port()
    words = ("--instance", str(site.instance), "serve", "--safe", "--port", str(port))
    with serving(Process(tmp_path, port, *words, environ=site.environ)) as process:
        assert get(port, "/")[0] == 200
        process.signal(signal.SIGHUP)
        time.sleep(3)
        assert get(port, "/")[0] == 200

    assert not trace.exists()


@pytest.mark.slow
def test_run_safe_imports_nothing_that_is_not_bundled(tmp_path: Path) -> None:
    port = free_port()
    trace = tmp_path / "trace"
    instance = tmp_path / "instance"
    assert shell(tmp_path, "init").code == 0
    single(instance / "plugins", "links", TRACE.format(trace=trace))
    assert shell(tmp_path, "plugins", "enable", "links").code == 0
    trace.unlink()
    words = ("run", "--safe", "--port", str(port))
    with serving(Process(tmp_path, port, *words, environ={})):
        assert get(port, "/")[0] == 200

    assert not trace.exists()


def test_only_who_manages_the_site_may_press_the_button(site: SiteUnderTest) -> None:
    with site.context():
        identity.set_current(None)
        with pytest.raises(identity.NotAllowed):
            control.set_safe(True)
