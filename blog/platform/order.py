"""Put plugins in order: a pure function of names, declarations and the owner's wish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from blog.platform.manifest import Manifest


class OrderCycle(ValueError):
    """Plugins ask to come before one another in a circle."""

    def __init__(self, members: list[str]) -> None:
        self.members = members
        super().__init__(f"{' → '.join(members)}: each asks to come before the next")


def arrange(manifests: Mapping[str, Manifest], positions: Mapping[str, int]) -> list[str]:
    """Order names by ``before`` and ``after``, ties by the owner's position and then by name.

    The owner's positions win over what two plugins say of each other.
    Raise ``OrderCycle`` with its members.
    """
    followers = _followers(manifests, positions)
    waiting = dict.fromkeys(manifests, 0)
    for later in followers.values():
        for name in later:
            waiting[name] += 1
    ready: list[tuple[int, str]] = []
    for name, count in waiting.items():
        if not count:
            heappush(ready, (positions.get(name, 0), name))
    order: list[str] = []
    while ready:
        _, name = heappop(ready)
        order.append(name)
        for later_name in followers[name]:
            waiting[later_name] -= 1
            if not waiting[later_name]:
                heappush(ready, (positions.get(later_name, 0), later_name))
    if len(order) < len(manifests):
        raise OrderCycle(_cycle(followers))
    return order


def moved(names: Sequence[str], name: str, other: str, *, after: bool = False) -> list[str]:
    """Give an order in which a name comes directly before another, or after it."""
    order = [one for one in names if one != name]
    order.insert(order.index(other) + after, name)
    return order


def contradicted(manifests: Mapping[str, Manifest], order: Sequence[str]) -> list[str]:
    """Say what plugins ask of each other that an order does not give them."""
    place = {name: index for index, name in enumerate(order)}
    said = []
    for name in order:
        asks = [(other, "before") for other in manifests[name].before]
        asks += [(other, "after") for other in manifests[name].after]
        for other, where in asks:
            is_before = name != other and place.get(name, 0) < place.get(other, 0)
            if other in place and name != other and is_before != (where == "before"):
                said.append(f"{name} asks to come {where} {other}")
    return said


def _followers(
    manifests: Mapping[str, Manifest], positions: Mapping[str, int]
) -> dict[str, set[str]]:
    followers: dict[str, set[str]] = {name: set() for name in manifests}
    for name, manifest in manifests.items():
        pairs = [(name, other) for other in manifest.before]
        pairs += [(other, name) for other in manifest.after]
        for first, second in pairs:
            known = first in followers and second in followers and first != second
            if known and not (first in positions and second in positions):
                followers[first].add(second)
    return followers


def _cycle(followers: Mapping[str, set[str]]) -> list[str]:
    graph = {name: sorted(later) for name, later in sorted(followers.items())}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []
