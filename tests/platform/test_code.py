"""Code by content: readers get what was turned on, whatever happens to its files."""

import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blog import session
from blog.models import PluginState, SiteState
from blog.platform import code, reloading
from blog.platform.check import PluginRefused
from blog.platform.discovery import find
from blog.testing import SiteUnderTest
from tests.platform.samples import put, single, turn_on, whole

SHOW = """
from markupsafe import Markup
@hookimpl
def slot_footer(post):
    return Markup("<p>{0}</p>")
"""
FOLDER = """
from blog import hookimpl, render
from flask import Blueprint
from markupsafe import Markup
bp = Blueprint("links", __name__)
@bp.get("/links")
def links():
    return render("links/page.html")
@hookimpl
def routes():
    return bp
"""


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


@pytest.fixture
def worker(bare: SiteUnderTest) -> Callable[[], SiteUnderTest]:
    """Begin another process of the same site, as far as its imports go."""
    return lambda: SiteUnderTest(bare.instance, bare.environ)


def copies(site: SiteUnderTest) -> list[Path]:
    """List what is kept."""
    return sorted((site.instance / ".plugins").iterdir())


def known(site: SiteUnderTest, name: str = "links") -> PluginState:
    """Read what is known of a plugin."""
    with site.wsgi.database_only():
        row = session.get(PluginState, name)
    assert row is not None
    return row


def reloads(site: SiteUnderTest) -> int:
    """Read how often workers were to be replaced."""
    with site.wsgi.database_only():
        return session.get_one(SiteState, 1).reloads


def reload(site: SiteUnderTest, name: str = "links") -> bool:
    """Take the code of a plugin as it is now."""
    with site.wsgi.database_only():
        return reloading.reload(site.wsgi.database, site.instance, name)


def test_a_plugin_that_is_turned_on_is_kept_with_version_and_hash(bare: SiteUnderTest) -> None:
    put(bare, "links", SHOW.format("first"), version="1.2")
    row = known(bare)

    assert row.version == "1.2"
    assert [one.name for one in copies(bare)] == [f"links-{row.code}"]
    assert row.code == code.hash_of(bare.instance / "plugins" / "links.py")


def test_a_new_process_gets_what_was_turned_on_and_not_an_edit(
    bare: SiteUnderTest, worker: Callable[[], SiteUnderTest]
) -> None:
    put(bare, "links", SHOW.format("first"))
    single(bare.instance / "plugins", "links", SHOW.format("second"))

    assert "<p>first</p>" in worker().get("/").text


def test_a_half_finished_upload_reaches_nobody(
    bare: SiteUnderTest, worker: Callable[[], SiteUnderTest]
) -> None:
    put(bare, "links", SHOW.format("first"))
    (bare.instance / "plugins" / "links.py").write_text('# /// plugin\n# title = "Li')

    assert "<p>first</p>" in worker().get("/").text


def test_templates_and_static_files_are_those_that_were_turned_on(
    bare: SiteUnderTest, worker: Callable[[], SiteUnderTest]
) -> None:
    files = {
        "templates/links/page.html": "first {{ asset('links', 'a.css') }}",
        "static/a.css": "a {}",
    }
    folder = whole(bare.instance / "plugins", "links", FOLDER, files, reach={"routes": ["/links"]})
    bare.enable("links")
    (folder / "templates/links/page.html").write_text("second")
    (folder / "static/a.css").write_text("b {}")
    other = worker()
    page = other.get("/links").text

    assert page.startswith("first ")
    assert other.get(page.split()[1]).text == "a {}"


def test_reloading_takes_the_code_and_asks_for_other_workers(
    bare: SiteUnderTest, worker: Callable[[], SiteUnderTest]
) -> None:
    put(bare, "links", SHOW.format("first"), version="1.0")
    before = reloads(bare)
    single(bare.instance / "plugins", "links", SHOW.format("second"), version="1.1")

    assert reload(bare)
    assert reloads(bare) == before + 1
    assert known(bare).version == "1.1"
    assert "<p>second</p>" in worker().get("/").text


def test_a_broken_edit_is_not_taken_and_all_stays_as_it_was(
    bare: SiteUnderTest, worker: Callable[[], SiteUnderTest]
) -> None:
    put(bare, "links", SHOW.format("first"))
    before = known(bare).code, reloads(bare)
    single(bare.instance / "plugins", "links", "def (")
    with pytest.raises(PluginRefused, match=r"links\.py"):
        reload(bare)

    assert (known(bare).code, reloads(bare)) == before
    assert "<p>first</p>" in worker().get("/").text


def test_a_plugin_that_is_off_is_not_reloaded(bare: SiteUnderTest) -> None:
    single(bare.instance / "plugins", "links", SHOW.format("first"))
    with pytest.raises(PluginRefused, match="palabre plugins enable links"):
        reload(bare)


def test_reloading_runs_the_migrations_of_the_new_code(bare: SiteUnderTest) -> None:
    folder = whole(bare.instance / "plugins", "links", "from blog import hookimpl")
    bare.enable("links")
    (folder / "migrations").mkdir()
    (folder / "migrations" / "0001_first.py").write_text(
        'import sqlalchemy as sa\nfrom alembic import op\nrevision = "0001"\n'
        "down_revision = None\n\ndef upgrade():\n"
        '    op.create_table("links_one", sa.Column("id", sa.Integer, primary_key=True))\n'
    )
    reload(bare)
    with bare.wsgi.database_only():
        rows = session.connection().exec_driver_sql("SELECT id FROM links_one").all()

    assert rows == []


