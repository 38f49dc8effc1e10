"""Export and restore: what a plugin kept comes back as it was, whole or not at all."""

import json
import stat
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, insert, select, text

from blog import folder, jobs, parcels
from blog.db import session, sqlite_url, writing
from blog.models import Job, PluginState, StoredSettings
from blog.parcels import RestoreRefused
from blog.platform import archive, lifecycle, removal, restoring
from blog.platform.archive import Contents, ExportFailed
from blog.testing import SiteUnderTest
from tests.platform.samples import whole
from tests.platform.test_migrations import revision

KINDS = """op.create_table(
        "kinds_value",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="CASCADE")),
        sa.Column("above_id", sa.Integer, sa.ForeignKey("kinds_value.id", ondelete="CASCADE")),
        sa.Column("like_id", sa.Integer, sa.ForeignKey("kinds_value.id", ondelete="SET NULL")),
        sa.Column("text", sa.Text),
        sa.Column("data", sa.LargeBinary),
        sa.Column("price", sa.Numeric(12, 4)),
        sa.Column("weight", sa.Float),
        sa.Column("true", sa.Boolean),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("local", sa.DateTime),
        sa.Column("day", sa.Date),
        sa.Column("hour", sa.Time),
        sa.Column("json", sa.JSON),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kinds_amid",
        sa.Column("value_id", sa.Integer, sa.ForeignKey("kinds_value.id"), primary_key=True),
    )"""
VALUE: dict[str, Any] = {
    "text": "« Ça va ? »\n\u2028 \\ \"'",
    "data": bytes(range(256)),
    "weight": 0.1 + 0.2,
    "true": True,
    "json": {"bytes": "no", "a": [1, None, "é"]},
}
FILE = "media/kinds/one.bin"


