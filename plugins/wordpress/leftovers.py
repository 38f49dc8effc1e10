"""Give as JSON what the core has no place for, without what it must not keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .elements import Element

# What would tell a commenter's full address, which is never stored.
PRIVATE_ELEMENTS = frozenset({"wp:comment_author_IP"})
PRIVATE_METAS = frozenset({"akismet_as_submitted"})


def leftover_of(element: Element) -> dict[str, Any]:
    """Give an element as JSON to be kept raw, without what tells a commenter's address."""
    return without_private(element).stored(PRIVATE_ELEMENTS)


def without_private(element: Element) -> Element:
    """Leave out the custom fields that hold a commenter's address, however deep they stand."""
    return element._replace(children=tuple(public(element.children)))


def public(children: tuple[Element, ...]) -> Iterator[Element]:
    """Give the elements that may be kept."""
    for child in children:
        keys = (each.text.strip() for each in child.children if each.name == "wp:meta_key")
        if not PRIVATE_METAS.intersection(keys):
            yield without_private(child)