def test_turning_on_changed_code_asks_for_other_workers(bare: SiteUnderTest) -> None:
    put(bare, "links", SHOW.format("first"))
    bare.disable("links")
    before = reloads(bare)
    bare.enable("links")
    assert reloads(bare) == before
    bare.disable("links")
    put(bare, "links", SHOW.format("second"))

    assert reloads(bare) == before + 1


def test_a_copy_that_is_gone_is_made_again_from_the_same_code(
    bare: SiteUnderTest, worker: Callable[[], SiteUnderTest]
) -> None:
    put(bare, "links", SHOW.format("first"))
    before = copies(bare)
    shutil.rmtree(bare.instance / ".plugins")

    assert "<p>first</p>" in worker().get("/").text
    assert copies(bare) == before


def test_a_copy_that_is_gone_and_other_files_are_used_and_told_of(
    bare: SiteUnderTest,
    worker: Callable[[], SiteUnderTest],
    caplog: pytest.LogCaptureFixture,
) -> None:
    put(bare, "links", SHOW.format("first"))
    single(bare.instance / "plugins", "links", SHOW.format("second"))
    shutil.rmtree(bare.instance / ".plugins")
    with caplog.at_level(logging.WARNING):
        assert "<p>second</p>" in worker().get("/").text

    assert "the code that links was turned on with is gone" in caplog.text
    with bare.wsgi.database_only():
        note = code.note_on(bare.instance, find(bare.instance)["links"], known(bare))
    assert "palabre plugins reload links" in note


def test_an_edit_that_was_not_taken_is_told_of(bare: SiteUnderTest) -> None:
    put(bare, "links", SHOW.format("first"))
    single(bare.instance / "plugins", "links", SHOW.format("second"))
    with bare.wsgi.database_only():
        note = code.note_on(bare.instance, find(bare.instance)["links"], known(bare))

    assert note == "its files changed since it was taken: palabre plugins reload links"


def test_caches_and_hidden_files_are_no_code(bare: SiteUnderTest) -> None:
    folder = whole(bare.instance / "plugins", "links", "from blog import hookimpl")
    before = code.hash_of(folder)
    (folder / ".swp").write_text("x")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_text("x")
    assert code.hash_of(folder) == before
    (folder / "words.txt").write_text("x")

    assert code.hash_of(folder) != before


def test_only_the_last_two_copies_are_kept_when_older_ones_serve_nobody(
    bare: SiteUnderTest,
) -> None:
    for turn in range(4):
        put(bare, "links", SHOW.format(f"turn {turn}"))
    assert len(copies(bare)) == 4
    long_ago = time.time() - 2 * code.UNUSED_SECONDS
    for one in copies(bare):
        os.utime(one, (long_ago, long_ago))
    put(bare, "links", SHOW.format("last"))
    put(bare, "links", SHOW.format("very last"))

    assert 2 <= len(copies(bare)) <= 3
    assert f"links-{known(bare).code}" in [one.name for one in copies(bare)]


def test_tracebacks_name_the_file_that_the_owner_knows(bare: SiteUnderTest) -> None:
    put(bare, "links", "@hookimpl\ndef slot_footer(post):\n    1 / 0")
    bare.get("/")
    bare.work()
    error = next(one for one in bare.errors() if one.plugin == "links")

    assert f"{bare.instance}/plugins/links.py" in error.traceback
    assert ".plugins" not in error.traceback


def test_a_site_from_before_code_was_kept_is_adopted(bare: SiteUnderTest) -> None:
    single(bare.instance / "plugins", "links", SHOW.format("first"))
    turn_on(bare, "links")
    with bare.wsgi.database_only():
        code.adopt(bare.instance)

    assert known(bare).code == code.hash_of(bare.instance / "plugins" / "links.py")


def test_a_process_never_imports_other_code_beside_what_it_has(
    bare: SiteUnderTest, worker: Callable[[], SiteUnderTest]
) -> None:
    put(bare, "links", SHOW.format("first"))
    asked: list[int] = []
    served = worker()
    served.wsgi.begin(asked.append)
    assert "<p>first</p>" in served.get("/").text
    single(bare.instance / "plugins", "links", SHOW.format("second"))
    reload(bare)
    bare.set("core", title="Later")
    page = served.get("/").text

    assert "<p>first</p>" in page
    assert "Later" not in page
    assert asked[-1] == reloads(bare)


def test_looking_for_a_new_generation_is_one_look_up_by_primary_key(bare: SiteUnderTest) -> None:
    bare.get("/")
    seen: list[str] = []
    with bare.wsgi.database_only():
        from sqlalchemy import event

        @event.listens_for(bare.wsgi.database.reader, "before_cursor_execute")
        def note(_c: object, _k: object, statement: str, *_: object) -> None:
            seen.append(" ".join(statement.split()))

        bare.wsgi.served()
    assert len(seen) == 1
    assert seen[0].startswith("SELECT site_state.generation, site_state.safe, site_state.reloads")
    assert "WHERE site_state.id =" in seen[0]
