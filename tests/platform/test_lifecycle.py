"""Lifecycle: on and off, what is behind catches up, and refusals that say what to do."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from blog import Draft, comments, session
from blog.models import PluginError, PluginState
from blog.platform import lifecycle, listing, states
from blog.platform.check import PluginRefused
from blog.platform.context import generation
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single, turn_on

SHOW = """
from markupsafe import Markup
@hookimpl
def slot_footer(post):
    return Markup("<p>{0} is here</p>")
"""


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


def state(site: SiteUnderTest, name: str) -> tuple[str, str]:
    with site.wsgi.database_only():
        found = {one.name: one for one in listing.plugins(site.instance)}[name]
    return found.state, found.reason


def number(site: SiteUnderTest) -> int:
    with site.wsgi.database_only():
        return states.current_number()


def test_a_plugin_that_is_enabled_shows_with_the_next_request(bare: SiteUnderTest) -> None:
    put(bare, "links", SHOW.format("links"))

    assert "links is here" in bare.get("/").text
    assert state(bare, "links") == ("on", "")


def test_a_plugin_that_is_disabled_is_gone_with_the_next_request(bare: SiteUnderTest) -> None:
    put(bare, "links", SHOW.format("links"))
    bare.disable("links")

    assert "links is here" not in bare.get("/").text
    assert state(bare, "links") == ("off", "")


def test_every_change_starts_a_generation(bare: SiteUnderTest) -> None:
    numbers = [number(bare)]
    for change in (
        lambda: put(bare, "links"),
        lambda: bare.set("links", depth=3),
        lambda: bare.disable("links"),
    ):
        change()
        numbers.append(number(bare))

    assert numbers == sorted(set(numbers))


def test_disabling_what_is_off_is_done_and_changes_nothing(bare: SiteUnderTest) -> None:
    single(bare.instance / "plugins", "links")
    before = number(bare)
    bare.disable("links")

    assert number(bare) == before


def test_a_broken_plugin_can_be_disabled(bare: SiteUnderTest) -> None:
    single(bare.instance / "plugins", "links", "raise SystemExit")
    turn_on(bare, "links")
    bare.get("/")
    bare.disable("links")

    assert state(bare, "links") == ("off", "")


def test_a_plugin_that_was_removed_while_on_is_listed_and_can_be_disabled(
    bare: SiteUnderTest,
) -> None:
    put(bare, "links")
    (bare.instance / "plugins" / "links.py").unlink()

    assert state(bare, "links") == ("failed", "it is not there any more")
    bare.disable("links")
    assert bare.get("/").status_code == 200


@pytest.mark.parametrize("act", [SiteUnderTest.enable, SiteUnderTest.disable])
def test_an_unknown_name_is_refused_with_the_nearest(
    bare: SiteUnderTest, act: Callable[[SiteUnderTest, str], None]
) -> None:
    with pytest.raises(PluginRefused, match="no plugin is called 'thread': did you mean 'threads'"):
        act(bare, "thread")


@pytest.mark.exact_site("it needs threads, which is off", beside=["threads"])
def test_a_need_that_is_not_on_is_refused_with_the_command_that_mends_it(
    bare: SiteUnderTest,
) -> None:
    with pytest.raises(PluginRefused, match="palabre plugins enable threads"):
        put(bare, "top", requires=["threads>=1"])

    assert state(bare, "top")[0] == "off"


@pytest.mark.parametrize("declaring", ["first", "second"])
def test_a_conflict_is_refused_whichever_of_the_two_declares_it(
    bare: SiteUnderTest, declaring: str
) -> None:
    other = {"first": "second", "second": "first"}
    put(bare, "first", conflicts=[other["first"]] if declaring == "first" else [])

    with pytest.raises(PluginRefused, match="disable one of the two"):
        put(bare, "second", conflicts=[other["second"]] if declaring == "second" else [])

    assert state(bare, "first") == ("on", "")


def test_a_cycle_is_refused_before_it_leaves_anybody_out(bare: SiteUnderTest) -> None:
    put(bare, "first", before=["second"])

    with pytest.raises(PluginRefused, match="each asks to come before the next"):
        put(bare, "second", before=["first"])


def test_disabling_names_those_that_need_it(bare: SiteUnderTest) -> None:
    put(bare, "base")
    put(bare, "top", requires=["base"])

    with bare.wsgi.database_only():
        assert lifecycle.disable(bare.instance, "base") == ["top"]
    bare.get("/")
    bare.work()

    assert "palabre plugins enable base" in state(bare, "top")[1]


def test_the_owners_positions_order_what_plugins_show(bare: SiteUnderTest) -> None:
    for name in "abc":
        single(bare.instance / "plugins", f"x{name}", SHOW.format(name))
    turn_on(bare, "xa", "xb", position=2)
    turn_on(bare, "xc", position=1)

    assert re.findall(r"(\w) is here", bare.get("/").text) == ["c", "a", "b"]


FAILING = {
    "bada": "1 / 0",
    "badb": "raise SystemExit(0)",
    "badc": "def broken(:",
    "badd": "@hookimpl\ndef posts_loadet(posts): ...",
    "bade": "@hookimpl\nasync def posts_loaded(posts): ...",
    "badf": "from blog import SettingsForm\nclass Settings(SettingsForm):\n    x = 1 / 0",
}


def test_each_plugin_that_cannot_be_loaded_is_failed_with_its_reason_and_the_rest_runs(
    bare: SiteUnderTest,
) -> None:
    put(bare, "good", SHOW.format("good"))
    for name, code in FAILING.items():
        single(bare.instance / "plugins", name, code)
    turn_on(bare, *FAILING)

    assert "good is here" in bare.get("/").text
    bare.work()
    for name in FAILING:
        assert state(bare, name)[0] == "failed"
        assert state(bare, name)[1]


def test_a_plugin_that_was_mended_is_on_again(bare: SiteUnderTest) -> None:
    single(bare.instance / "plugins", "links", "1 / 0")
    turn_on(bare, "links")
    bare.work()
    assert state(bare, "links")[0] == "failed"

    put(bare, "links", SHOW.format("links"))

    assert state(bare, "links") == ("on", "")


def test_a_plugin_that_loads_again_by_itself_is_on_again(bare: SiteUnderTest) -> None:
    single(bare.instance / "plugins", "links", "1 / 0")
    turn_on(bare, "links")
    bare.work()
    single(bare.instance / "plugins", "links")
    again = SiteUnderTest(bare.instance, bare.environ)
    again.work()

    assert state(again, "links") == ("on", "")
    again.close()


def test_listing_imports_nothing(bare: SiteUnderTest) -> None:
    single(bare.instance / "plugins", "links", "raise RuntimeError('imported')")

    assert state(bare, "links") == ("off", "")


COUNTING = """
from blog import session
from sqlalchemy import text
steps = [True, True, False]

