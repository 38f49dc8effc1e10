"""Tell search engines of two pages: name a file for them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from blog import hookimpl

CHANGED = datetime(2026, 3, 1, tzinfo=UTC)


@hookimpl(optionalhook=True)
def sitemap_files() -> Mapping[str, datetime | None]:
    """Name the file after the plugin; ``sitemap_addresses`` says what is in it."""
    return {"example": CHANGED}
