"""Costs: what plugins take is counted by plugin, hook and hour, off the request."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import select

from blog import hookspecs, jobs, session, writing
from blog.attention import Item, Kind, items, place
from blog.db import Base, Database
from blog.kinds import Kind as HookKind
from blog.kinds import hookspec
from blog.models import PluginCost, PluginState
from blog.platform import costs
from blog.platform.costs import HOUR, Cost
from blog.platform.report import Report
from blog.testing import Clock, SiteUnderTest
from tests.platform.samples import put, single, turn_on, whole
from tests.shell import shell

Make = Callable[..., SiteUnderTest]
READS = """
from sqlalchemy import text
from blog import session

@hookimpl
def slot_footer():
    session.execute(text("SELECT 1"))
    session.execute(text("SELECT 2"))
"""
PLUGINS = ("links", "ties")
SLOW = "from time import sleep\n@hookimpl\ndef {}():\n    sleep(0.03)"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    Base.metadata.create_all(made.writer)
    with made.bound():
        with writing() as write:
            write.add_all(PluginState(name=one, enabled=True, behind=False) for one in PLUGINS)
        yield made
    made.dispose()


def known(site: SiteUnderTest, hours: int = 24) -> dict[tuple[str, str], Cost]:
    site.wsgi.housekeep()
    with site.wsgi.database_only():
        return {(one.plugin, one.hook): one for one in costs.over(hours)}


def spend(report: Report, seconds: float, plugin: str = "links", hook: str = "slot_head") -> None:
    with costs.measuring(report.stat(plugin, hook)):
        pass
    report.stat(plugin, hook).seconds += seconds


# Measuring


def test_calls_time_and_statements_are_kept_by_plugin_and_hook(make_site: Make) -> None:
    site = make_site([])
    put(site, "links", READS)
    before = known(site).get(("links", "slot_footer"))
    assert before is None
    for _ in range(3):
        site.get("/")

    cost = known(site)["links", "slot_footer"]
    assert (cost.calls, cost.statements, cost.errors, cost.overruns) == (3, 6, 0, 0)
    assert 0 < cost.slowest <= cost.seconds < 3


def test_errors_are_kept_beside_the_calls(make_site: Make) -> None:
    site = make_site([])
    put(site, "links", "@hookimpl\ndef slot_footer():\n    1 / 0")
    site.get("/")

    assert known(site)["links", "slot_footer"].errors == 1


def test_a_page_writes_no_costs(make_site: Make) -> None:
    site = make_site([])
    put(site, "links", READS)
    site.get("/")

    with site.wsgi.database_only():
        hooks = session.scalars(select(PluginCost.hook).where(PluginCost.plugin == "links"))
        assert "slot_footer" not in set(hooks)


def test_pages_of_a_plugin_are_kept_as_routes(make_site: Make) -> None:
    site = make_site([])
    code = (
        "from flask import Blueprint\nbp = Blueprint('links', __name__)\n"
        "@bp.get('/links/')\ndef index():\n    return 'links'\n"
        "@bp.get('/links/bad/')\ndef bad():\n    1 / 0\n"
        "@hookimpl\ndef routes():\n    return bp"
    )
    put(site, "links", code, reach={"routes": ["/links/", "/links/bad/"]})
    site.get("/links/")
    site.get("/links/bad/")

    cost = known(site)["links", "route"]
    assert (cost.calls, cost.errors) == (2, 1)


def test_jobs_are_kept_by_their_name(make_site: Make) -> None:
    site = make_site([])
    code = "def run(payload):\n    pass\n@hookimpl\ndef jobs():\n    return {'run': run}"
    put(site, "links", code, reach={"jobs": ["run"]})
    with site.context(), writing() as write:
        jobs.add(write, "links", "run", {})
    site.work()

    assert known(site)["links", "job run"].calls == 1


def test_what_a_plugin_sends_is_not_counted_for_the_next(make_site: Make) -> None:
    site = make_site([])
    put(site, "first", READS)
    put(site, "second", "@hookimpl\ndef slot_footer():\n    pass")
    site.get("/")

    assert known(site)["second", "slot_footer"].statements == 0


# Time budgets


def test_a_call_that_takes_too_long_is_counted(make_site: Make) -> None:
    site = make_site([], plugin_budget=20)
    put(site, "links", SLOW.format("slot_footer"))
    put(site, "ties", "@hookimpl\ndef slot_footer():\n    pass")
    site.get("/")
    site.get("/")

    found = known(site)
    assert found["links", "slot_footer"].overruns == 2
    assert found["links", "slot_footer"].slowest >= 0.03
    assert found["ties", "slot_footer"].overruns == 0


def test_without_a_budget_nothing_takes_too_long(make_site: Make) -> None:
    site = make_site([], plugin_budget=0)
    put(site, "links", SLOW.format("slot_footer"))
    site.get("/")

    assert known(site)["links", "slot_footer"].overruns == 0


def test_catching_up_may_take_its_time(make_site: Make) -> None:
    site = make_site([], plugin_budget=20)
    put(site, "links", SLOW.format("catch_up"))

    cost = known(site)["links", "catch_up"]
    assert (cost.calls > 0, cost.overruns) == (True, 0)


def test_importing_pages_may_take_its_time(make_site: Make) -> None:
    site = make_site([], plugin_budget=20)
    put(site, "links", SLOW.format("routes"))
    site.get("/")

    assert known(site)["links", "routes"].overruns == 0


def test_pages_of_its_own_may_take_their_time(make_site: Make) -> None:
    site = make_site([], plugin_budget=20)
    code = (
        "from time import sleep\nfrom flask import Blueprint\n"
        "bp = Blueprint('links', __name__)\n"
        "@bp.get('/links/')\ndef index():\n    sleep(0.03)\n    return 'links'\n"
        "@hookimpl\ndef routes():\n    return bp"
    )
    put(site, "links", code, reach={"routes": ["/links/"]})
    site.get("/links/")

    assert known(site)["links", "route"].overruns == 0


# Keeping


def test_costs_of_every_process_add_up_and_the_slowest_stays(database: Database) -> None:
    for seconds in (0.5, 0.25):
        report = Report()
        spend(report, seconds)
        report.stat("links", "slot_head").slowest = seconds
        report.flush()

    (cost,) = costs.over(1)
    assert (cost.calls, round(cost.seconds, 2), cost.slowest) == (2, 0.75, 0.5)


def test_a_flush_without_calls_keeps_nothing(database: Database) -> None:
    report = Report()
    report.stat("links", "slot_head")
    report.flush()

    assert costs.over(24) == []


def test_what_a_removed_plugin_cost_last_is_not_kept(database: Database) -> None:
    report = Report()
    spend(report, 0.1, "gone")
    report.flush()

    assert costs.over(24) == []


def test_costs_wait_a_little_at_leisure(database: Database) -> None:
    report = Report()
    spend(report, 0.1)
    report.flush(at_leisure=True)
    spend(report, 0.1)
    report.flush(at_leisure=True)
    assert costs.over(1)[0].calls == 1
    report.flush()

    assert costs.over(1)[0].calls == 2


def test_costs_that_could_not_be_written_wait(database: Database) -> None:
    report = Report()
    spend(report, 0.1)
    with writing(), pytest.raises(Exception, match="write"):
        report.flush()
    report.flush()

    assert costs.over(1)[0].calls == 1


def test_the_last_hour_begins_at_the_full_hour_before(database: Database, clock: Clock) -> None:
    clock.set(datetime(2026, 11, 24, 10, 30, tzinfo=UTC))
    report = Report()
    for _ in range(3):
        spend(report, 1)
        report.flush()
        clock.move(hours=1)

    assert costs.over(1)[0].calls == 1
    assert costs.over(2)[0].calls == 2
    assert costs.over(24)[0].calls == 3


def test_what_is_older_than_a_day_is_removed(database: Database, clock: Clock) -> None:
    report = Report()
    spend(report, 1)
    report.flush()
    clock.move(hours=26)
    spend(report, 1, "ties")
    report.flush()

    assert list(session.scalars(select(PluginCost.plugin))) == ["ties"]


def test_a_picture_has_every_hour_of_a_day(database: Database, clock: Clock) -> None:
    report = Report()
    spend(report, 2)
    report.flush()
    clock.move(hours=3)
    spend(report, 1, hook="slot_footer")
    spend(report, 1)
    report.flush()

    hours = costs.by_hour()["links"]
    assert len(hours) == 24
    assert {second[0] - first[0] for first, second in pairwise(hours)} == {HOUR}
    assert [round(seconds) for _, seconds, _ in hours[-4:]] == [2, 0, 0, 2]
    assert hours[-1][2] == 2


def test_hooks_of_a_plugin_add_up(database: Database) -> None:
    report = Report()
    spend(report, 2)
    spend(report, 1, hook="slot_footer")
    spend(report, 4, "ties")
    report.flush()

    found = costs.by_plugin(costs.over(24))
    assert [(one.plugin, one.calls, round(one.seconds)) for one in found] == [
        ("ties", 1, 4),
        ("links", 2, 3),
    ]


# What needs attention


def needing(site: SiteUnderTest) -> list[Item]:
    site.wsgi.housekeep()
    with site.wsgi.database_only():
        return items(site.wsgi.database, site.instance)


def kinds(site: SiteUnderTest) -> dict[str, Kind]:
    return {one.plugin: one.kind for one in needing(site)}


def test_nothing_needs_attention_on_a_new_site(site: SiteUnderTest) -> None:
    assert needing(site) == []


def test_errors_and_overruns_are_told_with_their_mend(make_site: Make) -> None:
    site = make_site([], plugin_budget=20)
    put(site, "links", SLOW.format("slot_footer") + "\n    1 / 0")
    site.get("/")

    error, overrun = needing(site)
    assert (error.kind, overrun.kind) == (Kind.ERROR, Kind.OVERRUN)
    assert "failed 1 time in the hook slot_footer: ZeroDivisionError" in error.what
    assert error.command == "palabre plugins disable links"
    assert "too long 1 time in the hook slot_footer" in overrun.what


PLACES = [
    ("render_body", ("l’accroche", "render_body")),
    ("route", ("ses pages", "")),
    ("route admin.plugins", ("la page", "admin.plugins")),
    ("around requests", ("le travail autour des requêtes", "")),
    ("around requests: before", ("le travail autour des requêtes", "before")),
    ("job tidy", ("la tâche", "tidy")),
]


@pytest.mark.parametrize(("where", "said"), PLACES)
def test_places_are_said_in_words(make_site: Make, where: str, said: tuple[str, str]) -> None:
    with make_site([], language="fr").context():
        assert place(where) == said


def test_an_error_of_yesterday_is_not_told(make_site: Make, clock: Clock) -> None:
    site = make_site([])
    put(site, "links", "@hookimpl\ndef slot_footer():\n    1 / 0")
    site.get("/")
    assert kinds(site) == {"links": Kind.ERROR}
    clock.move(hours=25)

    assert needing(site) == []


def test_what_is_left_out_is_told(make_site: Make) -> None:
    site = make_site([])
    folder = site.instance / "plugins"
    single(folder, "broken", "1 / 0")
    single(folder, "alone", requires=["nobody"])
    single(folder, "future", api=99)
    turn_on(site, "broken", "alone", "future", "gone")
    site.get("/")

    found = kinds(site)
    assert found["future"] is Kind.INCOMPATIBLE
    assert {found["broken"], found["alone"], found["gone"]} == {Kind.LEFT_OUT}


def test_what_was_switched_off_is_told(make_site: Make) -> None:
    site = make_site([], plugin_failures=1)
    put(site, "links", "@hookimpl\ndef slot_footer():\n    1 / 0")
    site.get("/")

    (item,) = needing(site)
    assert (item.kind, item.command) == (Kind.SWITCHED_OFF, "palabre plugins enable links")


def test_tables_that_wait_for_their_migration_are_told_once(make_site: Make) -> None:
    site = make_site([])
    files = {"migrations/0001_first.py": 'raise RuntimeError("not to be imported")'}
    whole(site.instance / "plugins", "links", "", files)
    turn_on(site, "links")
    site.get("/")

    (item,) = needing(site)
    assert (item.kind, item.command) == (Kind.MIGRATION, "palabre migrate")


@hookspec(kind=HookKind.COLLECT, since="1.0", deprecated="use slot_footer")
def slot_foot() -> Sequence[str]:  # type: ignore[empty-body]
    """Show at the foot."""


def test_deprecated_hooks_in_use_are_told(make_site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hookspecs, "slot_foot", slot_foot, raising=False)
    site = make_site([])
    single(site.instance / "plugins", "links", "@hookimpl\ndef slot_foot():\n    return []")
    turn_on(site, "links")

    with site.wsgi.database_only():
        (item,) = items(site.wsgi.database, site.instance, {"slot_foot": slot_foot})
    assert item.kind is Kind.DEPRECATED
    assert "slot_foot, which ends: use slot_footer" in item.what


def test_code_on_the_disk_that_does_not_run_is_told(make_site: Make) -> None:
    site = make_site([])
    put(site, "links")
    single(site.instance / "plugins", "links", "changed = True")

    (item,) = needing(site)
    assert (item.kind, item.command) == (Kind.CODE, "palabre plugins reload links")


# Commands


def in_folder(site: SiteUnderTest) -> None:
    address = site.wsgi.database.url.render_as_string(hide_password=False)
    (site.instance / "config.toml").write_text(f"database_url = {address!r}\n", "utf-8")


def test_the_command_shows_the_last_day_and_the_last_hour(make_site: Make) -> None:
    site = make_site([])
    put(site, "links", READS)
    site.get("/")
    site.wsgi.housekeep()
    in_folder(site)
    (site.instance / "plugins" / "links.py").write_text("raise SystemExit\n", "utf-8")

    rows = shell(site.instance.parent, "plugins", "cost", "--json").rows
    row = next(one for one in rows if one["hook"] == "slot_footer")
    assert (row["plugin"], row["calls"], row["statements"]) == ("links", 1, 2)
    assert (row["errors"], row["overruns"], row["calls_last_hour"]) == (0, 0, 1)
    for hours in ("1", "24"):
        told = shell(site.instance.parent, "plugins", "cost", "--hours", hours)
        assert "slot_footer" in told.out


def test_the_command_lists_what_needs_attention(make_site: Make) -> None:
    site = make_site([])
    single(site.instance / "plugins", "links", "1 / 0")
    turn_on(site, "links")
    site.get("/")
    site.wsgi.housekeep()
    in_folder(site)

    (row,) = shell(site.instance.parent, "plugins", "attention", "--json").rows
    assert (row["plugin"], row["kind"]) == ("links", "left-out")
    assert "palabre plugins disable links" in str(row["mend"])
