"""Make two sites, one to leave and an empty one to go to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from blog import folder
from blog.testing import SiteUnderTest
from blog.testing.sites import keep_only


@pytest.fixture
def make_two(
    make_site: Callable[..., SiteUnderTest], databases, prepared_database: str, tmp_path: Path
) -> Iterator[Callable[..., tuple[SiteUnderTest, SiteUnderTest]]]:
    """Make a site, and an empty one on a database of the same kind."""
    made: list[tuple[SiteUnderTest, str]] = []

    def make(plugins: Iterable[str]) -> tuple[SiteUnderTest, SiteUnderTest]:
        address = databases.create(prepared_database)
        instance, environ = tmp_path / "other", {"BLOG_DATABASE_URL": address}
        folder.create(instance, settings={"language": "en"}, environ=environ)
        other = SiteUnderTest(instance, environ)
        keep_only(other, set(plugins))
        other.wsgi.housekeep()
        made.append((other, address))
        return make_site(plugins), other

    yield make
    for site, address in made:
        site.close()
        databases.drop(address)
