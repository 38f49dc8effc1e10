"""Migrations: each owner's own table of versions, and one that breaks blocks nobody else."""

from collections.abc import Callable
from time import monotonic

import pytest
from sqlalchemy import inspect, text, update

from blog import migrate, schema
from blog.db import session, writing
from blog.migrate import DatabaseTooNew, MigrationFailed, Owner
from blog.models import PluginState
from blog.platform import lifecycle, listing, reloading, removal
from blog.platform.check import PluginRefused
from blog.testing import SiteUnderTest
from tests.platform.samples import turn_on, whole

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = {before}

def upgrade():
    {code}
"""
TABLE = 'op.create_table("{0}_{1}", sa.Column("id", sa.Integer, primary_key=True))'


def revision(number: int, code: str) -> dict[str, str]:
    before = f'"{number - 1:04}"' if number > 1 else None
    name = f"migrations/{number:04}_step.py"
    return {name: REVISION.format(number=f"{number:04}", before=before, code=code)}


def with_tables(site: SiteUnderTest, name: str, *codes: str) -> None:
    files: dict[str, str] = {}
    for number, code in enumerate(codes, 1):
        files |= revision(number, code)
    whole(site.instance / "plugins", name, "", files)


def tables(site: SiteUnderTest) -> set[str]:
    return set(inspect(site.wsgi.database.reader).get_table_names())


def upgraded(site: SiteUnderTest) -> SiteUnderTest:
    """Start anew on the files as they are now, as after an upgrade of packages."""
    with site.wsgi.database_only(), writing() as write:
        write.execute(update(PluginState).values(code=""))
    return SiteUnderTest(site.instance, site.environ)


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site without plugins."""
    return make_site([])


def test_each_owner_has_a_table_of_versions_of_its_own(site: SiteUnderTest) -> None:
    assert {"core_version", "threads_version"} <= tables(site)


def test_enabling_makes_the_tables(bare: SiteUnderTest) -> None:
    with_tables(bare, "links", TABLE.format("links", "one"), TABLE.format("links", "two"))
    assert "links_one" not in tables(bare)

    bare.enable("links")

    assert {"links_one", "links_two", "links_version"} <= tables(bare)


def test_enabling_what_cannot_migrate_is_refused_with_a_line(bare: SiteUnderTest) -> None:
    with_tables(bare, "links", "1 / 0")

    with pytest.raises(MigrationFailed, match="tables of links were not migrated: division"):
        bare.enable("links")

    with bare.wsgi.database_only():
        found = {one.name: one.state for one in listing.plugins(bare.instance)}
    assert found["links"] == "off"


@pytest.mark.parametrize("broken", ["1 / 0", "raise SystemExit(1)", "op.execute('nonsense')"])
def test_a_broken_revision_blocks_no_other_plugin_and_no_page(
    bare: SiteUnderTest, broken: str
) -> None:
    for name in ("alinks", "mlinks", "zlinks"):
        with_tables(bare, name, TABLE.format(name, "one"))
        bare.enable(name)
    for name in ("alinks", "mlinks", "zlinks"):
        second = broken if name == "mlinks" else TABLE.format(name, "two")
        with_tables(bare, name, TABLE.format(name, "one"), second)
    again = upgraded(bare)
    assert again.get("/").status_code == 200

    with again.wsgi.database_only():
        lifecycle.prepare_tables(again.wsgi.database, again.instance, again.wsgi.report)

    assert {"alinks_two", "zlinks_two"} <= tables(again)
    assert again.get("/").status_code == 200
    with again.context() as current:
        names = {one.name for one in current.plugins}
        assert names & {"alinks", "mlinks", "zlinks"} == {"alinks", "zlinks"}
        assert current.failures["mlinks"] == "its tables are older than its code: palabre migrate"
    again.close()


def test_an_update_migrates_when_it_is_taken(bare: SiteUnderTest) -> None:
    one, two = TABLE.format("links", "one"), TABLE.format("links", "two")
    with_tables(bare, "links", one)
    bare.enable("links")
    with_tables(bare, "links", one, two)
    assert bare.get("/").status_code == 200
    assert "links_two" not in tables(bare)

    with bare.wsgi.database_only():
        reloading.reload(bare.wsgi.database, bare.instance, "links")

    assert "links_two" in tables(bare)


