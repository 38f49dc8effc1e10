"""What blog.testing promises to authors: a site of one's own, a clock, and the contract."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page

from blog import jobs, now, settings, writing
from blog.testing import Clock, SiteUnderTest
from tests.platform.samples import single, whole

FAILS_ON_PAGES = """
from markupsafe import Markup
@hookimpl
def slot_footer(post):
    return Markup(str(1 / 0))
"""
QUERY_FOR_EACH = """
from blog import Comment, session
@hookimpl
def comments_loaded(comments, post):
    for one in comments if post is not None else ():
        session.get(Comment, one.id, populate_existing=True)
"""
UNDECLARED_JOB = """
@hookimpl
def jobs():
    return {"count": print}
"""
UNDECLARED_ROUTE = """
from flask import Blueprint
bp = Blueprint("links", __name__)
@bp.get("/links/")
def links():
    return "links"
@hookimpl
def routes():
    return bp
"""
BAD_DEFAULT = """
from blog import SettingsForm
from wtforms import IntegerField
from wtforms.validators import NumberRange
class Settings(SettingsForm):
    most = IntegerField("Most", default=0, validators=[NumberRange(1, 5)])
"""
FAILS_AGAIN = """
from blog import writing
@hookimpl
def catch_up():
    raise RuntimeError("no")
"""
BROKEN = {
    "test_pages_are_shown_with_and_without_it": FAILS_ON_PAGES,
    "test_it_is_turned_off_and_on_again": FAILS_AGAIN,
    "test_a_page_costs_no_more_statements_with_more_on_it": QUERY_FOR_EACH,
    "test_it_declares_its_tables_jobs_and_routes": UNDECLARED_JOB,
    "test_the_defaults_of_its_settings_are_accepted": BAD_DEFAULT,
}
KEEPS = "kept = []\n"
TEST = """
from pathlib import Path
from blog.testing import contract
TestContract = contract(Path("PLUGIN"))
"""


def run(pytester: pytest.Pytester, plugin: Path, name: str = "") -> pytest.RunResult:
    """Run the contract on a plugin as its author does."""
    pytester.makepyfile(test_links=TEST.replace("PLUGIN", plugin.as_posix()))
    return pytester.runpytest_inprocess("-p", "blog.testing", "-p", "no:cacheprovider", "-k", name)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "code"), BROKEN.items(), ids=BROKEN)
def test_the_contract_finds_what_a_plugin_breaks(
    pytester: pytest.Pytester, tmp_path: Path, name: str, code: str
) -> None:
    result = run(pytester, single(tmp_path / "plugins", "links", code), name)

    found = result.parseoutcomes()
    # What keeps a plugin from being turned on is told before its test begins.
    assert found.get("failed", 0) + found.get("errors", 0) == 1
    assert "passed" not in found


@pytest.mark.slow
def test_the_contract_finds_a_route_that_is_not_declared(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    plugin = single(tmp_path / "plugins", "links", UNDECLARED_ROUTE)

    run(pytester, plugin, "declares").assert_outcomes(errors=1, deselected=8)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "Des liens"])
def test_the_contract_finds_messages_without_translation_and_those_not_compiled(
    pytester: pytest.Pytester, tmp_path: Path, text: str
) -> None:
    catalogue = f'msgid ""\nmsgstr ""\n"Language: fr"\n\nmsgid "Links"\nmsgstr "{text}"\n'
    files = {"translations/fr/LC_MESSAGES/messages.po": catalogue}
    plugin = whole(tmp_path / "plugins", "links", files=files)

    run(pytester, plugin, "catalogues").assert_outcomes(failed=1, deselected=8)


@pytest.mark.slow
def test_a_plugin_that_does_nothing_keeps_the_contract(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    result = run(pytester, single(tmp_path / "plugins", "links"))

    result.assert_outcomes(passed=8, skipped=1)


@pytest.mark.exact_site("just the plugins asked for are on")
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_sees_nothing_of_the_one_before(
    make_site: Callable[..., SiteUnderTest], turn: int
) -> None:
    site = make_site([])
    with site.context() as current:
        assert settings["core"].title != "Left behind"
        assert current.plugins == ()
    assert site.jobs() == []
    assert "Left behind" not in site.get("/").text

    site.write_post("Left behind")
    site.set("core", title="Left behind")
    site.place("links", single(site.instance / "plugins", "links", KEEPS).read_text("utf-8"))
    with site.context() as current:
        kept: list[str] = current.plugin("links").module.kept  # type: ignore[union-attr]
        assert kept == []
        kept.append("left behind")


@pytest.mark.parametrize("turn", [1, 2])
def test_a_clock_that_was_moved_is_right_again(clock: Clock, turn: int) -> None:
    assert abs((now() - datetime.now(UTC)).total_seconds()) < 1

    clock.set(datetime(2031, 5, 4, tzinfo=UTC))

    assert now().year == 2031


@pytest.mark.exact_site("just the plugins asked for are on")
def test_a_site_has_just_the_plugins_asked_for(
    make_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    site = make_site(["threads", single(tmp_path / "mine", "links")])

    with site.context() as current:
        assert {one.name for one in current.plugins} == {"threads", "links"}


def test_a_site_lists_the_work_that_waits(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site([])
    with site.context(), writing() as write:
        jobs.add(write, "links", "count", {"of": 7})

    (waiting,) = site.jobs("links")
    assert (waiting.job, waiting.payload) == ("count", {"of": 7})
    assert site.jobs("threads") == []


@pytest.mark.browser
def test_a_browser_sees_the_site_of_the_test(site: SiteUnderTest, browser_page: Page) -> None:
    site.write_post("Seen by a browser")

    browser_page.goto("/")

    assert browser_page.get_by_text("Seen by a browser").count()


@pytest.mark.browser
def test_a_suite_without_a_browser_of_its_own_is_given_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        def test_page(site, browser_page):
            site.write_post("Seen by a browser")
            browser_page.goto("/")
            assert browser_page.get_by_text("Seen by a browser").count()
    """)

    # Playwright, which runs once in a process, may run in this one.
    pytester.runpytest_subprocess("-p", "blog.testing").assert_outcomes(passed=1)
