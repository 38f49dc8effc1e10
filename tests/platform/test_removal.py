"""Removal: nothing of a plugin is left, none of its code runs, and its owner sees it first."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from blog import doctor, jobs, schema
from blog.db import NAMING, now, session, writing
from blog.models import Job, PluginCost, PluginError, PluginState, StoredSettings
from blog.platform import archive, lifecycle, listing, removal
from blog.platform.check import PluginRefused
from blog.site import Site
from blog.testing import SiteUnderTest
from tests.platform.samples import turn_on, whole
from tests.platform.test_migrations import revision

TWO_TABLES = """op.create_table(
        "polls_poll",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="CASCADE"), index=True),
        sa.Column("best", sa.Integer),
        sa.UniqueConstraint("post_id", name="uq_polls_poll"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "polls_vote",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("poll_id", sa.Integer, sa.ForeignKey("polls_poll.id"), nullable=False),
        sa.Column("comment_id", sa.Integer, sa.ForeignKey("comment.id", ondelete="CASCADE")),
    )
    op.create_index("polls_by_author", "comment", ["author"])
    op.execute("CREATE VIEW polls_count AS SELECT count(*) AS votes FROM polls_vote")"""
REACH = {"files": ["media/polls/", "polls/", "media/", "polls.txt", "../elsewhere/", "config.toml"]}


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


def polls(site: SiteUnderTest, code: str = "") -> Path:
    """Write a plugin with tables that point at the core and at each other."""
    folder = whole(site.instance / "plugins", "polls", code, revision(1, TWO_TABLES))
    with (folder / "plugin.toml").open("a") as manifest:
        manifest.write(f"[reach]\nfiles = {REACH['files']}\n")
    return folder


def use(site: SiteUnderTest) -> None:
    """Leave something of the plugin in every place."""
    post = site.write_post()
    with site.wsgi.database_only(), writing() as write:
        write.execute(text(f"INSERT INTO polls_poll (post_id) VALUES ({post.id})"))
        write.execute(text("INSERT INTO polls_vote (id, poll_id) VALUES (7, 1), (8, 1)"))
        jobs.add(write, "polls", "count", {})
        write.add(PluginError(plugin="polls", hook="x"))
        write.add(PluginCost(plugin="polls", hook="x", hour=now()))
    site.set("polls", title="Qui ?")
    (site.instance / "media" / "polls").mkdir()
    (site.instance / "media" / "polls" / "one.png").write_bytes(b"png")
    (site.instance / "media" / "2026").mkdir()
    (site.instance / "media" / "2026" / "owner.jpg").write_bytes(b"jpg")
    (site.instance / "polls").mkdir()
    (site.instance / "polls" / "data.txt").write_text("x")
    (site.instance / "polls.txt").write_text("x")


def outline(site: SiteUnderTest) -> schema.Outline:
    with site.wsgi.database.reader.connect() as connection:
        return schema.outline(connection)


def look(site: SiteUnderTest, name: str) -> removal.Belongings:
    with site.wsgi.database_only():
        return removal.look(site.wsgi.database, site.instance, name)


def uninstall(site: SiteUnderTest, name: str) -> None:
    with site.wsgi.database_only():
        lifecycle.disable(site.instance, name)
        assert removal.uninstall(site.wsgi.database, site.instance, name) == []


def rows_of(site: SiteUnderTest, name: str) -> int:
    owners = (Job.plugin, PluginError.plugin, PluginCost.plugin, PluginState.name)
    with site.wsgi.database_only():
        counts = [
            session.scalar(select(func.count()).where(owner == name))
            for owner in (*owners, StoredSettings.owner)
        ]
    return sum(filter(None, counts))


def test_an_owner_sees_what_will_go_and_what_stays(bare: SiteUnderTest) -> None:
    polls(bare)
    bare.enable("polls")
    use(bare)

    what = look(bare, "polls")

    assert dict(what.tables) == {"polls_poll": 1, "polls_version": 1, "polls_vote": 2}
    assert what.settings == ("title",)
    assert (what.jobs, what.errors, what.costs) == (1, 1, 1)
    assert what.files == ("media/polls/one.png", "polls/data.txt")
    assert what.stays == ("plugins/polls", "media", "polls.txt", "config.toml")


def test_what_was_there_before_is_all_that_is_there_afterwards(bare: SiteUnderTest) -> None:
    before = outline(bare)
    polls(bare)
    bare.enable("polls")
    use(bare)
    assert outline(bare) != before

    uninstall(bare, "polls")

    assert outline(bare) == before
    assert rows_of(bare, "polls") == 0
    assert not (bare.instance / "polls").exists()
    assert (bare.instance / "polls.txt").exists(), "it bears no folder's name"
    assert [one.name for one in (bare.instance / "media").iterdir()] == ["2026"]
    assert (bare.instance / "media" / "2026" / "owner.jpg").exists()
    assert (bare.instance / "config.toml").exists()
    assert (bare.instance / "plugins" / "polls" / "plugin.toml").exists()
    assert bare.get("/").status_code == 200


def test_it_can_be_installed_again(bare: SiteUnderTest) -> None:
    polls(bare)
    bare.enable("polls")
    use(bare)
    uninstall(bare, "polls")
    bare.enable("polls")

    assert dict(look(bare, "polls").tables) == {
        "polls_poll": 0,
        "polls_version": 1,
        "polls_vote": 0,
    }


@pytest.mark.parametrize("broken", ["raise SystemExit", "manifest", "gone"])
def test_a_broken_or_missing_plugin_is_uninstalled_too(bare: SiteUnderTest, broken: str) -> None:
    before = outline(bare)
    folder = polls(bare)
    bare.enable("polls")
    use(bare)
    if broken == "gone":
        shutil.rmtree(folder)
    elif broken == "manifest":
        (folder / "plugin.toml").write_text("not toml")
    else:
        (folder / "__init__.py").write_text(broken)

    uninstall(bare, "polls")

    assert outline(bare) == before
    assert rows_of(bare, "polls") == 0


def test_none_of_its_code_runs(bare: SiteUnderTest) -> None:
    folder = polls(bare)
    bare.enable("polls")
    for file in folder.rglob("*.py"):
        file.write_text(f"from pathlib import Path\nPath({str(bare.instance)!r}, 'ran').touch()\n")
    again = SiteUnderTest(bare.instance, bare.environ)
    uninstall(again, "polls")

    assert not (bare.instance / "ran").exists()
    again.close()


def test_what_has_nothing_is_nothing_to_remove(bare: SiteUnderTest) -> None:
    whole(bare.instance / "plugins", "links")

    assert look(bare, "links").is_empty


@pytest.mark.parametrize("name", ["poll", "core", "plugin", "site", "post_x", "former", "../x", ""])
def test_an_unknown_name_is_refused(bare: SiteUnderTest, name: str) -> None:
    polls(bare)

    with pytest.raises(PluginRefused, match="no plugin is called"):
        look(bare, name)


@pytest.mark.parametrize("name", [*NAMING, "alembic", "pg", "sqlite"])
def test_no_plugin_is_called_like_what_indexes_begin_with(bare: SiteUnderTest, name: str) -> None:
    whole(bare.instance / "plugins", name)

    with pytest.raises(PluginRefused):
        bare.enable(name)
    with pytest.raises(PluginRefused):
        uninstall(bare, name)


@pytest.mark.parametrize("name", ["comment", "post", "job", "leftover", "imported", "setting"])
def test_a_plugin_called_like_a_table_of_the_core_takes_nothing_of_it(
    bare: SiteUnderTest, name: str
) -> None:
    before = outline(bare)
    whole(bare.instance / "plugins", name)
    bare.enable(name)
    uninstall(bare, name)

    assert outline(bare) == before


def test_files_of_another_plugin_are_nobody_elses_to_remove(bare: SiteUnderTest) -> None:
    polls(bare)
    whole(bare.instance / "plugins", "photos", reach={"files": ["media/polls/", "polls"]})
    bare.enable("polls")
    use(bare)

    assert look(bare, "photos").files == ()
    assert look(bare, "photos").stays == ("plugins/photos", "media/polls", "polls")


def test_a_plugin_called_media_takes_no_pictures_of_others(bare: SiteUnderTest) -> None:
    whole(bare.instance / "plugins", "media", reach={"files": ["media/"]})
    (bare.instance / "media" / "owner.jpg").write_bytes(b"jpg")

    assert look(bare, "media").files == ()


def test_a_link_to_elsewhere_in_the_instance_is_not_followed(bare: SiteUnderTest) -> None:
    polls(bare)
    (bare.instance / "polls").symlink_to(bare.instance / "media")
    (bare.instance / "media" / "owner.jpg").write_bytes(b"jpg")

    assert look(bare, "polls").files == ()


def test_pictures_of_imported_posts_stay_without_the_importer(site: SiteUnderTest) -> None:
    for name in ("media/wp-content/uploads/a.png", "wordpress/waiting.xml"):
        (site.instance / name).parent.mkdir(parents=True)
        (site.instance / name).write_bytes(b"x")

    what = look(site, "wordpress")

    assert what.files == ("wordpress/waiting.xml",)
    assert what.stays == ("media/wp-content/uploads",)


def test_a_link_out_of_the_instance_is_not_followed(bare: SiteUnderTest, tmp_path: Path) -> None:
    polls(bare)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "mine.txt").write_text("x")
    (bare.instance / "media" / "polls").symlink_to(tmp_path / "outside")
    bare.enable("polls")
    uninstall(bare, "polls")

    assert (tmp_path / "outside" / "mine.txt").exists()


def test_a_table_of_another_plugin_that_points_here_is_named(bare: SiteUnderTest) -> None:
    polls(bare)
    table = 'op.create_table("tops_x", sa.Column("p", sa.Integer, sa.ForeignKey("polls_poll.id")))'
    whole(bare.instance / "plugins", "tops", "", revision(1, table))
    bare.enable("polls")
    bare.enable("tops")
    before = outline(bare)

    with pytest.raises(PluginRefused, match="palabre plugins uninstall tops first"):
        removal.refuse_pointed_at(bare.wsgi.database, "polls")
    with pytest.raises(PluginRefused, match="palabre plugins uninstall tops first"):
        uninstall(bare, "polls")

    assert outline(bare) == before


def test_those_that_need_it_and_posts_that_it_guards_are_named(bare: SiteUnderTest) -> None:
    polls(bare)
    whole(bare.instance / "plugins", "tops", requires=["polls"])
    bare.enable("polls")
    bare.enable("tops")
    bare.write_post("Caché", guard="polls")

    what = look(bare, "polls")

    assert what.needed_by == ("tops",)
    assert what.guarded == 1


def test_a_post_and_a_comment_take_a_plugins_rows_with_them(bare: SiteUnderTest) -> None:
    polls(bare)
    bare.enable("polls")
    post = bare.write_post()
    other = bare.write_post("Autre", "Ailleurs")
    comment = bare.write_comment(post)
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text(f"INSERT INTO polls_poll (post_id) VALUES ({other.id})"))
        vote = f"INSERT INTO polls_vote (id, poll_id, comment_id) VALUES (7, 1, {comment.id})"
        write.execute(text(vote))
        write.execute(text(f"DELETE FROM comment WHERE id = {comment.id}"))
    assert dict(look(bare, "polls").tables)["polls_vote"] == 0

    with bare.wsgi.database_only(), writing() as write:
        write.execute(text(f"DELETE FROM post WHERE id = {other.id}"))
    assert dict(look(bare, "polls").tables)["polls_poll"] == 0


def test_a_plugin_that_is_gone_and_off_can_be_removed(bare: SiteUnderTest) -> None:
    before = outline(bare)
    folder = polls(bare)
    bare.enable("polls")
    bare.disable("polls")
    shutil.rmtree(folder)
    uninstall(bare, "polls")

    assert outline(bare) == before


def test_a_bundled_plugin_is_off_afterwards_and_can_be_turned_on(site: SiteUnderTest) -> None:
    post = site.write_post()
    site.write_comment(post)
    uninstall(site, "threads")

    assert site.get(post.path).status_code == 200
    with site.wsgi.database_only():
        found = {one.name: one.state for one in listing.plugins(site.instance)}
    assert found["threads"] == "off"

    site.enable("threads")
    assert look(site, "threads").tables["threads_node"] == 1


def test_what_needs_it_while_it_is_on_stays_listed(bare: SiteUnderTest) -> None:
    turn_on(bare, "ghost")
    uninstall(bare, "ghost")

    with bare.wsgi.database_only():
        assert "ghost" not in {one.name for one in listing.plugins(bare.instance)}


def test_the_doctor_names_tables_of_a_plugin_that_is_gone(bare: SiteUnderTest) -> None:
    folder = polls(bare)
    bare.enable("polls")
    bare.disable("polls")
    shutil.rmtree(folder)
    site = Site(bare.instance, environ=bare.environ)

    [left] = doctor._left(site)

    assert left.mend.endswith("palabre plugins uninstall polls")
    site.close()


INDEX = "CREATE VIRTUAL TABLE polls_text USING fts5(body)"
OF_POSTGRESQL = (
    "CREATE TYPE polls_kind AS ENUM ('open', 'closed')",
    "CREATE TABLE polls_poll (id serial PRIMARY KEY, kind polls_kind)",
    "CREATE FUNCTION polls_note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER polls_watch AFTER INSERT ON comment FOR EACH ROW EXECUTE FUNCTION polls_note()",
    "CREATE SEQUENCE polls_number",
    "CREATE MATERIALIZED VIEW polls_seen AS SELECT * FROM polls_poll",
)
OF_SQLITE = (
    INDEX,
    "INSERT INTO polls_text VALUES ('un mot')",
    "CREATE TABLE polls_poll (id INTEGER PRIMARY KEY AUTOINCREMENT)",
    "CREATE TRIGGER polls_watch AFTER INSERT ON comment BEGIN"
    " INSERT INTO polls_poll (id) VALUES (NULL); END",
)


def test_what_only_one_kind_of_database_has_goes_too(bare: SiteUnderTest, tmp_path: Path) -> None:
    before = outline(bare)
    statements = OF_SQLITE if bare.wsgi.database.is_sqlite else OF_POSTGRESQL
    code = "\n    ".join(f"op.execute({one!r})" for one in statements)
    whole(bare.instance / "plugins", "polls", "", revision(1, code))
    bare.enable("polls")
    bare.write_comment(bare.write_post())
    with bare.wsgi.database_only():
        kept = archive.export(bare.wsgi.database, bare.instance, "polls", tmp_path / "polls.zip")
    assert [one.name for one in kept.tables] == ["polls_poll"]

    uninstall(bare, "polls")

    assert outline(bare) == before