@pytest.fixture
def bare(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with a plugin on that keeps every kind of value."""
    site = make_site([])
    write_plugin(site)
    site.enable("kinds")
    return site


def write_plugin(site: SiteUnderTest, *more: str) -> None:
    files: dict[str, str] = {}
    for number, code in enumerate((KINDS, *more), 1):
        files |= revision(number, code)
    folder = whole(site.instance / "plugins", "kinds", "", files)
    with (folder / "plugin.toml").open("a") as manifest:
        manifest.write('[reach]\nfiles = ["media/kinds/"]\nsecrets = ["key"]\n')


def fill(site: SiteUnderTest) -> None:
    """Keep rows that point at one another, settings, a job and a file."""
    post = site.write_post()
    with site.wsgi.database_only(), writing() as write:
        write.execute(text("INSERT INTO kinds_value (text) VALUES (NULL), ('x')"))
        table = Table("kinds_value", MetaData(), autoload_with=write.connection())
        times: dict[str, Any] = {
            "at": datetime(2026, 7, 1, 12, 30, 15, 123456, UTC),
            "local": datetime(2026, 7, 1, 12, 30, tzinfo=UTC).replace(tzinfo=None),
            "day": date(2026, 7, 1),
            "hour": time(23, 59, 1),
        }
        if site.wsgi.database.is_sqlite:
            times["at"] = times["at"].replace(tzinfo=None)
        points = {"post_id": post.id}
        write.execute(insert(table).values({**VALUE, **times, **points, "price": 12.3456}))
        write.execute(text("UPDATE kinds_value SET above_id = 3 WHERE id = 1"))
        write.execute(text("UPDATE kinds_value SET like_id = 3 WHERE id = 2"))
        write.execute(text("INSERT INTO kinds_amid VALUES (1), (3)"))
        write.execute(text("INSERT INTO kinds_value (id) VALUES (90)"))
        write.execute(text("DELETE FROM kinds_value WHERE id = 90"))
        jobs.add(write, "kinds", "later", {"n": 1, "é": [None]})
    site.set("kinds", title="Été", depth=3)
    path = site.instance / FILE
    path.parent.mkdir()
    path.write_bytes(b"\0\1\2")


def seen(site: SiteUnderTest) -> dict[str, Any]:
    """Read all that the plugin keeps."""
    with site.wsgi.database_only():
        data = session.scalar(select(StoredSettings.data).where(StoredSettings.owner == "kinds"))
        waiting = [
            (one.job, one.payload, one.created_at, one.run_at, one.done_at)
            for one in session.scalars(select(Job).where(Job.plugin == "kinds"))
        ]
        rows = [
            [list(row) for row in session.execute(text(f"SELECT * FROM {one} ORDER BY 1"))]
            for one in ("kinds_value", "kinds_amid")
        ]
    file = site.instance / FILE
    return {
        "rows": [[[_plain(one) for one in row] for row in table] for table in rows],
        "settings": data,
        "jobs": waiting,
        "file": file.read_bytes() if file.exists() else None,
    }


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def export(site: SiteUnderTest, target: Path, name: str = "kinds") -> Contents:
    with site.wsgi.database_only():
        return archive.export(site.wsgi.database, site.instance, name, target)


def uninstall(site: SiteUnderTest, name: str = "kinds") -> None:
    with site.wsgi.database_only():
        lifecycle.disable(site.instance, name)
        removal.uninstall(site.wsgi.database, site.instance, name)


def restore(site: SiteUnderTest, source: Path, name: str = "kinds") -> restoring.Restored:
    with site.wsgi.database_only():
        return restoring.restore(site.wsgi.database, site.instance, name, source)


def changed(source: Path, target: Path, edits: Mapping[str, bytes | None]) -> Path:
    """Copy a zip with other members, and say so: ``None`` leaves one out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        all_ = {**{name: old.read(name) for name in old.namelist()}, **edits}
        members = {name: content for name, content in all_.items() if content is not None}
        if "manifest.json" in members:
            head = json.loads(members.pop("manifest.json"))
            sums = {name: [len(one), sha256(one).hexdigest()] for name, one in members.items()}
            new.writestr("manifest.json", json.dumps({**head, "members": sums}))
        for name, content in members.items():
            new.writestr(name, content)
    return target


def manifest(source: Path, **values: Any) -> dict[str, bytes]:
    """Give a changed manifest of a zip."""
    with zipfile.ZipFile(source) as old:
        head = json.loads(old.read("manifest.json"))
    return {"manifest.json": json.dumps({**head, **values}).encode()}


def test_all_comes_back_as_it_was(bare: SiteUnderTest, tmp_path: Path) -> None:
    fill(bare)
    before = seen(bare)
    export(bare, tmp_path / "kinds.zip")
    uninstall(bare)
    bare.enable("kinds")
    assert seen(bare)["rows"] == [[], []]

    done = restore(bare, tmp_path / "kinds.zip")

    assert seen(bare) == before
    assert done.rows == {"kinds_value": 3, "kinds_amid": 2}
    assert (done.jobs, done.files, done.left_out, done.kept) == (1, 1, {}, [])


def test_secrets_are_in_no_export_and_stay_where_they_are(
    bare: SiteUnderTest, tmp_path: Path
) -> None:
    bare.set("kinds", title="Été", key="hushhush")
    export(bare, tmp_path / "kinds.zip")
    bare.set("kinds", title="Hiver", key="newer")
    restore(bare, tmp_path / "kinds.zip")

    with zipfile.ZipFile(tmp_path / "kinds.zip") as found:
        assert not any(b"hushhush" in found.read(name) for name in found.namelist())
    assert seen(bare)["settings"] == {"title": "Été", "key": "newer"}


MOVED = """
from blog import SecretField, SettingsForm
from wtforms import SelectMultipleField, StringField

class Settings(SettingsForm):
    schema_version = 2
    languages = SelectMultipleField(default=["en"], choices=["en", "fr", "de"])
    title = StringField(default="")
    token = SecretField()

    @staticmethod
    def move_values(values, from_version):
        languages = [values.pop("language", "en")]
        return {"languages": languages, "token": values.pop("key", ""), **values}
"""


def versioned(site: SiteUnderTest, code: str, version: int) -> SiteUnderTest:
    """Let the plugin have settings of a version."""
    secret = "token" if version > 1 else "key"
    write_plugin(site)
    folder = site.instance / "plugins" / "kinds"
    (folder / "__init__.py").write_text(code)
    manifest = (folder / "plugin.toml").read_text().replace('"key"', f'"{secret}"')
    (folder / "plugin.toml").write_text(manifest)
    again = SiteUnderTest(site.instance, site.environ)
    again.enable("kinds")
    return again


def test_older_settings_are_moved_and_newer_secrets_stay(
    bare: SiteUnderTest, tmp_path: Path
) -> None:
    bare.set("kinds", language="fr", key="old")
    export(bare, tmp_path / "kinds.zip")
    again = versioned(bare, MOVED, 2)
    again.set("kinds", languages=["de"], title="Hiver", token="newer")
    restore(again, tmp_path / "kinds.zip")

    assert seen(again)["settings"] == {"languages": ["fr"], "token": "newer"}
    with again.context() as current:
        assert current.settings["kinds"].token == "newer"
        assert current.settings["kinds"].languages == ["fr"]
    again.close()


def test_an_export_without_settings_leaves_settings_and_their_version(
    bare: SiteUnderTest, tmp_path: Path
) -> None:
    export(bare, tmp_path / "kinds.zip")
    again = versioned(bare, MOVED, 2)
    again.set("kinds", languages=["de"], token="newer")
    restore(again, tmp_path / "kinds.zip")

    assert seen(again)["settings"] == {"languages": ["de"], "token": "newer"}
    with again.wsgi.database_only():
        state = session.get(PluginState, "kinds")
        assert state is not None
        assert state.settings_version == 2
    again.close()


def test_settings_of_a_newer_version_are_refused(bare: SiteUnderTest, tmp_path: Path) -> None:
    bare.set("kinds", title="Été")
    export(bare, tmp_path / "kinds.zip")
    newer = manifest(tmp_path / "kinds.zip", settings_version=2)

    with pytest.raises(RestoreRefused, match="of version 2, its code knows 1"):
        restore(bare, changed(tmp_path / "kinds.zip", tmp_path / "newer.zip", newer))

    assert seen(bare)["settings"] == {"title": "Été"}
    with bare.context() as current:
        assert not current.failures


def test_numbers_that_were_given_once_are_not_given_again(
    bare: SiteUnderTest, tmp_path: Path
) -> None:
    fill(bare)
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("INSERT INTO kinds_value (text) VALUES ('before')"))
        last = write.scalar(text("SELECT max(id) FROM kinds_value")) or 0
        write.execute(text(f"DELETE FROM kinds_value WHERE id = {last}"))
    export(bare, tmp_path / "kinds.zip")
    uninstall(bare)
    bare.enable("kinds")
    restore(bare, tmp_path / "kinds.zip")

    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("INSERT INTO kinds_value (text) VALUES ('next')"))
        assert write.scalar(text("SELECT id FROM kinds_value WHERE text = 'next'")) == last + 1