@hookimpl
def catch_up():
    if {fails}:
        raise RuntimeError("not yet")
    return steps.pop(0) if steps else False
"""


def behind(site: SiteUnderTest, name: str) -> bool:
    with site.context():
        return bool(session.scalar(select(PluginState.behind).where(PluginState.name == name)))


def test_a_plugin_that_is_enabled_catches_up_in_steps(bare: SiteUnderTest) -> None:
    put(bare, "links", COUNTING.format(fails=False))

    with bare.context():
        plugin = generation().plugin("links")
        assert plugin is not None
        assert plugin.module.steps == []
    assert not behind(bare, "links")


def test_a_plugin_that_cannot_catch_up_stays_behind_and_is_not_asked_all_the_time(
    bare: SiteUnderTest,
) -> None:
    put(bare, "links", COUNTING.format(fails=True))
    for _ in range(5):
        bare.work()

    assert behind(bare, "links")
    with bare.context():
        assert session.scalar(select(PluginError.count)) == 1
    assert bare.get("/").status_code == 200


def test_a_plugin_that_exits_while_catching_up_stops_no_housekeeping(bare: SiteUnderTest) -> None:
    put(bare, "links", "@hookimpl\ndef catch_up():\n    raise SystemExit")

    assert behind(bare, "links")


RECORDING = """
@hookimpl
def comments_stored(comments, draft):
    raise RuntimeError("no")
"""


def test_a_plugin_whose_record_failed_is_behind_until_it_caught_up(bare: SiteUnderTest) -> None:
    put(bare, "links", RECORDING)
    post = bare.write_post()
    assert not behind(bare, "links")

    bare.write_comment(post)

    assert behind(bare, "links")
    bare.work()
    assert not behind(bare, "links")


def test_a_write_that_began_before_a_plugin_was_enabled_leaves_it_behind(
    bare: SiteUnderTest,
) -> None:
    post = bare.write_post()
    single(bare.instance / "plugins", "links", "@hookimpl\ndef catch_up(): ...")
    with bare.context():
        other = SiteUnderTest(bare.instance, bare.environ)
        other.enable("links")
        assert not behind(other, "links")
        comments.submit(post, Draft("Bonjour", trusted=True))

    assert behind(other, "links")
    other.close()
