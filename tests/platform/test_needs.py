"""Needs: what a plugin needs of others, and who stops without it, found without importing."""

from collections.abc import Callable

import pytest

from blog.platform import listing, needs
from blog.platform.check import PluginRefused
from blog.testing import SiteUnderTest
from tests.platform.samples import single, turn_on

RAISING = "raise RuntimeError('imported')"


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


def write(site: SiteUnderTest, name: str, **manifest: object) -> None:
    """Write a plugin that may not be imported."""
    single(site.instance / "plugins", name, RAISING, **manifest)


def needed(site: SiteUnderTest, name: str) -> list[str]:
    with site.wsgi.database_only():
        return needs.needed(site.instance, name)


def listed(site: SiteUnderTest, name: str) -> tuple[str, str]:
    with site.wsgi.database_only():
        found = {one.name: one for one in listing.plugins(site.instance)}[name]
    return found.state, found.reason


def test_what_must_be_on_first_comes_in_the_order_to_enable_it(bare: SiteUnderTest) -> None:
    write(bare, "base")
    write(bare, "other")
    write(bare, "middle", requires=["base>=1", "other"])
    write(bare, "top", requires=["middle", "base"])
    turn_on(bare, "other")

    assert needed(bare, "top") == ["base", "middle"]
    assert needed(bare, "base") == []


def test_plugins_that_need_each_other_end(bare: SiteUnderTest) -> None:
    write(bare, "first", requires=["second"])
    write(bare, "second", requires=["first"])

    assert needed(bare, "first") == ["second"]


@pytest.mark.parametrize(
    ("requires", "said"),
    [
        ("nowhere>=1", "which is not there"),
        ("base>=2", "needs base>=2, but base is 1.0"),
        ("future", "plugin API 99"),
    ],
)
def test_what_cannot_be_had_is_refused(bare: SiteUnderTest, requires: str, said: str) -> None:
    write(bare, "base")
    write(bare, "future", api=99)
    write(bare, "top", requires=[requires])

    with pytest.raises(PluginRefused, match=said):
        needed(bare, "top")


def test_who_stops_is_found_through_others(bare: SiteUnderTest) -> None:
    write(bare, "base")
    write(bare, "middle", requires=["base"])
    write(bare, "top", requires=["middle"])
    write(bare, "idle", requires=["base"])
    turn_on(bare, "base", "middle", "top")

    with bare.wsgi.database_only():
        assert needs.stopped_by(bare.instance, "base") == ["middle", "top"]
        assert needs.stopped_by(bare.instance, "top") == []


def test_what_it_can_use_is_named_where_it_is_there_and_off(bare: SiteUnderTest) -> None:
    write(bare, "one")
    write(bare, "two")
    write(bare, "top", uses=["one", "two", "nowhere"])
    turn_on(bare, "two")

    with bare.wsgi.database_only():
        assert needs.useful(bare.instance, "top") == ["one"]


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({"api": 99}, "needs plugin API 99; this Palabre has 1"),
        ({"api": 0}, "the first is 1"),
        ({"requires": ["base>=2"]}, "needs base>=2, but base is 1.0"),
    ],
)
def test_a_plugin_that_does_not_fit_is_incompatible(
    bare: SiteUnderTest, manifest: dict[str, object], said: str, on: bool
) -> None:
    write(bare, "base")
    write(bare, "top", **manifest)
    if on:
        turn_on(bare, "top")

    state, reason = listed(bare, "top")

    assert state == "incompatible"
    assert said in reason


def test_a_plugin_whose_need_is_only_off_is_not_incompatible(bare: SiteUnderTest) -> None:
    write(bare, "base")
    write(bare, "top", requires=["base>=1", "nowhere"])

    assert listed(bare, "top") == ("off", "")
