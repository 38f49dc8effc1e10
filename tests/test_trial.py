"""Try it first: the owner alone sees the site with a plugin on, to read."""

import re
import time
from collections.abc import Callable

import pytest

from blog import session
from blog.models import PluginError, PluginState
from blog.platform import lifecycle
from blog.testing import SiteUnderTest, hidden_fields
from tests.platform.samples import single, whole
from tests.platform.test_code import SHOW

BUTTON = """
from blog import control
from flask import Blueprint, request
bp = Blueprint("tester", __name__)

@bp.get("/token")
def token():
    from flask_wtf.csrf import generate_csrf
    return generate_csrf()

@bp.post("/try/<name>")
def start(name):
    try:
        control.try_first(name)
    except control.Refused as error:
        return str(error), 409
    return "ok"

@bp.post("/leave")
def leave():
    control.end_trial()
    return "ok"

@hookimpl
def routes():
    return bp
"""
FOOTER = SHOW.format("a proverb")


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with accounts and a plugin that stands for the admin's button."""
    site = make_site(["accounts"])
    routes = ["/token", "/try/<name>", "/leave"]
    single(site.instance / "plugins", "tester", BUTTON, reach={"routes": routes})
    site.enable("tester")
    return site


def send(person: SiteUnderTest, path: str) -> tuple[int, str]:
    """Press a button."""
    answer = person.post(path, {"csrf_token": person.get("/token").text})
    return answer.status_code, answer.text


def begin(owner: SiteUnderTest, code: str = FOOTER, name: str = "links") -> None:
    """Put a plugin there and try it; its code is known, so that no child has to import it."""
    single(owner.instance / "plugins", name, code)
    with owner.wsgi.database_only():
        lifecycle.prepare_trial(owner.instance, name, probing=False)
    assert send(owner, f"/try/{name}") == (200, "ok")


def test_the_owner_alone_sees_what_is_tried(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    begin(owner)

    assert "<p>a proverb</p>" in owner.get("/").text
    assert "a proverb" not in site.get("/").text
    assert "a proverb" not in site.another().get("/").text


def test_each_page_says_what_is_tried_and_has_a_button_to_end_it(owner: SiteUnderTest) -> None:
    begin(owner)
    page = owner.get("/nowhere/")

    assert page.status_code == 404
    assert "You are trying “Links”" in page.text
    assert 'action="/trial/end"' in page.text


def test_what_is_tried_is_kept_by_nobody(owner: SiteUnderTest) -> None:
    begin(owner)

    assert owner.get("/").headers["Cache-Control"] == "private, no-store"
    style = re.search(r'href="(/assets/core/theme[^"]+)"', owner.get("/").text)
    assert style is not None
    assert owner.get(style[1]).headers["Cache-Control"] == "private, no-store"


def test_nothing_can_be_sent_while_trying(owner: SiteUnderTest) -> None:
    begin(owner)
    before = owner.get("/").text
    answer = owner.post("/leave", hidden_fields(before))

    assert answer.status_code == 409
    assert "End the trial first" in answer.text
    assert 'action="/trial/end"' in answer.text
    assert owner.client.put("/leave").status_code == 409


def test_ending_it_shows_the_site_as_it_is(owner: SiteUnderTest) -> None:
    begin(owner)
    token = hidden_fields(owner.get("/").text)
    answer = owner.post("/trial/end", token)

    assert answer.status_code == 303
    assert "a proverb" not in owner.get("/").text
    assert "palabre_trial" not in str(owner.client.get_cookie("palabre_trial") or "")


def test_it_can_be_turned_on_for_all_from_the_banner(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    begin(owner)
    answer = owner.post("/trial/enable", hidden_fields(owner.get("/").text))

    assert answer.status_code == 303
    assert "<p>a proverb</p>" in site.get("/").text
    assert "You are trying" not in owner.get("/").text


def test_it_ends_with_the_log_in(owner: SiteUnderTest) -> None:
    begin(owner)
    cookie = owner.client.get_cookie("palabre_trial")
    assert cookie is not None
    owner.client.delete_cookie("palabre_session")
    assert "a proverb" not in owner.get("/").text


def test_the_cookie_shows_nothing_to_somebody_else(
    site: SiteUnderTest, owner: SiteUnderTest, moderator: SiteUnderTest
) -> None:
    begin(owner)
    cookie = owner.client.get_cookie("palabre_trial")
    assert cookie is not None
    for other in (site.another(), moderator):
        other.client.set_cookie("palabre_trial", cookie.value)
        assert "a proverb" not in other.get("/").text


def test_it_ends_after_an_hour(owner: SiteUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(owner)
    later = time.time() + 3700
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)

    assert "a proverb" not in owner.get("/").text


def test_a_moderator_may_try_nothing(moderator: SiteUnderTest) -> None:
    single(moderator.instance / "plugins", "links", FOOTER)

    assert send(moderator, "/try/links")[0] == 403


def test_a_plugin_whose_tables_are_missing_says_so(owner: SiteUnderTest) -> None:
    files = {"migrations/0001_first.py": 'revision = "0001"\ndown_revision = None\n'}
    code = f"from blog import hookimpl\n{FOOTER}"
    whole(owner.instance / "plugins", "links", code, files)
    with owner.wsgi.database_only():
        lifecycle.prepare_trial(owner.instance, "links", probing=False)
    send(owner, "/try/links")
    page = owner.get("/")

    assert page.status_code == 200
    assert "its tables are made when it is turned on" in page.text
    assert "a proverb" not in page.text


def test_a_plugin_that_fails_on_trial_counts_for_nobody(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    begin(owner, "@hookimpl\ndef slot_footer(post):\n    1 / 0")
    for _ in range(30):
        page = owner.get("/")
    site.work()

    assert page.status_code == 200
    assert "links · slot_footer · ZeroDivisionError" in page.text
    with site.wsgi.database_only():
        assert session.get(PluginError, ("links", "slot_footer")) is None
        row = session.get_one(PluginState, "links")
    assert (row.enabled, row.failures, row.reason) == (False, 0, "")


def test_reading_on_trial_writes_nothing(owner: SiteUnderTest) -> None:
    begin(
        owner,
        "from blog import writing\n@hookimpl\ndef slot_footer(post):\n"
        "    with writing() as session:\n        pass\n    return ''",
    )

    assert "WriteInsideRead" in owner.get("/").text


def test_what_is_on_cannot_be_tried(owner: SiteUnderTest) -> None:
    assert send(owner, "/try/tester") == (409, "tester is on: there is nothing to try")


def test_what_cannot_be_loaded_is_refused(owner: SiteUnderTest) -> None:
    single(owner.instance / "plugins", "links", "@hookimpl\ndef slot_foter():\n    return 1")
    status, said = send(owner, "/try/links")

    assert status == 409
    assert "links.py" in said


def test_only_few_trials_are_kept(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    for index in range(6):
        name = f"links{index}"
        if index:
            owner.post("/trial/end", hidden_fields(owner.get("/").text))
        begin(owner, SHOW.format(name), name)
        assert f"<p>{name}</p>" in owner.get("/").text

    assert len(site.wsgi._trials) == 4
