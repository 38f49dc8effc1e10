"""Tell search engines of two pages: give the addresses of the file that was named."""

from collections.abc import Mapping
from datetime import UTC, datetime

from blog import hookimpl

CHANGED = datetime(2026, 3, 1, tzinfo=UTC)


@hookimpl(optionalhook=True)
def sitemap_addresses(file: str) -> Mapping[str, datetime | None]:
    """Give paths, each with the time of its last change."""
    return {"/shelf/new/": CHANGED, "/shelf/old/": None}
