"""Say something when the server starts."""

from collections.abc import Sequence

from blog import hookimpl


@hookimpl
def startup_lines(address: str, command: str) -> Sequence[str]:
    """Name a page and a command."""
    return [f"Statistics: {address}/statistics/", f"Or type: {command} statistics"]