def test_what_is_there_is_counted_and_replaced(bare: SiteUnderTest, tmp_path: Path) -> None:
    fill(bare)
    before = seen(bare)
    export(bare, tmp_path / "kinds.zip")
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("UPDATE kinds_value SET text = 'changed'"))
    with bare.wsgi.database_only():
        counts = restoring.replaced(bare.wsgi.database, "kinds", tmp_path / "kinds.zip")
    assert counts == {"kinds_value": 3, "kinds_amid": 2}

    done = restore(bare, tmp_path / "kinds.zip")

    assert seen(bare) == before
    assert done.kept == [FILE]


def test_an_export_is_its_owners_alone_and_says_what_it_is(
    bare: SiteUnderTest, tmp_path: Path
) -> None:
    fill(bare)
    export(bare, tmp_path / "kinds.zip")

    assert stat.S_IMODE((tmp_path / "kinds.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / "kinds.zip") as found:
        head = json.loads(found.read("manifest.json"))
    assert (head["plugin"], head["version"], head["revision"]) == ("kinds", "1.0", "0001")
    assert {"name": "text", "type": "TEXT"} in head["tables"][0]["columns"]


def test_a_file_that_is_there_is_never_overwritten(bare: SiteUnderTest, tmp_path: Path) -> None:
    (tmp_path / "kinds.zip").write_text("mine")

    with pytest.raises(ExportFailed, match="is there already"):
        export(bare, tmp_path / "kinds.zip")

    assert (tmp_path / "kinds.zip").read_text() == "mine"


def test_an_export_that_fails_leaves_no_file(bare: SiteUnderTest, tmp_path: Path) -> None:
    fill(bare)
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("DROP TABLE kinds_version"))
        write.execute(text("CREATE TABLE kinds_version (other INTEGER)"))

    with pytest.raises(ExportFailed, match="kinds was not exported"):
        export(bare, tmp_path / "kinds.zip")

    assert [one.name for one in tmp_path.iterdir()] == ["instance"]


def test_rows_whose_post_is_gone_are_left_out_and_counted(
    bare: SiteUnderTest, tmp_path: Path
) -> None:
    fill(bare)
    export(bare, tmp_path / "kinds.zip")
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("DELETE FROM kinds_amid"))
        write.execute(text("DELETE FROM post"))

    done = restore(bare, tmp_path / "kinds.zip")

    assert done.left_out == {"kinds_value": 2, "kinds_amid": 2}
    [row] = seen(bare)["rows"][0]
    assert (row[3], row[4]) == (None, "x"), "one that may point nowhere stays"


