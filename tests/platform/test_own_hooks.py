"""Hooks of plugins: all six kinds work for others as those of the core do."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from blog import Verdict, generation, hooks, session, writing
from blog.models import Leftover, PluginError
from blog.platform.check import PluginRefused
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single, turn_on, whole

HOOKS = '''
from blog import Kind, Verdict, hookspec

@hookspec(kind=Kind.FILTER, since="1.0")
def poll_title(title: str) -> str:
    """Change a title."""

@hookspec(kind=Kind.COLLECT, since="1.0")
def poll_options() -> list[str]:
    """Add options."""

@hookspec(kind=Kind.FIRST, since="1.0")
def poll_winner(votes: int) -> str | None:
    """Name who won."""

@hookspec(kind=Kind.JUDGE, since="1.0")
def poll_check(vote: str) -> Verdict | None:
    """Judge a vote."""

@hookspec(kind=Kind.RECORD, since="1.0")
def poll_kept(vote: str) -> None:
    """Write rows of your own."""

@hookspec(kind=Kind.EVENT, since="1.0")
def poll_closed(votes: int) -> None:
    """Hear of the end."""
'''
PART = """
from blog import Leftover, Verdict, session
heard = []

@hookimpl(optionalhook=True)
def poll_title(title):
    return f"{title} {{NAME}}"

@hookimpl(optionalhook=True)
def poll_options():
    return ["{{NAME}}"]

@hookimpl(optionalhook=True)
def poll_winner(votes):
    return "{{NAME}}" if votes > 1 else None

@hookimpl(optionalhook=True)
def poll_check(vote):
    return Verdict.spam("{{NAME}}") if vote == "bad" else None

@hookimpl(optionalhook=True)
def poll_kept(vote):
    session.add(Leftover(source="{{NAME}}", kind="vote", original=vote, data={{}}))

@hookimpl(optionalhook=True)
def poll_closed(votes):
    heard.append(votes)
"""
NAMES = ("poll_check", "poll_closed", "poll_kept", "poll_options", "poll_title", "poll_winner")


def part(name: str) -> str:
    return PART.replace("{{NAME}}", name).replace("{{}}", "{}")


@pytest.fixture
def poll(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site where a plugin declares six hooks, one uses them and one fails in them."""
    site = make_site([])
    whole(site.instance / "plugins", "poll", "", {"hookspecs.py": HOOKS})
    single(site.instance / "plugins", "good", part("good"))
    failing = "".join(
        f"@hookimpl(optionalhook=True)\ndef {name}():\n    raise RuntimeError('no')\n"
        for name in NAMES
    )
    single(site.instance / "plugins", "bad", failing)
    for name in ("poll", "good", "bad"):
        site.enable(name)
    return site


def test_all_six_kinds_mean_what_they_mean_in_the_core(poll: SiteUnderTest) -> None:
    with poll.context() as current:
        assert hooks.poll_title("Which tree?") == "Which tree? good"
        assert [tuple(one) for one in hooks.poll_options()] == [("good", ["good"])]
        assert (hooks.poll_winner(2), hooks.poll_winner(1)) == ("good", None)
        verdicts = {one.plugin: one.value for one in hooks.poll_check("bad")}
        assert verdicts["good"] == Verdict.spam("good")
        assert verdicts["bad"].action == Verdict.hold("").action
        with writing():
            assert hooks.poll_kept("oak") == ["bad"]
        hooks.poll_closed(7)
        good = current.plugin("good")
        assert good is not None
        assert good.module.heard == [7]
        assert session.scalars(select(Leftover.original)).all() == ["oak"]


def test_a_failure_in_a_hook_of_a_plugin_is_recorded_with_who_failed(poll: SiteUnderTest) -> None:
    with poll.context():
        hooks.poll_title("Which tree?")
        hooks.poll_options()
    poll.work()

    with poll.context():
        failed = session.execute(select(PluginError.plugin, PluginError.hook)).all()
    assert {tuple(one) for one in failed} == {("bad", "poll_title"), ("bad", "poll_options")}


