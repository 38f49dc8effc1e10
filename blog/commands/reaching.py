"""Tell an owner what a plugin touches, before it is on, and what it shares with others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from blog.console import say
from blog.platform import collisions, reach
from blog.platform.discovery import Place, find
from blog.platform.loading import Plugin


def tell_reach(instance: Path, name: str) -> None:
    """Say what a plugin declares that does not come with Palabre; it is not imported."""
    found = find(instance).get(name)
    if found and found.manifest and found.place is not Place.BUNDLED:
        for line in reach.lines(found.manifest.reach):
            say(f"{name} {line}")


def tell_shared(plugins: Sequence[Plugin], name: str) -> None:
    """Say which templates of a plugin others have too, and whose is used."""
    for template, owners in collisions.templates(plugins).items():
        if name in owners:
            say(f"the template {template} is in {', '.join(owners)}: that of {owners[0]} is used")