def test_a_newer_revision_takes_an_older_export(bare: SiteUnderTest, tmp_path: Path) -> None:
    fill(bare)
    export(bare, tmp_path / "kinds.zip")
    uninstall(bare)
    added = 'op.add_column("kinds_value", sa.Column("more", sa.Integer, server_default="5"))'
    write_plugin(bare, added)
    again = SiteUnderTest(bare.instance, bare.environ)
    again.enable("kinds")
    restore(again, tmp_path / "kinds.zip")

    assert {row[-1] for row in seen(again)["rows"][0]} == {5}
    again.close()


def test_what_does_not_fit_is_refused_and_nothing_is_changed(
    bare: SiteUnderTest, tmp_path: Path
) -> None:
    fill(bare)
    source = tmp_path / "kinds.zip"
    export(bare, source)
    before = seen(bare)
    with zipfile.ZipFile(source) as old:
        head = json.loads(old.read("manifest.json"))
        lines = old.read("tables/kinds_value.jsonl").splitlines(keepends=True)
    tables = head["tables"]
    by_name = {one["name"]: one for one in tables}
    value = "tables/kinds_value.jsonl"
    column = {"name": "other", "type": "TEXT"}
    wider = [{**one, "columns": [*one["columns"], column]} for one in tables]
    bad = b'{"datetime": 5}'
    edits: dict[str, tuple[dict[str, bytes | None], str]] = {
        "newer": ({**manifest(source, revision="0009")}, "install the newer version"),
        "column": ({**manifest(source, tables=wider)}, "column 'other'"),
        "other": ({**manifest(source, plugin="links")}, "data of links"),
        "format": ({**manifest(source, format=9)}, "its format is 9"),
        "kind": ({**manifest(source, kind="?")}, "is no palabre plugin export"),
        "no manifest": ({"manifest.json": None}, "is no palabre plugin export"),
        "no member": ({value: None}, "not restored"),
        "odd member": ({"../../evil.py": b"x"}, "bad path"),
        "path": ({**manifest(source, files=["../evil"]), "files/../evil": b"x"}, "bad path"),
        "config": ({**manifest(source, files=["config.toml"])}, "does not say"),
        "absolute": ({**manifest(source, files=["/etc/x"])}, "does not say"),
        "undeclared": (
            {**manifest(source, files=["media/x"]), "files/media/x": b"x", f"files/{FILE}": None},
            "does not say that it keeps files",
        ),
        "fewer rows": ({value: b"".join(lines[:-1])}, "rows of kinds_value are missing"),
        "no json": ({value: b"".join([*lines[:-1], b"{\n"])}, "not restored"),
        "no row": ({value: b"[]\n" * 3}, "no row"),
        "other row": ({value: b'{"id": 1}\n' * 3}, "not whole"),
        "bad value": ({value: b"".join(lines).replace(b'"x"', bad)}, "is no value"),
        "bad type": ({value: b"".join(lines).replace(b'"x"', b"5")}, "does not fit"),
        "same twice": ({value: lines[1] * 3}, "not restored"),
        "settings": ({**manifest(source, settings=[1])}, "not restored"),
        "core table": (
            {
                **manifest(source, tables=[{**by_name["kinds_amid"], "name": "post"}]),
                "tables/post.jsonl": b"", value: None, "tables/kinds_amid.jsonl": None,
            },
            "'post' that is not there",
        ),
        "versions": (
            {
                **manifest(source, tables=[{**by_name["kinds_amid"], "name": "kinds_version"}]),
                "tables/kinds_version.jsonl": b"", value: None, "tables/kinds_amid.jsonl": None,
            },
            "'kinds_version' that is not there",
        ),
    }  # fmt: skip
    (bare.instance / FILE).unlink()
    for index, (edit, said) in enumerate(edits.values()):
        with pytest.raises(RestoreRefused, match=said):
            restore(bare, changed(source, tmp_path / f"{index}.zip", edit))

    assert seen(bare) == {**before, "file": None}