def test_an_update_that_cannot_migrate_is_not_taken(bare: SiteUnderTest) -> None:
    with_tables(bare, "links", TABLE.format("links", "one"))
    bare.enable("links")
    with_tables(bare, "links", TABLE.format("links", "one"), "1 / 0")

    with bare.wsgi.database_only(), pytest.raises(MigrationFailed):
        reloading.reload(bare.wsgi.database, bare.instance, "links")

    bare.get("/")
    with bare.context() as current:
        assert "links" in [one.name for one in current.plugins]


def test_a_revision_that_fails_half_way_leaves_nothing_of_it(bare: SiteUnderTest) -> None:
    one = TABLE.format("links", "one")
    with_tables(bare, "links", one, f"{TABLE.format('links', 'half')}; 1 / 0")
    with pytest.raises(MigrationFailed):
        bare.enable("links")
    assert "links_half" not in tables(bare)

    with_tables(bare, "links", one, TABLE.format("links", "half"))
    bare.enable("links")

    assert "links_half" in tables(bare)


def test_a_plugin_whose_tables_are_newer_is_left_out_with_the_reason(bare: SiteUnderTest) -> None:
    with_tables(bare, "links", TABLE.format("links", "one"), TABLE.format("links", "two"))
    bare.enable("links")
    (bare.instance / "plugins" / "links" / "migrations" / "0002_step.py").unlink()
    again = upgraded(bare)

    assert again.get("/").status_code == 200
    with again.context() as current:
        assert "are at 0002, this code knows 0001" in current.failures["links"]
    again.close()


def test_a_plugin_that_keeps_no_tables_any_more_stops_nobody(bare: SiteUnderTest) -> None:
    with_tables(bare, "links", TABLE.format("links", "one"))
    bare.enable("links")
    (bare.instance / "plugins" / "links" / "migrations" / "0001_step.py").unlink()
    again = upgraded(bare)

    with again.context() as current:
        assert "links" not in current.failures
    again.close()


def test_tables_of_the_core_newer_than_the_code_are_refused_with_a_line(
    bare: SiteUnderTest,
) -> None:
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("UPDATE core_version SET version_num = '9999'"))

    with pytest.raises(DatabaseTooNew, match=r"at 9999.*start the newer version"):
        migrate.pending(bare.wsgi.database, [migrate.CORE])


def test_tables_of_the_core_older_than_the_code_are_named(bare: SiteUnderTest) -> None:
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("DELETE FROM core_version"))

    assert migrate.pending(bare.wsgi.database, [migrate.CORE]) == [migrate.CORE]


def test_rows_that_would_point_nowhere_fail_a_migration(bare: SiteUnderTest) -> None:
    table = (
        'op.create_table("links_row", sa.Column("post_id", sa.Integer,'
        ' sa.ForeignKey("post.id", ondelete="CASCADE")))'
    )
    with_tables(bare, "links", table, 'op.execute("INSERT INTO links_row VALUES (999)")')

    with pytest.raises(MigrationFailed):
        bare.enable("links")

    with bare.wsgi.database_only():
        assert session.scalar(text("SELECT count(*) FROM links_row")) == 0


def test_a_table_that_a_backup_reads_is_not_waited_for_by_every_page(
    bare: SiteUnderTest, backend: str
) -> None:
    if backend == "sqlite":
        pytest.skip("SQLite lets readers go on while a table changes")
    key = 'sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="CASCADE"))'
    with_tables(bare, "links", f'op.create_table("links_row", {key})')
    bare.enable("links")
    bare.disable("links")
    with bare.wsgi.database.reader.connect() as backup:
        backup.execution_options(isolation_level="REPEATABLE READ")
        backup.execute(text("SELECT 1 FROM post"))
        started = monotonic()
        with bare.wsgi.database_only(), pytest.raises(MigrationFailed, match="try again when it"):
            removal.uninstall(bare.wsgi.database, bare.instance, "links")

    assert 4 < monotonic() - started < 9
    assert "links_row" in tables(bare)
    with bare.wsgi.database_only():
        removal.uninstall(bare.wsgi.database, bare.instance, "links")
    assert "links_row" not in tables(bare)


def test_foreign_keys_hold_again_after_a_migration(bare: SiteUnderTest) -> None:
    with_tables(bare, "links", TABLE.format("links", "one"))
    bare.enable("links")
    insert = text("INSERT INTO former_address (path, post_id) VALUES ('/x/', 999)")

    with pytest.raises(Exception, match=r"(?i)foreign key"), bare.wsgi.database_only():
        write_out(insert)


