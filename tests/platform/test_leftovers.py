"""Leftovers: a server that imported what is not on is replaced, for imports cannot be undone."""

from collections.abc import Callable
from time import monotonic

import pytest

from blog import session
from blog.models import SiteState
from blog.platform import lifecycle
from blog.testing import SiteUnderTest, hidden_fields
from tests.platform.samples import single
from tests.test_trial import FOOTER, send

BUTTONS = """
from blog import control, upkeep
from flask import Blueprint
bp = Blueprint("buttons", __name__)

@bp.get("/token")
def token():
    from flask_wtf.csrf import generate_csrf
    return generate_csrf()

@bp.post("/buttons/<word>/<name>")
def press(word, name):
    presses = {"try": control.try_first, "enable": control.enable, "reload": upkeep.reload}
    try:
        presses[word](name)
    except control.Refused as error:
        return str(error), 409
    return "ok"

@hookimpl
def routes():
    return bp
"""
# Its address is a post's already, which only its import shows.
TAKEN = """
from flask import Blueprint
bp = Blueprint("links", __name__)
bp.add_url_rule("".join(["/ta", "ken"]), "page", lambda: "mine")

@hookimpl
def routes():
    return bp
"""
REACH = {"reach": {"routes": ["/taken"]}}


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with accounts, a post at /taken/ and a plugin that stands for the admin."""
    site = make_site(["accounts"])
    routes = ["/token", "/buttons/<word>/<name>"]
    single(site.instance / "plugins", "buttons", BUTTONS, reach={"routes": routes})
    site.enable("buttons")
    site.set("core", permalink="/{slug}/")
    site.write_post("Taken", slug="taken")
    return site


def reloads(site: SiteUnderTest) -> int:
    """Read how often workers were to be replaced."""
    with site.wsgi.database_only():
        return session.get_one(SiteState, 1).reloads


@pytest.mark.slow
@pytest.mark.parametrize("word", ["enable", "try", "reload"])
def test_a_server_that_imported_what_it_refused_is_replaced(
    site: SiteUnderTest, owner: SiteUnderTest, word: str
) -> None:
    asked: list[int] = []
    site.wsgi.begin(asked.append)
    if word == "reload":
        single(site.instance / "plugins", "links", FOOTER)
        site.enable("links")
    site.get("/")
    before = reloads(site)
    single(site.instance / "plugins", "links", TAKEN, **REACH)
    status, said = send(owner, f"/buttons/{word}/links")
    site.get("/")

    assert (status, "which is the address of the post" in said) == (409, True)
    assert reloads(site) == before + 1
    assert asked[-1] == before + 1


def test_what_is_refused_before_its_import_replaces_nobody(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    before = reloads(site)
    single(site.instance / "plugins", "links", "def (")

    assert send(owner, "/buttons/enable/links")[0] == 409
    assert reloads(site) == before


@pytest.fixture
def trying(owner: SiteUnderTest) -> SiteUnderTest:
    """Give the site in the browser of an owner who tries a plugin."""
    single(owner.instance / "plugins", "links", FOOTER)
    with owner.wsgi.database_only():
        lifecycle.prepare_trial(owner.instance, "links", probing=False)
    assert send(owner, "/buttons/try/links") == (200, "ok")
    assert "a proverb" in owner.get("/").text
    return owner


def test_the_end_of_a_trial_replaces_who_imported_what_was_tried(trying: SiteUnderTest) -> None:
    before = reloads(trying)
    trying.post("/trial/end", hidden_fields(trying.get("/").text))

    assert reloads(trying) == before + 1


def test_what_is_on_after_a_trial_replaces_nobody(trying: SiteUnderTest) -> None:
    before = reloads(trying)
    trying.post("/trial/enable", hidden_fields(trying.get("/").text))

    assert "a proverb" in trying.another().get("/").text
    assert reloads(trying) == before


def test_nobody_else_ends_a_trial(site: SiteUnderTest, trying: SiteUnderTest) -> None:
    before = reloads(site)
    send(site, "/trial/end")

    assert reloads(site) == before


def test_a_trial_that_nobody_ended_replaces_workers_after_an_hour(
    trying: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reloads(trying)
    later = monotonic() + 3700
    monkeypatch.setattr("blog.site.monotonic", lambda: later)
    trying.wsgi._forget_trials()

    assert reloads(trying) == before + 1
