"""A whole site goes into one archive and comes back the same, or nothing is changed."""

import json
import os
import stat
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from blog import folder, migrate, stillness
from blog.cli import palabre
from blog.platform import lifecycle
from blog.site import Site
from blog.testing import Clock, SiteUnderTest, hidden_fields
from tests.conftest import signed_in
from tests.shell import PROGRAM

PLUGIN = """
# /// plugin
# title = "Links"
# version = "1.2"
# api = 1
# ///
from blog import SecretField, SettingsForm, hookimpl
from wtforms import StringField
"""
Make = Callable[..., SiteUnderTest]


@pytest.fixture
def full(site: SiteUnderTest) -> SiteUnderTest:
    """Give a site with posts, a thread, a person, a file, a template and a plugin of its own."""
    signed_in(site, "Afi", "owner")
    post = site.write_post("Sous l’arbre")
    first = site.write_comment(post, "Bonjour « à tous »", author="Ama", email="ama@example.org")
    site.write_comment(post, "Bonsoir", parent=first)
    site.write_post("Brouillon", status="draft")
    (site.instance / "media" / "a").mkdir()
    (site.instance / "media" / "a" / "é.bin").write_bytes(bytes(range(256)))
    (site.instance / "templates" / "banner.html").write_text("hi")
    (site.instance / "config.toml").write_text('tagline = "Parlons"\n')
    site.place("links", PLUGIN)
    site.work()
    return site


def run(instance: Path, *words: str, **environ: str) -> Result:
    """Run a command of the shell."""
    env = {"BLOG_INSTANCE": str(instance), **environ}
    return CliRunner().invoke(palabre, list(words), env=env, catch_exceptions=False)


def backup(site: SiteUnderTest, target: Path, *words: str) -> Path:
    done = run(site.instance, "backup", str(target), *words, **site.environ)
    assert done.exit_code == 0, done.output
    return target


