"""What bundled plugins keep: it goes whole, and comes back as it was."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, select, text

from blog import schema
from blog.db import writing
from blog.platform import archive, lifecycle, removal, restoring
from blog.platform.discovery import find
from blog.testing import SiteUnderTest
from tests.beside import BUNDLED
from tests.conftest import signed_in

WITH_TABLES = [
    name for name, one in find(Path("nowhere")).items() if (one.path / "migrations").is_dir()
]


def outline(site: SiteUnderTest) -> schema.Outline:
    with site.wsgi.database.reader.connect() as connection:
        return schema.outline(connection)


def rows(site: SiteUnderTest, name: str) -> dict[str, list[dict[str, Any]]]:
    """Read every row of a plugin's tables."""
    with site.wsgi.database.reader.connect() as connection:
        found = {}
        for table_name in schema.tables(schema.outline(connection), name):
            table = Table(table_name, MetaData(), autoload_with=connection)
            query = select(table).order_by(*table.primary_key.columns)
            found[table_name] = [dict(row) for row in connection.execute(query).mappings()]
    return found


def use(site: SiteUnderTest) -> None:
    """Let people write, log in and moderate, so that every table gets rows."""
    post = site.write_post()
    for text_ in ("Un premier mot sur le sujet du jour, assez long pour le reconnaître.", "Deux"):
        first = site.write_comment(post, text_, author="Ama", email="ama@example.org")
    site.write_comment(post, "Une réponse", parent=first)
    if "admin" in BUNDLED and "accounts" in BUNDLED:
        owner = signed_in(site, "Afi", "owner")
        owner.get("/admin/comments")
    site.work()


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_TABLES)
def test_a_bundled_plugin_leaves_nothing_and_comes_back_whole(
    site: SiteUnderTest, tmp_path: Path, name: str
) -> None:
    use(site)
    whole, kept = outline(site), rows(site, name)
    with site.wsgi.database_only():
        archive.export(site.wsgi.database, site.instance, name, tmp_path / "kept.zip")
        lifecycle.disable(site.instance, name)
        assert removal.uninstall(site.wsgi.database, site.instance, name) == []

    without = outline(site)
    assert [one for one in without if one.is_of(name)] == []
    assert without == {one: how for one, how in whole.items() if not one.is_of(name)}
    assert site.get("/").status_code == 200

    site.enable(name)
    assert outline(site) == whole
    with site.wsgi.database_only():
        done = restoring.restore(site.wsgi.database, site.instance, name, tmp_path / "kept.zip")
    site.work()
    assert done.left_out == {}
    assert rows(site, name) == kept


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_TABLES)
def test_rows_about_a_post_go_with_it(site: SiteUnderTest, name: str) -> None:
    use(site)
    with site.wsgi.database_only(), writing() as write:
        write.execute(text("DELETE FROM post"))
    for table_name, found in rows(site, name).items():
        with site.wsgi.database.reader.connect() as connection:
            table = Table(table_name, MetaData(), autoload_with=connection)
        points = [key.parent.name for key in table.foreign_keys if _is_core(key.target_fullname)]
        assert [row for row in found if any(row[column] is not None for column in points)] == []


def _is_core(column: str) -> bool:
    return column in ("post.id", "comment.id")


def test_no_bundled_plugin_needs_another() -> None:
    found = find(Path("nowhere"))

    assert {one for one in BUNDLED if (read := found[one].manifest) and read.requires} == set()
