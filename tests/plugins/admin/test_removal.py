"""A plugin removed with its data, after a look at what goes."""

import io
import zipfile

from blog import schema
from blog.platform import lifecycle
from blog.testing import SiteUnderTest

from .test_plugins import FRAGILE


def tables(site: SiteUnderTest) -> set[str]:
    """Name the tables of the site."""
    with site.wsgi.database.reader.connect() as connection:
        return {one.name for one in schema.outline(connection) if one.kind == schema.TABLE}


def test_what_would_go_is_shown_before(site, owner, post, comment) -> None:
    comment(post)
    site.set("threads", depth=4)
    page = owner.get("/admin/plugins/threads/remove").text
    for shown in ("<code>threads_node</code>", "one row", "<code>depth</code>"):
        assert shown in page


def test_how_an_export_comes_back_is_said(owner: SiteUnderTest) -> None:
    page = owner.get("/admin/plugins/threads/remove").text
    assert "palabre plugins restore threads FILE" in page


def test_the_export_is_a_zip_to_download(owner, post, comment) -> None:
    comment(post)
    answer = owner.get("/admin/plugins/threads/export")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=threads-")
    assert "no-store" in answer.headers["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as kept:
        assert "tables/threads_node.jsonl" in kept.namelist()


def test_an_export_that_would_lack_the_settings_says_so(site, owner) -> None:
    site.place("fragile", FRAGILE)
    with site.wsgi.database_only():
        lifecycle.store("fragile", {"x": 1})
    (site.instance / "plugins" / "fragile.py").write_text("")
    page = owner.get("/admin/plugins/fragile/remove").text
    assert "Beware:" in page
    assert "settings are left out, because" in page


def test_nothing_is_removed_without_the_tick(site, owner, send) -> None:
    answer = send(owner, "/admin/plugins/threads/remove")
    assert answer.status_code == 422
    assert "threads_node" in tables(site)


def test_a_plugin_goes_with_its_tables_and_comes_back_empty(site, owner, send, post) -> None:
    before = tables(site)
    answer = send(owner, "/admin/plugins/threads/remove", sure="yes")
    assert "Threads is removed with its data." in owner.follow(answer).text
    assert not [one for one in tables(site) if one.startswith("threads_")]
    assert site.get(post.path).status_code == 200
    send(owner, "/admin/plugins/threads/on")
    assert tables(site) == before


def test_what_a_plugin_left_behind_is_found_and_removed(site, owner, send) -> None:
    site.place("fragile", FRAGILE)
    site.disable("fragile")
    (site.instance / "plugins" / "fragile.py").unlink()
    assert 'href="/admin/plugins/fragile/remove"' in owner.get("/admin/plugins").text
    send(owner, "/admin/plugins/fragile/remove", sure="yes")
    assert "Left behind" not in owner.get("/admin/plugins").text


def test_removing_the_only_door_is_warned_of(owner: SiteUnderTest) -> None:
    page = owner.get("/admin/plugins/accounts/remove").text
    assert "palabre plugins enable accounts" in page


def test_the_admin_removes_itself(site, owner, send) -> None:
    answer = send(owner, "/admin/plugins/admin/remove", sure="yes")
    assert answer.headers["Location"] == "/"
    assert owner.get("/").status_code == 200
    assert owner.get("/admin/").status_code == 404
    assert not [one for one in tables(site) if one.startswith("admin_")]
