"""Declare a hook for others. Written for API 1 and kept for ever: never edit this."""

from collections.abc import Sequence

from blog import Kind, hookspec


@hookspec(kind=Kind.COLLECT, since="1.0")
def chronicle_words() -> Sequence[str]:
    """Add words to the page of the chronicle."""