def manifest(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        head: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return head


def sums(path: Path) -> dict[str, tuple[int, str]]:
    """Give count and hash of each table but those that say what was done to the site."""
    apart = ("site_state", "plugin", "plugin_cost", "plugin_error", "job")
    tables = (table for one in manifest(path)["owned"] for table in one["tables"])
    return {one["name"]: (one["rows"], one["digest"]) for one in tables if one["name"] not in apart}


def changed(source: Path, target: Path, edits: Mapping[str, bytes | None]) -> Path:
    """Copy a zip with other members: ``None`` leaves one out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        members = {name: old.read(name) for name in old.namelist()}
        for name, content in {**members, **edits}.items():
            if content is not None:
                new.writestr(name, content)
    return target


def with_head(source: Path, target: Path, **values: Any) -> Path:
    head = json.dumps({**manifest(source), **values}).encode()
    return changed(source, target, {"manifest.json": head})


def test_site_comes_back_in_a_new_folder_as_it_was(full: SiteUnderTest, tmp_path: Path) -> None:
    first = backup(full, tmp_path / "one.zip", "--verify")
    there = tmp_path / "new"
    done = run(there, "restore", str(first))

    assert done.exit_code == 0, done.output
    second = tmp_path / "two.zip"
    assert run(there, "backup", str(second)).exit_code == 0
    assert sums(second) == sums(first)
    assert (there / "media" / "a" / "é.bin").read_bytes() == bytes(range(256))
    assert (there / "templates" / "banner.html").read_text() == "hi"
    restored = SiteUnderTest(there, {})
    page = restored.get("/")
    assert "Sous l’arbre" in page.text
    assert "Parlons" in page.text
    assert restored.errors() == []
    with restored.context() as current:
        assert current.plugin("links") is not None
        assert current.failures == {}
    restored.close()


def test_archive_names_the_plugins_with_their_versions(full: SiteUnderTest, tmp_path: Path) -> None:
    listed = manifest(backup(full, tmp_path / "one.zip"))["plugins"]

    assert {"name": "links", "version": "1.2", "place": "instance", "enabled": True} in listed


def test_archive_is_for_its_owner_alone(full: SiteUnderTest, tmp_path: Path) -> None:
    made = backup(full, tmp_path / "one.zip")

    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.glob(".*")] == []


@pytest.mark.slow
def test_site_goes_to_the_other_kind_of_database_and_back(
    full: SiteUnderTest, tmp_path: Path, postgres_url: str
) -> None:
    first = backup(full, tmp_path / "one.zip")
    moved, second = tmp_path / "moved", tmp_path / "two.zip"
    environ = {"BLOG_DATABASE_URL": postgres_url}
    done = run(moved, "restore", str(first), **environ)
    assert done.exit_code == 0, done.output
    assert run(moved, "backup", str(second), "--verify", **environ).exit_code == 0

    assert sums(second) == sums(first)
    site = SiteUnderTest(moved, environ)
    post = site.write_post("Après")  # numbers go on
    assert site.comment(post, "Bonjour", author="Ama").status_code == 303
    assert "Sous l’arbre" in site.get("/").text
    assert site.errors() == []
    site.close()
    back = tmp_path / "back"
    assert run(back, "restore", str(second)).exit_code == 0
    third = tmp_path / "three.zip"
    assert run(back, "backup", str(third)).exit_code == 0
    assert sums(third) == sums(first)


def test_restore_replaces_the_site_that_is_there_and_keeps_it(
    full: SiteUnderTest, tmp_path: Path
) -> None:
    archive = backup(full, tmp_path / "one.zip")
    full.write_post("Écrit après")
    (full.instance / "media" / "later.txt").write_text("later")
    done = run(full.instance, "restore", str(archive), "--yes", **full.environ)

    assert done.exit_code == 0, done.output
    assert "Écrit après" not in full.get("/").text
    assert not (full.instance / "media" / "later.txt").exists()
    (kept,) = (full.instance / "backup").glob("*-restore.zip")
    assert "media/later.txt" in manifest(kept)["members"]


def test_each_restore_keeps_what_was_there_before_it(full: SiteUnderTest, tmp_path: Path) -> None:
    archive = backup(full, tmp_path / "one.zip")
    for _ in range(2):
        done = run(full.instance, "restore", str(archive), "--yes", **full.environ)
        assert done.exit_code == 0, done.output
        time.sleep(1)  # their names tell the second

    assert len(list((full.instance / "backup").glob("*-restore.zip"))) == 2


def test_parts_of_others_stay_where_a_backup_is_written(
    full: SiteUnderTest, tmp_path: Path
) -> None:
    theirs = tmp_path / ".download.zip.part"
    theirs.write_text("half a film")
    os.utime(theirs, (0, 0))
    backup(full, tmp_path / "one.zip")

    assert theirs.read_text() == "half a film"


def test_restore_over_a_site_asks_first(full: SiteUnderTest, tmp_path: Path) -> None:
    archive = backup(full, tmp_path / "one.zip")
    done = run(full.instance, "restore", str(archive), **full.environ)

    assert done.exit_code == 1
    assert "--yes" in done.output


def test_running_process_sees_what_was_restored(full: SiteUnderTest, tmp_path: Path) -> None:
    archive = backup(full, tmp_path / "one.zip")
    full.set("core", title="Another")
    assert "Another" in full.get("/").text
    run(full.instance, "restore", str(archive), "--yes", **full.environ)

    assert "Another" not in full.get("/").text


def test_secrets_stay_out_unless_asked_for(full: SiteUnderTest, tmp_path: Path) -> None:
    with_secret(full)
    full.set("post", key="s3cr3t-stored")
    text = 'database_url = ""\n[plugins.post]\nkey = "s3cr3t-pinned"\n'
    (full.instance / "config.toml").write_text(text)
    without = backup(full, tmp_path / "one.zip")
    with_them = backup(full, tmp_path / "two.zip", "--with-secrets")

    def said(path: Path) -> bytes:
        with zipfile.ZipFile(path) as archive:
            return b"".join(archive.read(one) for one in archive.namelist())

    key = (full.instance / "secret_key").read_bytes()
    assert b"s3cr3t" not in said(without)
    assert key not in said(without)
    assert b"s3cr3t-stored" in said(with_them)
    assert b"s3cr3t-pinned" in said(with_them)
    assert key in said(with_them)


def test_secrets_of_the_site_stay_when_it_is_restored(full: SiteUnderTest, tmp_path: Path) -> None:
    key = (full.instance / "secret_key").read_text()
    archive = backup(full, tmp_path / "one.zip")
    run(full.instance, "restore", str(archive), "--yes", **full.environ)

    assert (full.instance / "secret_key").read_text() == key


def with_secret(site: SiteUnderTest) -> None:
    """Turn on a plugin with a secret."""
    place = site.instance / "plugins" / "post"
    place.mkdir()
    (place / "plugin.toml").write_text(
        'title = "Post"\nversion = "1"\napi = 1\n[reach]\nsecrets = ["key"]\nfiles = ["post/"]\n'
    )
    source = "from blog import SecretField, SettingsForm\n\n\nclass Settings(SettingsForm):\n"
    (place / "__init__.py").write_text(f'{source}    key = SecretField("Key", default="")\n')
    site.enable("post")


def test_secret_stays_where_the_archive_has_no_settings_of_its_plugin(
    full: SiteUnderTest, tmp_path: Path
) -> None:
    with_secret(full)
    archive = backup(full, tmp_path / "one.zip")
    full.set("post", key="s3cr3t")
    run(full.instance, "restore", str(archive), "--yes", **full.environ)

    with full.context() as current:
        assert current.settings["post"].key == "s3cr3t"


def test_folders_that_plugins_keep_come_back(full: SiteUnderTest, tmp_path: Path) -> None:
    with_secret(full)
    letter = full.instance / "post" / "out" / "letter.txt"
    letter.parent.mkdir(parents=True)
    letter.write_text("Chère Ama")
    archive = backup(full, tmp_path / "one.zip")
    assert run(tmp_path / "new", "restore", str(archive)).exit_code == 0
    assert (tmp_path / "new" / "post" / "out" / "letter.txt").read_text() == "Chère Ama"

    letter.write_text("Chère Afi")
    run(full.instance, "restore", str(archive), "--yes", **full.environ)
    assert letter.read_text() == "Chère Ama"


def test_nothing_can_be_posted_while_a_site_is_restored(full: SiteUnderTest) -> None:
    post = full.write_post()
    with stillness.held(full.instance):
        assert full.get(post.path).status_code == 200
        answer = full.comment(post, "Bonjour", author="Ama")

    assert answer.status_code == 503
    assert "Please go back and send it again" in answer.text
    assert full.comment(post, "Bonjour", author="Ama").status_code == 303


def test_restore_waits_for_those_who_post(full: SiteUnderTest, tmp_path: Path) -> None:
    archive = backup(full, tmp_path / "one.zip")
    posting = stillness.enter(full.instance)
    words = full.instance, "restore", str(archive), "--yes"
    waiting = threading.Thread(target=run, args=words, kwargs=dict(full.environ))
    waiting.start()
    time.sleep(1)
    was_waiting = waiting.is_alive() and not (full.instance / "backup").exists()
    stillness.leave(posting)
    waiting.join()

    assert was_waiting
    assert (full.instance / "backup").exists()


def test_what_went_wrong_is_said_in_the_language_of_the_site(full: SiteUnderTest) -> None:
    full.set("core", language="fr")
    owner = signed_in(full, "Koffi", "owner")
    owner.post("/admin/backup/", hidden_fields(owner.get("/admin/backup/").text))
    (full.instance / "backup").write_text("in the way")
    full.work()

    assert "aucune sauvegarde n’a été faite" in owner.get("/admin/backup/").text


def half(good: Path, target: Path) -> None:
    content = good.read_bytes()
    target.write_bytes(content[: len(content) // 2])


def flipped(good: Path, target: Path) -> None:
    """Change one bit of what is packed."""
    with zipfile.ZipFile(good) as archive:
        info = archive.getinfo("tables/comment.jsonl")
    content = bytearray(good.read_bytes())
    content[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 1
    target.write_bytes(content)


def from_tomorrow(good: Path, target: Path) -> None:
    owned = [{**one, "revision": "9999"} for one in manifest(good)["owned"]]
    with_head(good, target, owned=owned)


def dressed_up(good: Path, target: Path) -> None:
    """Change rows and the sum of their file, but not what is said of the rows."""
    with zipfile.ZipFile(good) as archive:
        rows = archive.read("tables/post.jsonl").replace(b"arbre", b"orbre")
    with_member(good, target, "tables/post.jsonl", rows)


def with_member(good: Path, target: Path, name: str, content: bytes) -> None:
    """Add or change a member, and say so."""
    head = manifest(good)
    head["members"][name] = [len(content), sha256(content).hexdigest()]
    changed(good, target, {"manifest.json": json.dumps(head).encode(), name: None})
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


DAMAGE: Mapping[str, Callable[[Path, Path], Any]] = {
    "cut": half,
    "no archive": lambda _, target: target.write_bytes(b"GIF89a" * 100),
    "empty": lambda _, target: target.write_bytes(b""),
    "another zip": lambda good, target: changed(good, target, {"manifest.json": b"{}"}),
    "newer format": lambda good, target: with_head(good, target, format=2),
    "newer tables": from_tomorrow,
    "changed rows": lambda good, target: changed(good, target, {"tables/post.jsonl": b"{}"}),
    "missing table": lambda good, target: changed(good, target, {"tables/post.jsonl": None}),
    "other rows": dressed_up,
    "leads out": lambda good, target: with_member(good, target, "media/../../x", b"x"),
    "absolute": lambda good, target: with_member(good, target, "/etc/x", b"x"),
    "odd place": lambda good, target: with_member(good, target, "etc/x", b"x"),
    "bomb": lambda good, target: with_member(good, target, "media/bomb", bytes(2**27)),
    "flipped": flipped,
}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(one, marks=() if one in ("cut", "other rows") else pytest.mark.slow)
        for one in DAMAGE
    ],
)
def test_what_cannot_be_restored_changes_nothing(
    full: SiteUnderTest, tmp_path: Path, kind: str
) -> None:
    good = backup(full, tmp_path / "good.zip")
    bad = tmp_path / "bad.zip"
    DAMAGE[kind](good, bad)
    before = sums(good)
    done = run(full.instance, "restore", str(bad), "--yes", **full.environ)

    assert done.exit_code == 1, done.output
    assert "palabre: " in done.output
    assert sums(backup(full, tmp_path / "after.zip")) == before
    assert (full.instance / "media" / "a" / "é.bin").exists()
    assert not list(full.instance.glob(".restore*"))


def test_refused_archive_makes_no_new_folder(full: SiteUnderTest, tmp_path: Path) -> None:
    good = backup(full, tmp_path / "good.zip")
    bad = tmp_path / "bad.zip"
    half(good, bad)
    assert run(tmp_path / "new", "restore", str(bad)).exit_code == 1

    assert not (tmp_path / "new").exists()


def test_backup_that_fails_leaves_the_old_file_whole(full: SiteUnderTest, tmp_path: Path) -> None:
    made = backup(full, tmp_path / "one.zip")
    content = made.read_bytes()
    (full.instance / "config.toml").write_text("no toml at all")
    done = run(full.instance, "backup", str(made), **full.environ)

    assert done.exit_code == 1
    assert made.read_bytes() == content
    assert [one.name for one in tmp_path.glob(".*")] == []


def test_owner_makes_an_archive_with_one_click_and_downloads_it(full: SiteUnderTest) -> None:
    owner = signed_in(full, "Koffi", "owner")
    page = owner.get("/admin/backup/").text
    assert owner.post("/admin/backup/", hidden_fields(page)).status_code == 303
    assert "Refresh" in owner.get("/admin/backup/").headers
    full.work()
    (kept,) = (full.instance / "backup").glob("*-asked.zip")
    assert kept.name in owner.get("/admin/backup/").text
    answer = owner.get(f"/admin/backup/{kept.name}")

    assert answer.data == kept.read_bytes()
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("role", ["moderator", "member", ""])
def test_nobody_but_the_owner_gets_an_archive(full: SiteUnderTest, role: str) -> None:
    with full.context():
        from blog_plugins.backup import services

        services._keep_here("asked", bool)
    (kept,) = (full.instance / "backup").glob("*.zip")
    who = signed_in(full, "Kwame", role) if role else full.another()

    for path in ("/admin/backup/", f"/admin/backup/{kept.name}"):
        assert who.get(path).status_code in (302, 303, 403)


def test_no_other_file_is_sent(full: SiteUnderTest) -> None:
    owner = signed_in(full, "Koffi", "owner")

    for name in ("..%2Fsecret_key", "palabre-1-x.zip", "secret_key"):
        assert owner.get(f"/admin/backup/{name}").status_code == 404


def test_archives_are_made_on_schedule_and_old_ones_go(site: SiteUnderTest, clock: Clock) -> None:
    site.set("backup", schedule="nightly", kept=2)
    for _ in range(4):
        site.spend_night()
        for one in (site.instance / "backup").glob("*.zip"):  # as if they were made a day ago
            os.utime(one, (one.stat().st_mtime - 86400,) * 2)
        clock.move(days=1)

    assert len(list((site.instance / "backup").glob("*-nightly.zip"))) == 2
    assert site.errors() == []


def test_no_archive_is_made_on_schedule_when_its_owner_wants_none(site: SiteUnderTest) -> None:
    site.set("backup", schedule="never")
    site.spend_night()

    assert not (site.instance / "backup").exists()


REVISION = '''"""Change."""
import sqlalchemy as sa
from alembic import op
revision = "{0:04}"
down_revision = {1}
def upgrade():
    op.create_table("notes_{0}", sa.Column("id", sa.Integer, primary_key=True))
'''


def with_revision(site: SiteUnderTest, number: int) -> None:
    """Write a plugin with so many revisions."""
    place = site.instance / "plugins" / "notes"
    (place / "migrations").mkdir(parents=True, exist_ok=True)
    tables = ", ".join(f'"notes_{one}"' for one in range(1, number + 1))
    (place / "plugin.toml").write_text(
        f'title = "Notes"\nversion = "1"\napi = 1\n[reach]\ntables = [{tables}]\n'
    )
    (place / "__init__.py").write_text(f'"""Take notes {number}."""\n')
    down = f'"{number - 1:04}"' if number > 1 else None
    text = REVISION.format(number, down)
    (place / "migrations" / f"{number:04}_change.py").write_text(text)


def test_archive_is_made_before_tables_of_a_plugin_change(site: SiteUnderTest) -> None:
    with_revision(site, 1)
    site.enable("notes")
    assert not (site.instance / "backup").exists()  # its first tables change nothing
    with_revision(site, 2)
    site.enable("notes")

    (kept,) = (site.instance / "backup").glob("*-migration.zip")
    assert [one["revision"] for one in manifest(kept)["owned"] if one["name"] == "notes"] == [
        "0001"
    ]


def test_tables_stay_as_they_are_when_no_archive_can_be_made(site: SiteUnderTest) -> None:
    with_revision(site, 1)
    site.enable("notes")
    with_revision(site, 2)
    (site.instance / "backup").write_text("in the way")
    with (
        site.wsgi.database_only(),
        pytest.raises(migrate.MigrationFailed, match="no backup was made"),
    ):
        lifecycle.enable(site.wsgi.database, site.instance, "notes", probing=False)


@pytest.mark.slow
def test_archive_made_before_the_core_migrates_comes_back_with_the_new_code(
    tmp_path: Path,
) -> None:
    """Begin with a site whose core is one revision behind the code."""
    before = f"{int(migrate.CORE.head) - 1:04}"
    instance = tmp_path / "site"
    database = folder.lay_out(instance)
    with migrate.changing(database) as changing:
        migrate.raise_to(changing, migrate.CORE, before)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO site_state (id, generation) VALUES (1, 1)")
        connection.exec_driver_sql(
            "INSERT INTO plugin (name, enabled, behind, reason) VALUES ('backup', true, true, '')"
        )
        connection.exec_driver_sql("INSERT INTO setting (owner, data) VALUES ('core', '{}')")
    database.dispose()
    done = run(instance, "migrate")
    assert done.exit_code == 0, done.output
    (kept,) = (instance / "backup").glob("*-migration.zip")
    assert manifest(kept)["owned"][0]["revision"] == before

    restored = run(tmp_path / "new", "restore", str(kept))
    assert restored.exit_code == 0, restored.output
    opened = Site(tmp_path / "new", environ={})
    with opened.context() as current:
        assert current.plugin("backup") is not None
    opened.close()


@pytest.mark.slow
def test_killed_backup_leaves_the_old_archive_whole(full: SiteUnderTest, tmp_path: Path) -> None:
    made = backup(full, tmp_path / "one.zip")
    content = made.read_bytes()
    (full.instance / "media" / "large.bin").write_bytes(os.urandom(2**20) * 200)
    environ = {**os.environ, **full.environ, "BLOG_INSTANCE": str(full.instance)}
    command = [sys.executable, "-c", PROGRAM, "backup", str(made)]
    running = subprocess.Popen(command, env=environ)
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".*.palabre-part")) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.05)
    was_running = running.poll() is None
    running.kill()
    running.wait()

    assert was_running
    assert made.read_bytes() == content


@pytest.mark.slow
def test_readers_and_writers_go_on_while_an_archive_is_made(
    full: SiteUnderTest, tmp_path: Path
) -> None:
    post = full.write_post("La place")
    for number in range(300):
        full.write_comment(post, f"Bonjour {number}")
    done = threading.Event()
    statuses: list[int] = []

    def ask() -> None:
        while not done.is_set():
            statuses.append(full.another().get(post.path).status_code)
            statuses.append(full.another().comment(post, f"Mot {len(statuses)}").status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    made = [backup(full, tmp_path / f"{number}.zip", "--verify") for number in range(3)]
    done.set()
    asking.join()

    assert len(made) == 3
    assert len(statuses) > 2
    assert max(statuses) < 500