def test_calls_and_time_are_counted_for_the_plugin_that_was_called(poll: SiteUnderTest) -> None:
    with poll.context():
        before = poll.wsgi.report.stats()["good", "poll_title"].calls
        hooks.poll_title("Which tree?")
        after = poll.wsgi.report.stats()["good", "poll_title"].calls

    assert after == before + 1


def test_an_answer_of_another_type_than_the_plugin_declared_is_left_out(
    poll: SiteUnderTest,
) -> None:
    wrong = "@hookimpl(optionalhook=True)\ndef poll_options():\n    return 'text'"
    put(poll, "wrong", wrong)

    with poll.context():
        assert [one.plugin for one in hooks.poll_options()] == ["good"]


def test_hooks_of_plugins_are_listed_with_who_takes_part(poll: SiteUnderTest) -> None:
    with poll.context():
        listed = {one.name: one for one in generation().table}

    assert set(NAMES) <= listed.keys()
    assert [one.plugin for one in listed["poll_title"].implementations] == ["bad", "good"]


def test_a_plugin_that_takes_part_loads_without_the_one_that_declares(poll: SiteUnderTest) -> None:
    poll.disable("poll")

    with poll.context() as current:
        names = {one.name for one in current.plugins}
        assert names & {"bad", "good", "poll"} == {"bad", "good"}


def test_a_misspelt_hook_of_a_plugin_is_refused_without_the_mark(poll: SiteUnderTest) -> None:
    with pytest.raises(PluginRefused, match="poll_title"):
        put(poll, "wrong", "@hookimpl\ndef poll_titel(title): ...")


def test_two_plugins_that_declare_one_hook_are_refused_with_both_names(
    poll: SiteUnderTest,
) -> None:
    whole(poll.instance / "plugins", "votes", "", {"hookspecs.py": HOOKS})

    with pytest.raises(PluginRefused, match=r"(?s)votes.*poll"):
        poll.enable("votes")
    turn_on(poll, "votes")
    with poll.context() as current:
        assert "which poll has" in current.failures["votes"]


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


ANNOTATED = '''"""Hooks."""
from __future__ import annotations
from typing import TYPE_CHECKING
from blog import Kind, hookspec

if TYPE_CHECKING:
    from collections.abc import Sequence

@hookspec(kind=Kind.COLLECT, since="1.0")
def hints_box(rows: Sequence[int]) -> str:
    """Add a box."""
'''
BROKEN = {
    "types that are not imported": ANNOTATED,
    "an answer that is no type": ANNOTATED.replace("TYPE_CHECKING:", "True:").replace(
        "-> str", "-> [int]"
    ),
    "another name": ANNOTATED.replace("TYPE_CHECKING:", "True:")
    + "\nhints_other = hints_box\ndel hints_box\n",
}


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN)
def test_hooks_that_cannot_be_compiled_are_refused(bare: SiteUnderTest, source: str) -> None:
    whole(bare.instance / "plugins", "hints", '"""Hints."""', {"hookspecs.py": source})

    with pytest.raises(PluginRefused, match="hints: cannot declare its hooks"):
        bare.enable("hints")


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN)
def test_hooks_that_cannot_be_compiled_cost_their_plugin_alone(
    bare: SiteUnderTest, source: str
) -> None:
    whole(bare.instance / "plugins", "hints", '"""Hints."""', {"hookspecs.py": source})
    put(bare, "links")
    turn_on(bare, "hints")

    assert bare.get("/").status_code == 200
    with bare.context() as current:
        names = {one.name for one in current.plugins}
        assert names & {"hints", "links"} == {"links"}
        assert "cannot declare its hooks" in current.failures["hints"]


def test_types_that_are_not_imported_are_named_with_the_mend(bare: SiteUnderTest) -> None:
    whole(bare.instance / "plugins", "hints", '"""Hints."""', {"hookspecs.py": ANNOTATED})

    with pytest.raises(PluginRefused, match="'Sequence' is not defined: import the types of"):
        bare.enable("hints")