def test_a_damaged_zip_is_refused(bare: SiteUnderTest, tmp_path: Path) -> None:
    fill(bare)
    source = tmp_path / "kinds.zip"
    export(bare, source)
    before = seen(bare)
    content = source.read_bytes()
    broken = tmp_path / "broken.zip"
    for index in range(0, len(content), 151):
        broken.write_bytes(content[:index] + bytes([content[index] ^ 0x55]) + content[index + 1 :])
        try:
            restore(bare, broken)
        except RestoreRefused:
            continue
        assert seen(bare)["rows"] == before["rows"]
    for part in (0, 10, len(content) // 2):
        broken.write_bytes(content[:part])
        with pytest.raises(RestoreRefused):
            restore(bare, broken)

    assert seen(bare) == before


def test_a_bomb_is_refused_before_it_is_unpacked(
    bare: SiteUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "kinds.zip"
    export(bare, source)
    monkeypatch.setattr(parcels, "LARGEST", 100_000)
    member = "tables/kinds_value.jsonl"

    with pytest.raises(RestoreRefused, match="more than there is room for"):
        restore(bare, changed(source, tmp_path / "bomb.zip", {member: b" " * 1_000_000}))


def test_a_line_without_end_is_refused(
    bare: SiteUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "kinds.zip"
    export(bare, source)
    monkeypatch.setattr(parcels, "LONGEST_LINE", 1000)
    member = "tables/kinds_value.jsonl"

    with pytest.raises(RestoreRefused, match="too long"):
        restore(bare, changed(source, tmp_path / "long.zip", {member: b" " * 2000}))


def test_another_plugins_export_is_refused(bare: SiteUnderTest, tmp_path: Path) -> None:
    whole(bare.instance / "plugins", "links")
    bare.enable("links")
    export(bare, tmp_path / "links.zip", "links")

    with pytest.raises(RestoreRefused, match="holds the data of links, not of kinds"):
        restore(bare, tmp_path / "links.zip")


def test_a_plugin_that_is_off_is_refused_with_the_mend(bare: SiteUnderTest, tmp_path: Path) -> None:
    export(bare, tmp_path / "kinds.zip")
    bare.disable("kinds")

    with pytest.raises(RestoreRefused, match="palabre plugins enable kinds"):
        restore(bare, tmp_path / "kinds.zip")


def test_a_restored_plugin_catches_up(bare: SiteUnderTest, tmp_path: Path) -> None:
    export(bare, tmp_path / "kinds.zip")
    restore(bare, tmp_path / "kinds.zip")

    with bare.wsgi.database_only():
        assert session.scalar(select(PluginState.behind).where(PluginState.name == "kinds"))


@pytest.mark.exact_site("related leaves jobs of its own", beside=["related"])
def test_a_job_whose_number_is_taken_gets_another(bare: SiteUnderTest, tmp_path: Path) -> None:
    fill(bare)
    export(bare, tmp_path / "kinds.zip")
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("UPDATE job SET plugin = 'links'"))
    assert restore(bare, tmp_path / "kinds.zip").jobs == 1

    with bare.wsgi.database_only():
        assert sorted(session.scalars(select(Job.plugin))) == ["kinds", "links"]


@pytest.mark.exact_site("related leaves jobs of its own", beside=["related"])
def test_the_number_of_a_job_in_an_export_stops_nobodys_jobs(
    bare: SiteUnderTest, tmp_path: Path
) -> None:
    fill(bare)
    highest = 2**63 - 1 if bare.wsgi.database.is_sqlite else 2**31 - 1
    with bare.wsgi.database_only(), writing() as write:
        given = write.scalar(text("SELECT id FROM job"))
        write.execute(text(f"UPDATE job SET id = {highest}"))
    export(bare, tmp_path / "kinds.zip")
    with bare.wsgi.database_only(), writing() as write:
        write.execute(text("DELETE FROM job"))
        if bare.wsgi.database.is_sqlite:
            write.execute(text(f"UPDATE sqlite_sequence SET seq = {given} WHERE name = 'job'"))
    restore(bare, tmp_path / "kinds.zip")

    with bare.wsgi.database_only(), writing() as write:
        assert jobs.add(write, "kinds", "count", {}) < 100


@pytest.mark.postgres
@pytest.mark.parametrize("way", ["to PostgreSQL", "to SQLite"])
def test_an_export_moves_between_the_databases(tmp_path: Path, postgres_url: str, way: str) -> None:
    urls = [sqlite_url(tmp_path / "one.sqlite"), postgres_url]
    made: list[SiteUnderTest] = []
    for url in urls if way == "to PostgreSQL" else reversed(urls):
        environ = {"BLOG_DATABASE_URL": url}
        instance = tmp_path / f"site{len(made)}"
        folder.create(instance, environ=environ)
        made.append(SiteUnderTest(instance, environ))
        write_plugin(made[-1])
        made[-1].enable("kinds")
        fill(made[-1])
    first, second = made
    export(first, tmp_path / "kinds.zip")
    before = typed(second)
    with second.wsgi.database_only(), writing() as write:
        write.execute(text("DELETE FROM kinds_amid"))
        write.execute(text("DELETE FROM kinds_value"))

    restore(second, tmp_path / "kinds.zip")

    assert typed(second) == before == typed(first)
    for one in made:
        one.close()


def typed(site: SiteUnderTest) -> list[dict[str, Any]]:
    """Read the row that holds each kind of value, with the types of its columns."""
    with site.wsgi.database.reader.connect() as connection:
        table = Table("kinds_value", MetaData(), autoload_with=connection)
        rows = connection.execute(select(table).order_by(table.c.id)).mappings()
        return [{key: _aware(key, value) for key, value in row.items()} for row in rows]


def _aware(key: str, value: Any) -> Any:
    if key == "at" and value is not None:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


@pytest.mark.slow
def test_memory_stays_flat_over_many_rows(bare: SiteUnderTest, tmp_path: Path) -> None:
    with bare.wsgi.database_only(), writing() as write:
        rows = [{"n": number, "t": "x" * 500} for number in range(20_000)]
        write.execute(text("INSERT INTO kinds_value (id, text) VALUES (:n, :t)"), rows)
    del rows
    tracemalloc.start()
    export(bare, tmp_path / "kinds.zip")
    restore(bare, tmp_path / "kinds.zip")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 8 * 2**20
