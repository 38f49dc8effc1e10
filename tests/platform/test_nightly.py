"""Nightly work: each plugin's is asked for once a night, over all processes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from blog import Job, now, session, writing
from blog.jobs import KEPT, night
from blog.platform.check import PluginRefused
from blog.testing import Clock, SiteUnderTest
from tests.platform.samples import put

CODE = """
from blog import Nightly
done = []

@hookimpl
def jobs():
    return {"count": Nightly(done.append), "other": done.append}
"""
JOBS = ["count", "other"]
FAILING = CODE.replace("Nightly(done.append)", "Nightly(lambda payload: 1 / 0)")


@pytest.fixture
def sleeper(make_site: Callable[..., SiteUnderTest], clock: Clock) -> SiteUnderTest:
    """Give a site with a plugin that works at night."""
    site = make_site([])
    put(site, "links", CODE, reach={"jobs": ["count", "other"]})
    return site


def done(site: SiteUnderTest) -> int:
    with site.context() as current:
        return len(current.plugin("links").module.done)  # type: ignore[union-attr]


def rows(site: SiteUnderTest) -> int:
    with site.context():
        query = select(func.count()).select_from(Job).where(Job.plugin == "links")
        return session.scalar(query) or 0


def test_nightly_work_is_done_once_a_night(sleeper: SiteUnderTest, clock: Clock) -> None:
    for _ in range(3):
        sleeper.spend_night()
    assert done(sleeper) == 1

    clock.move(days=1)
    for _ in range(3):
        sleeper.spend_night()

    assert done(sleeper) == 2


def test_two_processes_ask_for_it_once(sleeper: SiteUnderTest) -> None:
    second = SiteUnderTest(sleeper.instance, sleeper.environ)

    sleeper.wsgi.begin_night()
    second.wsgi.begin_night()

    assert rows(sleeper) == 1
    second.close()


def test_a_night_that_failed_is_asked_for_once(sleeper: SiteUnderTest, clock: Clock) -> None:
    put(sleeper, "broken", FAILING, reach={"jobs": ["count", "other"]})
    sleeper.spend_night()
    clock.move(days=1)
    sleeper.wsgi.begin_night()

    with sleeper.context():
        query = select(func.count()).select_from(Job).where(Job.plugin == "broken")
        assert session.scalar(query) == 1


def test_rows_of_nights_long_ago_are_forgotten(sleeper: SiteUnderTest, clock: Clock) -> None:
    sleeper.spend_night()
    clock.move(days=KEPT.days + 2)
    sleeper.spend_night()

    assert rows(sleeper) == 1


def test_work_that_was_done_long_ago_is_forgotten(sleeper: SiteUnderTest, clock: Clock) -> None:
    with sleeper.context(), writing() as write:
        done = [now(), now() - KEPT / 2, None]
        write.add_all(Job(plugin="gone", job="once", done_at=one) for one in done)
    clock.move(days=KEPT.days / 2 + 2)
    sleeper.wsgi.begin_night()

    with sleeper.context():
        query = select(func.count()).select_from(Job).where(Job.plugin == "gone")
        assert session.scalar(query) == 2


def test_a_night_begins_at_three_in_the_zone_of_the_site(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([], timezone="Africa/Lagos")  # an hour before UTC all year
    with site.context():
        began = night()

    assert began.astimezone(UTC).hour == 2
    assert timedelta() <= now() - began < timedelta(days=1)


def test_the_clock_of_a_test_moves_the_time_of_the_site(
    sleeper: SiteUnderTest, clock: Clock
) -> None:
    clock.move(days=400)

    assert now() - datetime.now(UTC) > timedelta(days=399)


@pytest.mark.parametrize("name", ["x" * 51, "nul\0"])
def test_a_name_that_no_job_can_have_is_refused(sleeper: SiteUnderTest, name: str) -> None:
    code = CODE.replace('"count"', repr(name))

    with pytest.raises(PluginRefused, match="1 to 50 characters"):
        put(sleeper, "ties", code, reach={"jobs": JOBS})


def test_a_plugin_whose_nightly_work_cannot_be_asked_for_keeps_nobody_from_theirs(
    sleeper: SiteUnderTest,
) -> None:
    late = CODE.replace('"count"', '("count" if len(done) else "x" * 51)')
    put(sleeper, "abacus", late.replace("done = []", "done = [1]"), reach={"jobs": JOBS})
    with sleeper.context() as current:
        current.plugin("abacus").module.done.clear()  # type: ignore[union-attr]
    sleeper.spend_night()

    assert done(sleeper) == 1
    assert [(one.plugin, one.hook) for one in sleeper.errors()] == [("abacus", "jobs")]
