"""Tests run beside bundled plugins: which are on, and which tests are left out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from blog.testing import SiteUnderTest
from tests.beside import BUNDLED, Beside


def test_the_plugins_named_are_on_besides_those_asked_for() -> None:
    assert Beside("feeds,share").plugins(["share", "spam"], []) == ["share", "spam", "feeds"]


def test_a_plugin_of_the_test_stays_as_it_is() -> None:
    assert Beside("feeds").plugins([Path("mine.py")], []) == [Path("mine.py"), "feeds"]


def test_a_test_that_asks_for_no_list_gets_what_it_needs_and_no_more() -> None:
    assert Beside("feeds").plugins(None, ["accounts"]) == ["accounts", "feeds"]


def test_all_but_one_are_every_other_one() -> None:
    assert {*Beside("all-but:feeds").plugins([], [])} == {*BUNDLED} - {"feeds"}


def test_whoever_asks_for_the_one_left_out_is_skipped() -> None:
    with pytest.raises(pytest.skip.Exception, match="it asks for feeds"):
        Beside("all-but:feeds").plugins(["feeds"], [])


@pytest.mark.parametrize("words", ["fead", "all-but:fead", "feeds,fead"])
def test_an_unknown_name_is_refused(words: str) -> None:
    with pytest.raises(pytest.UsageError, match="no bundled plugin is called fead"):
        Beside(words)


def mark(request: pytest.FixtureRequest, *words: str) -> list[bool]:
    """Tell for each way to run whether the test that asks is left out."""
    return [Beside(one).leaves_out(request.node) for one in words]


def test_a_test_without_a_site_is_left_out(request: pytest.FixtureRequest) -> None:
    assert mark(request, "feeds", "all-but:feeds") == [True, True]


def test_a_test_with_a_site_stays(site: SiteUnderTest, request: pytest.FixtureRequest) -> None:
    assert mark(request, "feeds", "all-but:feeds") == [False, False]


@pytest.mark.exact_site("only to see it left out", beside=["feeds"])
def test_an_exact_site_is_left_out_beside_what_changes_it(
    site: SiteUnderTest, request: pytest.FixtureRequest
) -> None:
    assert mark(request, "feeds", "share", "all-but:feeds") == [True, False, False]


@pytest.mark.needs("feeds")
def test_a_test_that_needs_a_plugin_is_left_out_where_it_is_off(
    site: SiteUnderTest, request: pytest.FixtureRequest
) -> None:
    assert mark(request, "share", "all-but:feeds", "all-but:share") == [False, True, False]


def test_every_exact_site_says_why(request: pytest.FixtureRequest) -> None:
    marks = [one for item in request.session.items for one in item.iter_markers("exact_site")]

    assert all(one.args for one in marks)
    assert {name for one in marks for name in one.kwargs.get("beside", ())} <= {*BUNDLED}


def test_the_option_turns_them_on(
    make_site: Callable[..., SiteUnderTest], request: pytest.FixtureRequest
) -> None:
    words = request.config.getoption("--beside")
    site = make_site(["threads"])

    with site.context() as current:
        names = {one.name for one in current.plugins}
    assert names == {"threads", *(Beside(words).on if words else ())}
