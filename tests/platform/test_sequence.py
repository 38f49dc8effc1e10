"""Sequence: the owner's word on the order of plugins, and what it goes against."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog import control, identity
from blog.platform import order, sequence
from blog.platform.check import PluginRefused
from blog.platform.context import generation
from blog.testing import SiteUnderTest
from blog.testing.sites import EVERYTHING
from tests.beside import BUNDLED
from tests.platform.samples import single, turn_on
from tests.platform.test_order import NAMES, manifests


@pytest.fixture
def ordered(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with three plugins, of which the first asks to come before the second."""
    site = make_site([])
    for name in ("xa", "xb", "xc"):
        single(site.instance / "plugins", name, before=["xb"] if name == "xa" else [])
    turn_on(site, "xa", "xb", "xc")
    return site


def own(names: Iterable[str]) -> list[str]:
    """Leave out what is bundled: the order of the plugins of these tests is theirs."""
    return [one for one in names if one not in BUNDLED]


def running(site: SiteUnderTest) -> list[str]:
    """Give the order in which plugins really run."""
    with site.context():
        return own(one.name for one in generation().plugins)


def move(site: SiteUnderTest, name: str, other: str, *, after: bool = False) -> list[str]:
    with site.wsgi.database_only():
        sequence.move(site.instance, name, other, after=after)
        said = sequence.contradicted(site.instance)
        assert own(sequence.current(site.instance)) == running(site)
    return said


def test_a_plugin_is_moved_before_or_after_another(ordered: SiteUnderTest) -> None:
    assert running(ordered) == ["xa", "xb", "xc"]

    assert move(ordered, "xc", "xb") == []
    assert running(ordered) == ["xa", "xc", "xb"]

    assert move(ordered, "xa", "xc", after=True) == []
    assert running(ordered) == ["xc", "xa", "xb"]


def test_what_the_owners_order_goes_against_is_said(ordered: SiteUnderTest) -> None:
    assert move(ordered, "xb", "xa") == ["xa asks to come before xb"]
    assert running(ordered) == ["xb", "xa", "xc"]


@pytest.mark.exact_site("a step is one place, whoever stands there")
def test_a_step_earlier_or_later_is_one_place(ordered: SiteUnderTest) -> None:
    with ordered.wsgi.database_only():
        sequence.step(ordered.instance, "xc")
        assert sequence.current(ordered.instance) == ["xa", "xc", "xb"]
        sequence.step(ordered.instance, "xa", later=True)
        assert sequence.current(ordered.instance) == ["xc", "xa", "xb"]
        sequence.step(ordered.instance, "xc")
        assert sequence.current(ordered.instance) == ["xc", "xa", "xb"]


def test_one_or_all_get_their_own_places_again(ordered: SiteUnderTest) -> None:
    move(ordered, "xb", "xa")
    with ordered.wsgi.database_only():
        sequence.reset("xb")
        assert {*own(sequence.chosen())} == {"xa", "xc"}
    assert running(ordered) == ["xa", "xc", "xb"]

    with ordered.wsgi.database_only():
        sequence.reset()
    assert running(ordered) == ["xa", "xb", "xc"]


def test_a_plugin_turned_on_later_comes_after_those_that_were_put_in_order(
    ordered: SiteUnderTest,
) -> None:
    move(ordered, "xc", "xa")
    single(ordered.instance / "plugins", "aa")
    single(ordered.instance / "plugins", "ab", before=["xb"])
    turn_on(ordered, "aa", "ab")

    assert running(ordered) == ["xc", "xa", "aa", "ab", "xb"]


def test_the_owner_ends_a_cycle(ordered: SiteUnderTest) -> None:
    single(ordered.instance / "plugins", "xd", before=["xe"])
    single(ordered.instance / "plugins", "xe", before=["xd"])
    turn_on(ordered, "xd", "xe")
    assert running(ordered) == ["xa", "xb", "xc"]

    assert move(ordered, "xe", "xd") == ["xd asks to come before xe"]
    assert running(ordered) == ["xa", "xb", "xc", "xe", "xd"]


@pytest.mark.parametrize(("name", "other"), [("xa", "zz"), ("zz", "xa"), ("xa", "xa")])
def test_what_is_not_on_has_no_place(ordered: SiteUnderTest, name: str, other: str) -> None:
    with ordered.wsgi.database_only(), pytest.raises(PluginRefused):
        sequence.move(ordered.instance, name, other)


@given(
    st.permutations(NAMES),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=4),
)
def test_a_whole_order_holds_whatever_plugins_declare(
    wished: list[str], asked: list[tuple[str, str]]
) -> None:
    found = manifests(**{one: {"before": tuple(b for a, b in asked if a == one)} for one in NAMES})
    positions = {name: index - len(wished) for index, name in enumerate(wished)}

    assert order.arrange(found, positions) == wished


SCRIPT = """
import json, sys
from pathlib import Path
from blog.platform.discovery import find
from blog.platform.order import OrderCycle, arrange
found = {n: one.manifest for n, one in find(Path(sys.argv[1])).items() if one.manifest}
try:
    print(json.dumps(arrange(found, {})))
except OrderCycle as cycle:
    print(json.dumps(str(cycle)))
"""


def arranged(instance: Path, seed: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(instance)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("names", [("xa", "xb", "xc", "xd"), ("xd", "xb", "xc", "xa")])
def test_the_order_is_the_same_for_every_hash_seed_and_order_of_installing(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        single(tmp_path / "plugins", name, after=["xc", "xd"] if name == "xa" else [])

    found = [arranged(tmp_path, seed) for seed in ("0", "1", "4242")]

    assert [one for one in found[0] if one[0] == "x"] == ["xb", "xc", "xd", "xa"]  # type: ignore[attr-defined]
    assert found[0] == found[1] == found[2]


@pytest.mark.slow
def test_a_cycle_is_told_alike_for_every_hash_seed(tmp_path: Path) -> None:
    for name, other in (("xa", "xb"), ("xb", "xc"), ("xc", "xa")):
        single(tmp_path / "plugins", name, before=[other])

    found = {str(arranged(tmp_path, seed)) for seed in ("0", "1", "4242")}

    [said] = found
    assert all(name in said for name in ("xa", "xb", "xc"))


@pytest.mark.exact_site("a step is one place, whoever stands there")
def test_the_admin_moves_plugins_for_those_who_may(ordered: SiteUnderTest) -> None:
    with ordered.context():
        with pytest.raises(identity.NotAllowed):
            control.move("xc")
        with identity.acting_as(EVERYTHING):
            control.move("xc")
            control.move("xc")
            assert control.order() == ["xc", "xa", "xb"]
            control.move("xa", later=True)
            assert control.contradicted() == ["xa asks to come before xb"]
            control.reset_order()
        assert control.order() == ["xa", "xb", "xc"]
