"""Give tests a site of their own: fixtures for pytest."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from blog import folder
from blog.db import sqlite_url
from blog.rows import CommentRow, PostRow
from blog.testing.sites import SiteUnderTest, keep_only, prepare


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Give the test a database of its own; override it to test on another kind."""
    return sqlite_url(tmp_path / "test.sqlite")


@pytest.fixture(scope="session")
def new_site_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a file of SQLite with the tables of a new site, once for all tests."""
    place = tmp_path_factory.mktemp("new")
    prepare(place / "instance", sqlite_url(place / "new.sqlite"))
    return place / "new.sqlite"


@pytest.fixture
def site_database_url(database_url: str, request: pytest.FixtureRequest) -> str:
    """Give the database of a test's site; a file of SQLite has its tables already."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        shutil.copy(request.getfixturevalue("new_site_file"), str(url.database))
    return database_url


@pytest.fixture
def make_site(tmp_path: Path, site_database_url: str) -> Iterator[Callable[..., SiteUnderTest]]:
    """Make a site with just these plugins, in English; ``None`` means every bundled one.

    A plugin is named, or given as the path of its file or folder.
    Other values are settings of the core.
    """
    made: list[SiteUnderTest] = []

    def make(plugins: Iterable[str | Path] | None = None, **settings: Any) -> SiteUnderTest:
        instance = tmp_path / "instance"
        environ = {"BLOG_DATABASE_URL": site_database_url}
        plugins = None if plugins is None else list(plugins)
        wanted = {"language": "en", **settings}
        is_new = folder.create(instance, settings=wanted, environ=environ)
        under_test = SiteUnderTest(instance, environ)
        made.append(under_test)
        if not is_new:
            under_test.set("core", **wanted)
        if plugins is not None:
            keep_only(under_test, {one for one in plugins if isinstance(one, str)})
        under_test.wsgi.housekeep()
        for one in plugins or ():
            if isinstance(one, Path):
                under_test.bring(one)
        return under_test

    yield make
    for one in made:
        one.close()
    shutil.rmtree(tmp_path / "instance", ignore_errors=True)


@pytest.fixture(name="site")
def site_under_test(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with every bundled plugin on, in English."""
    return make_site()


@pytest.fixture
def post(site: SiteUnderTest) -> PostRow:
    """Give a published post."""
    return site.write_post()


@pytest.fixture
def comment(site: SiteUnderTest) -> Callable[..., CommentRow]:
    """Store comments: ``comment(post, "Bonjour", parent=…, status=…)``."""
    return site.write_comment