def write_out(statement: object) -> None:
    with writing() as write:
        write.execute(statement)  # type: ignore[call-overload]


def test_nothing_migrates_at_import_or_by_a_page(bare: SiteUnderTest) -> None:
    with_tables(bare, "links", TABLE.format("links", "one"))
    turn_on(bare, "links")
    bare.get("/")
    bare.work()

    assert "links_one" not in tables(bare)


def test_a_plugin_without_migrations_has_no_table_of_versions(bare: SiteUnderTest) -> None:
    whole(bare.instance / "plugins", "links")
    bare.enable("links")

    assert "links_version" not in tables(bare)
    assert Owner("x", bare.instance / "nowhere").head == ""


@pytest.mark.exact_site("it needs threads, which is off", beside=["threads"])
def test_the_refusal_of_a_need_leaves_no_table_behind(bare: SiteUnderTest) -> None:
    files = revision(1, TABLE.format("links", "one"))
    whole(bare.instance / "plugins", "links", "", files, requires=["threads"])

    with pytest.raises(PluginRefused):
        bare.enable("links")

    assert "links_one" not in tables(bare)


STRAYS = {
    'op.create_table(str("other"), sa.Column("id", sa.Integer))': "makes the table 'other'",
    'op.create_table(str("link_one"), sa.Column("id", sa.Integer))': "makes the table 'link_one'",
    'op.drop_table("leftover")': "removes the",
    'op.execute("ALTER TABLE comment ADD COLUMN links INTEGER")': "changes the table 'comment'",
    'op.execute("ALTER TABLE comment DROP COLUMN sender")': "",
    'op.create_index("ix_x", "comment", ["url"])': "makes the index 'ix_x' of comment",
    'op.drop_index("ix_comment_email", "comment")': "removes the index 'ix_comment_email'",
    'op.rename_table("job", "links_job")': "",
    'op.execute("CREATE VIEW readers AS SELECT author FROM comment")': "makes the view 'readers'",
}


@pytest.mark.parametrize("code", STRAYS)
def test_a_revision_that_touches_what_is_not_the_plugins_is_undone(
    bare: SiteUnderTest, code: str
) -> None:
    def seen() -> schema.Outline:
        with bare.wsgi.database.reader.connect() as connection:
            return schema.outline(connection)

    before = seen()
    with_tables(bare, "links", f"{TABLE.format('links', 'one')}; {code}")

    owner = Owner("links", bare.instance / "plugins" / "links" / "migrations")
    with pytest.raises(MigrationFailed) as refused:
        migrate.upgrade(bare.wsgi.database, owner)

    assert "links" in str(refused.value)
    if bare.wsgi.database.is_sqlite:
        assert STRAYS[code] in str(refused.value)
    assert seen() == before


def test_a_plugin_may_index_and_watch_the_core_under_its_own_name(bare: SiteUnderTest) -> None:
    with_tables(bare, "links", 'op.create_index("links_by_url", "comment", ["url"])')
    bare.enable("links")

    with bare.wsgi.database.reader.connect() as connection:
        names = {one.name for one in schema.outline(connection) if one.is_of("links")}
    assert {"links_version", "links_by_url"} <= names


ENDLESS = (
    "[op.execute('SELECT 1') for _ in iter(int, 1)]",
    "op.execute('WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a)"
    " SELECT count(*) FROM a')",
)


@pytest.mark.parametrize("code", ENDLESS)
def test_a_migration_that_goes_on_for_ever_is_ended(
    bare: SiteUnderTest, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr("blog.fences.SECONDS", 0.3)
    with_tables(bare, "links", code)

    with pytest.raises(MigrationFailed, match=r"more than 0\.3 seconds and was ended"):
        bare.enable("links")

    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("UPDATE site_state SET safe = safe"))  # the lock is free again


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("op.execute('CREATE TABLE stray (a INT)'); op.execute('commit')", "says COMMIT"),
        ("op.execute(\"UPDATE core_version SET version_num = '9'\")", "not its own"),
    ],
)
def test_a_migration_ends_no_transaction_and_changes_no_other_version(
    bare: SiteUnderTest, code: str, reason: str
) -> None:
    with_tables(bare, "links", code)

    with pytest.raises(MigrationFailed, match=reason):
        bare.enable("links")

    assert "stray" not in tables(bare)
