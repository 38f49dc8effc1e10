"""Work after an answer, and at night."""

from collections.abc import Mapping
from typing import Any

from blog import Nightly, hookimpl


def greet(payload: Mapping[str, Any]) -> None:
    """Do what ``jobs.add(write, "example", "greet", {"name": "Ama"})`` asked for."""
    print(f"Hello {payload['name']}.")


def tidy(payload: Mapping[str, Any]) -> None:
    """Do what the site asks for itself."""


@hookimpl
def jobs() -> Mapping[str, Any]:
    """Name both."""
    return {"greet": greet, "tidy": Nightly(tidy)}
