"""Let a template extend the next one of its name: ``{% extends "next/post.html" %}``.

Which one that is differs between generations, and compiled templates are kept for all of them:
so a compiled template only says after whose folder to look on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import nodes

START = "next/"
AFTER = "the next "
OF = " after that of "
SITE = "the site"
NAMING = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


class Place(NamedTuple):
    """Say whose templates are in a folder: a plugin's, or those of ``core``."""

    owner: str
    folder: Path


def mark(tree: nodes.Template, filename: str | None, places: Sequence[Place]) -> None:
    """Write into a template, before it is compiled, after whom its next ones come."""
    for node in tree.find_all(NAMING):
        named = node.template  # type: ignore[attr-defined]
        text = named.value if isinstance(named, nodes.Const) else None
        if isinstance(text, str) and text.startswith(START):
            wanted = text.removeprefix(START)
            named.value = f"{AFTER}{wanted}{OF}{_place_of(filename, places)}"


def split(name: str, places: Sequence[Place]) -> tuple[str, Sequence[Place]]:
    """Give the plain name of a template and the folders in which to look for it."""
    if not name.startswith(AFTER):
        return name, in_order(name, places)
    wanted, _, owner = name.removeprefix(AFTER).rpartition(OF)
    own = next((n for n, place in enumerate(places) if _label(place, n) == owner), None)
    if own is None:
        return wanted, ()
    ordered = in_order(wanted, places)
    return wanted, ordered[ordered.index(places[own]) + 1 :]


def in_order(name: str, places: Sequence[Place]) -> list[Place]:
    """Give the folders in the order in which to look: whose the template is comes last."""
    owner = name.partition("/")[0] if "/" in name else ""
    return sorted(places, key=lambda place: place.owner == owner)


def _place_of(filename: str | None, places: Sequence[Place]) -> str:
    for index, place in enumerate(places):
        if filename and Path(filename).is_relative_to(place.folder):
            return _label(place, index)
    return ""


def _label(place: Place, index: int) -> str:
    """Name a folder; that of the instance comes first and belongs to the core as well."""
    return SITE if index == 0 and place.owner == "core" else place.owner
