"""Switch-off: a plugin that fails too often is off for everybody, and nothing opens by that."""

import logging
from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from blog import Status, jobs, session, writing
from blog.models import PluginState, SiteState
from blog.platform import listing
from blog.platform.discovery import find
from blog.platform.limits import mentions
from blog.platform.switch import Limits
from blog.testing import Clock, SiteUnderTest
from tests.platform.samples import put, single, turn_on
from tests.shell import shell

Make = Callable[..., SiteUnderTest]
FOOTER = "@hookimpl\ndef slot_footer():\n    raise RuntimeError('no footer')"


@pytest.fixture
def broken(make_site: Make) -> SiteUnderTest:
    """Give a site that switches off at three failures, with a plugin that fails on each page."""
    site = make_site([], plugin_failures=3)
    put(site, "links", FOOTER)
    return site


def look(site: SiteUnderTest, times: int) -> None:
    for _ in range(times):
        assert site.get("/").status_code == 200
    site.wsgi.housekeep()


def state(site: SiteUnderTest, name: str = "links") -> tuple[str, str]:
    with site.wsgi.database_only():
        found = next(one for one in listing.plugins(site.instance) if one.name == name)
    return found.state, found.reason


def fail(site: SiteUnderTest, times: int, name: str = "links") -> None:
    for _ in range(times):
        site.wsgi.report.failed(name, "somewhere", RuntimeError("no"))
    with site.wsgi.database_only():
        site.wsgi.report.flush()


