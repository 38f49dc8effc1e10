"""Order: a pure function of names, declarations and the owner's wish."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.platform.manifest import Manifest
from blog.platform.order import OrderCycle, arrange

NAMES = tuple("abcdefg")


def manifests(**declared: dict[str, tuple[str, ...]]) -> dict[str, Manifest]:
    return {
        name: Manifest(name, name, "", "1", 1, before=d.get("before", ()), after=d.get("after", ()))
        for name, d in declared.items()
    }


def test_plugins_come_in_the_order_of_their_names() -> None:
    assert arrange(manifests(c={}, a={}, b={}), {}) == ["a", "b", "c"]


def test_before_and_after_are_kept() -> None:
    found = manifests(a={"after": ("c",)}, b={}, c={}, d={"before": ("b",)})

    assert arrange(found, {}) == ["c", "a", "d", "b"]


def test_what_is_not_there_orders_nothing() -> None:
    assert arrange(manifests(a={"after": ("z",)}, b={"before": ("a", "b")}), {}) == ["b", "a"]


def test_the_owners_positions_win_over_declarations_and_names() -> None:
    found = manifests(a={"before": ("b",)}, b={}, c={})

    assert arrange(found, {"b": 1, "a": 2}) == ["c", "b", "a"]


def test_a_position_of_one_alone_does_not_undo_what_two_declare() -> None:
    assert arrange(manifests(a={"after": ("b",)}, b={}), {"a": -5}) == ["b", "a"]


def test_a_cycle_names_its_members_and_no_others() -> None:
    found = manifests(
        a={}, b={"before": ("c",)}, c={"before": ("d",)}, d={"before": ("b",)}, e={"after": ("b",)}
    )

    with pytest.raises(OrderCycle) as refused:
        arrange(found, {})

    assert set(refused.value.members) == {"b", "c", "d"}
    assert all(name in str(refused.value) for name in "bcd")


@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.fixed_dictionaries(
            {
                "before": st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
                "after": st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
            }
        ),
    ),
    st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 3)),
    st.randoms(use_true_random=False),
)
def test_the_order_is_the_same_however_plugins_were_found(
    declared: dict[str, dict[str, tuple[str, ...]]],
    positions: dict[str, int],
    dice: random.Random,
) -> None:
    def arranged(names: list[str]) -> list[str] | str:
        try:
            return arrange(manifests(**{name: declared[name] for name in names}), positions)
        except OrderCycle as cycle:
            return str(cycle)

    names = sorted(declared)
    shuffled = dice.sample(names, len(names))

    assert arranged(shuffled) == arranged(names)