def test_a_plugin_that_fails_too_often_is_switched_off_with_the_reason(
    broken: SiteUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    look(broken, 2)
    assert state(broken)[0] == "on"

    with caplog.at_level(logging.ERROR):
        look(broken, 1)

    name, reason = state(broken)
    assert name == "switched-off"
    assert "3 failures within 10 minutes" in reason
    assert "slot_footer: RuntimeError: no footer" in reason
    assert any("links was switched off" in one.getMessage() for one in caplog.records)
    look(broken, 1)
    assert not [one for one in broken.errors() if one.count > 3]


def test_failures_of_every_process_are_counted_together(broken: SiteUnderTest) -> None:
    other = SiteUnderTest(broken.instance, broken.environ)
    look(broken, 1)
    look(other, 1)
    assert state(broken)[0] == "on"
    look(other, 1)
    other.close()

    assert state(broken)[0] == "switched-off"
    with broken.context() as current:
        assert current.plugin("links") is None


def test_switching_off_starts_a_new_generation_once(broken: SiteUnderTest) -> None:
    with broken.context():
        before = session.scalar(select(SiteState.generation))
    fail(broken, 3)
    fail(broken, 3)

    with broken.context():
        assert session.scalar(select(SiteState.generation)) == (before or 0) + 1


def test_failures_before_the_window_are_not_counted(broken: SiteUnderTest, clock: Clock) -> None:
    fail(broken, 2)
    clock.move(minutes=11)
    fail(broken, 2)

    assert state(broken)[0] == "on"


def test_zero_switches_nothing_off(make_site: Make) -> None:
    site = make_site([], plugin_failures=0)
    put(site, "links", FOOTER)
    fail(site, 50)

    assert state(site)[0] == "on"


def test_enabling_again_clears_what_was_counted(broken: SiteUnderTest) -> None:
    fail(broken, 3)
    broken.enable("links")

    with broken.context():
        row = session.get_one(PluginState, "links")
        assert (row.failures, row.failing_since, row.reason) == (0, None, "")
    fail(broken, 2)
    assert state(broken)[0] == "on"


def test_disabling_what_was_switched_off_succeeds(broken: SiteUnderTest) -> None:
    fail(broken, 3)
    with broken.wsgi.database_only():
        address = broken.wsgi.database.url.render_as_string(hide_password=False)
    (broken.instance / "config.toml").write_text(f"database_url = {address!r}\n", "utf-8")
    rows = shell(broken.instance.parent, "plugins", "list", "--json").rows
    assert next(one["state"] for one in rows if one["name"] == "links") == "switched-off"

    said = shell(broken.instance.parent, "plugins", "disable", "links")

    assert said.code == 0
    assert state(broken) == ("off", "")


def test_a_plugin_that_requires_one_switched_off_is_left_out_with_the_reason(
    broken: SiteUnderTest,
) -> None:
    put(broken, "ties", requires=["links>=1"])
    fail(broken, 3)

    with broken.context() as current:
        assert "needs links" in current.failures["ties"]


def test_a_post_whose_guard_was_switched_off_stays_hidden(make_site: Make) -> None:
    site = make_site([], plugin_failures=3)
    put(site, "gate", "@hookimpl\ndef may_read(posts):\n    return {one.id for one in posts}")
    post = site.write_post("Sous le sceau", guard="gate")
    assert site.get(post.path).status_code == 200

    fail(site, 3, "gate")

    assert state(site, "gate")[0] == "switched-off"
    assert site.get(post.path).status_code == 404
    assert "Sous le sceau" not in site.get("/").text


JUDGE = "from blog import Verdict\n@hookimpl\ndef check_comment():\n    return {}"
YES = JUDGE.format("Verdict.publish()")


def comment(site: SiteUnderTest, words: str) -> Status:
    post = site.write_post(words)
    assert site.comment(post, words).status_code == 303
    with site.context():
        return Status(
            session.execute(
                text("SELECT status FROM comment ORDER BY id DESC LIMIT 1")
            ).scalar_one()
        )


@pytest.mark.exact_site("spam holds the first comment of whoever is new", beside=["spam"])
def test_comments_are_held_while_and_after_a_judge_is_switched_off(make_site: Make) -> None:
    site = make_site([], plugin_failures=3, comments_publish=True)
    put(site, "yes", YES)
    put(site, "judge", JUDGE.format("1 / 0"))
    assert comment(site, "un") is Status.PENDING

    fail(site, 3, "judge")

    assert state(site, "judge")[0] == "switched-off"
    assert comment(site, "deux") is Status.PENDING
    site.disable("judge")
    assert comment(site, "trois") is Status.PUBLISHED


def test_comments_are_held_while_a_judge_is_left_out(make_site: Make) -> None:
    site = make_site([], comments_publish=True)
    put(site, "yes", YES)
    single(site.instance / "plugins", "judge", "def check_comment(:\n")
    turn_on(site, "judge")

    assert comment(site, "un") is Status.PENDING


@pytest.mark.exact_site("spam holds the first comment of whoever is new", beside=["spam"])
def test_another_plugin_that_is_switched_off_holds_nothing(make_site: Make) -> None:
    site = make_site([], plugin_failures=3, comments_publish=True)
    put(site, "yes", YES)
    put(site, "links", FOOTER)
    fail(site, 3)

    assert comment(site, "un") is Status.PUBLISHED


def test_a_source_is_searched_for_whole_words(make_site: Make) -> None:
    site = make_site([])
    single(site.instance / "plugins", "near", "def check_comments():\n    pass")
    found = find(site.instance)["near"]

    assert not mentions(found, "check_comment")
    assert mentions(found, "check_comments")


def test_failing_jobs_count(make_site: Make) -> None:
    site = make_site([], plugin_failures=1)
    code = "def fail(payload):\n    1 / 0\n@hookimpl\ndef jobs():\n    return {'fail': fail}"
    put(site, "links", code, reach={"jobs": ["fail"]})
    with site.context(), writing() as write:
        jobs.add(write, "links", "fail", {})
    site.work()
    site.wsgi.housekeep()

    assert "job fail: ZeroDivisionError" in state(site)[1]


def test_failing_to_catch_up_counts(make_site: Make) -> None:
    site = make_site([], plugin_failures=1)
    put(site, "links", "@hookimpl\ndef catch_up():\n    1 / 0")
    site.wsgi.housekeep()

    assert "catch_up: ZeroDivisionError" in state(site)[1]


COMMAND = """
import click

@click.command()
def count():
    1 / 0

@click.command()
def leave():
    raise click.ClickException("as meant")

@hookimpl
def commands():
    return {"count": count, "leave": leave}
"""


def test_failing_commands_count_and_say_so_in_a_line(broken: SiteUnderTest) -> None:
    put(broken, "ties", COMMAND)
    with broken.wsgi.database_only():
        address = broken.wsgi.database.url.render_as_string(hide_password=False)
    environ = broken.instance / "config.toml"
    environ.write_text(f"database_url = {address!r}\nplugin_failures = 1\n", "utf-8")

    meant = shell(broken.instance.parent, "leave")
    said = shell(broken.instance.parent, "count")

    assert (meant.code, "as meant" in meant.err) == (1, True)
    assert said.code == 1
    assert "ties failed in count: ZeroDivisionError: division by zero" in said.err
    assert "command count" in state(broken, "ties")[1]


class _Busy(Exception):
    sqlite_errorcode = 5


def test_a_database_that_is_out_of_order_switches_nothing_off(broken: SiteUnderTest) -> None:
    for _ in range(5):
        error = OperationalError("SELECT 1", {}, _Busy("database is locked"))
        broken.wsgi.report.failed("links", "slot_footer", error)
    broken.wsgi.housekeep()

    assert state(broken)[0] == "on"
    assert [(one.plugin, one.count) for one in broken.errors()] == [("links", 5)]


def test_what_could_not_be_written_is_counted_later(broken: SiteUnderTest) -> None:
    broken.wsgi.report.failed("links", "somewhere", RuntimeError("no"))
    with broken.wsgi.database_only(), writing() as write:
        write.execute(text("ALTER TABLE plugin RENAME TO elsewhere"))
    with broken.wsgi.database_only(), pytest.raises(Exception, match="plugin"):
        broken.wsgi.report.flush()
    with broken.wsgi.database_only(), writing() as write:
        write.execute(text("ALTER TABLE elsewhere RENAME TO plugin"))
    fail(broken, 2)

    assert state(broken)[0] == "switched-off"


def test_limits_follow_the_settings(broken: SiteUnderTest) -> None:
    broken.set("core", plugin_failures=7, plugin_failure_minutes=2, plugin_budget=0)
    broken.get("/")

    limits: Limits = broken.wsgi.report.limits
    assert (limits.failures, limits.minutes, limits.budget) == (7, 2, float("inf"))
