"""The probe: what an import does happens in a child, and what it declares is told."""

import os
from pathlib import Path
from time import monotonic

import pytest

from blog.platform.checking import check
from blog.platform.checks.beside import without_site
from blog.platform.findings import Finding
from blog.platform.probe import probe
from tests.platform.samples import single, whole

# Each starts a Python of its own.
pytestmark = pytest.mark.slow

# What a single file does at import from its line 7 on; the code, the line, words of the message.
IMPORTS = {
    "import nothing_of_that_name": ("import-error", 7, "No module named 'nothing_of_that_name'"),
    "1 / 0": ("import-error", 7, "ZeroDivisionError"),
    "class Panic(BaseException): ...\nraise Panic('no')": ("import-error", 8, "Panic: no"),
    "raise SystemExit(3)": ("import-exits", 7, "SystemExit: 3"),
    "import os\nos._exit(0)": ("import-exits", 1, "ended the process with the status 0"),
    "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)": ("import-exits", 1, "SIGSEGV"),
    "import sqlite3\nsqlite3.connect(':memory:')": ("import-effect", 8, "opens a database"),
    "import socket\nsocket.create_connection(('127.0.0.1', 9))": (
        "import-effect",
        8,
        "asks for the address of a machine",
    ),
    "import socket\nsocket.socket().bind(('127.0.0.1', 0))": ("import-effect", 8, "opens a port"),
    "import subprocess\nsubprocess.run(['true'])": ("import-effect", 8, "starts a program"),
    "from blog import session\nsession.execute('SELECT 1')": ("import-effect", 8, "no database"),
    "from blog import settings\nsettings['core']": ("import-effect", 8, "no site here"),
}


def findings(path: Path, **options: float) -> list[Finding]:
    return list(check(path, without_site(), **options).findings)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", IMPORTS)
def test_what_an_import_does_is_found_and_stays_in_the_child(tmp_path: Path, code: str) -> None:
    path = single(tmp_path, "links", code)
    wanted, line, words = IMPORTS[code]

    found = findings(path)

    assert [(one.code, one.line, one.file) for one in found] == [(wanted, line, str(path))]
    assert words in found[0].message


def test_an_effect_is_refused_even_where_the_plugin_takes_no_notice(tmp_path: Path) -> None:
    code = "import sqlite3\ntry:\n    sqlite3.connect('made.sqlite')\nexcept Exception:\n    pass"
    path = single(tmp_path, "links", code)

    assert [one.code for one in findings(path)] == ["import-effect"]
    assert not Path("made.sqlite").exists()


@pytest.mark.parametrize(
    "code",
    [
        "import psycopg\npsycopg.connect('host=127.0.0.1 port=9')",
        "import sqlalchemy as sa\nsa.create_engine('postgresql+psycopg://127.0.0.1:9/x').connect()",
    ],
    ids=["by its driver", "by an engine"],
)
def test_an_import_that_opens_a_database_of_postgresql_is_found(tmp_path: Path, code: str) -> None:
    pytest.importorskip("psycopg")
    path = single(tmp_path, "links", code)

    found = findings(path)

    assert [(one.code, one.line) for one in found] == [("import-effect", 8)]
    assert "opens a database" in found[0].message


def test_an_import_that_hangs_is_ended_at_the_limit(tmp_path: Path) -> None:
    path = single(tmp_path, "links", "import time\nwhile True:\n    time.sleep(1)")
    started = monotonic()

    found = findings(path, limit=2)

    assert [(one.code, one.line, one.message) for one in found] == [
        ("import-hangs", 9, "its import did not end within 2 s")
    ]
    assert monotonic() - started < 30


def test_a_thread_that_never_ends_keeps_nobody_waiting(tmp_path: Path) -> None:
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"

    assert findings(single(tmp_path, "links", code)) == []


def test_what_a_plugin_prints_is_not_taken_for_the_answer(tmp_path: Path) -> None:
    assert findings(single(tmp_path, "links", "print('{}')")) == []


def test_a_child_knows_no_secret_of_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLOG_DATABASE_URL", "postgresql://somebody:secret@db/blog")
    code = "import os\nif any(name.startswith('BLOG_') for name in os.environ): raise ValueError"

    assert "BLOG_DATABASE_URL" in os.environ
    assert findings(single(tmp_path, "links", code)) == []


DECLARING = """
from blog import Permission, SettingsForm, hookimpl
from flask import Blueprint
from wtforms import IntegerField, StringField
import click
from . import models

class Settings(SettingsForm):
    depth = IntegerField("Depth", default=3)

def blueprint():
    bp = Blueprint("links", __name__, url_prefix="/li" + "nks")
    bp.add_url_rule("/<int:one>", "one", lambda one: "")
    return bp

@hookimpl
def routes():
    return blueprint()

@hookimpl
def permissions():
    return [Permission("links.keep", "Keep links")]

@hookimpl
def commands():
    return {"links": click.Command("links")}
"""
MODELS = """
from blog import Post, plugin_base
from sqlalchemy import ForeignKey
from sqlalchemy.orm import mapped_column
Base = plugin_base(__name__)
class One(Base):
    __tablename__ = "links_" + "one"
    post_id = mapped_column(ForeignKey(Post.id, ondelete="CASCADE"), primary_key=True)
"""


def test_what_a_plugin_declares_is_told(tmp_path: Path) -> None:
    path = whole(tmp_path, "links", DECLARING, {"models.py": MODELS})

    told = probe(path)

    assert [one["name"] for one in told.hooks] == ["routes", "permissions", "commands"]
    assert [(one["rule"], one["methods"]) for one in told.routes] == [("/links/<int:one>", ["GET"])]
    assert told.settings == [{"name": "depth", "kind": "IntegerField", "has_default": True}]
    assert told.tables == [
        {
            "name": "links_one",
            "columns": ["post_id"],
            "keys": [{"target": "post.id", "ondelete": "CASCADE"}],
        }
    ]
    assert (told.permissions, told.commands) == (["links.keep"], ["links"])


BUILT = """
from blog import SettingsForm, hookimpl, plugin_base
from flask import Blueprint
from sqlalchemy import Column, Integer
from wtforms import IntegerField, StringField
Base = plugin_base(__name__)
Settings = type("Settings", (SettingsForm,), {"depth": IntegerField(), "api_key": StringField()})
One = type("One", (Base,), {"__tablename__": "one", "id": Column(Integer, primary_key=True)})

@hookimpl
def routes():
    bp = Blueprint("links", __name__)
    bp.add_url_rule("".join(["/favicon", ".ico"]), "icon", lambda: "")
    return bp

class Called:
    palabre_impl = {}
    def __call__(self): ...

posts_loaded = Called()
posts_loaded.palabre_impl = {"specname": None}
"""


def test_what_the_source_builds_as_it_runs_is_found_by_the_import(tmp_path: Path) -> None:
    declared = {"tables": ["one"], "routes": ["/favicon.ico"]}
    path = single(tmp_path, "links", BUILT, reach=declared)

    found = {(one.code, one.message) for one in findings(path)}

    assert found == {
        ("setting-default", "the setting 'depth' has no default"),
        ("setting-default", "the setting 'api_key' has no default"),
        ("setting-secret", "the secret 'api_key' is kept in a StringField"),
        ("table-prefix", "the table 'one' does not begin with the plugin's name"),
        ("model-without-migration", "no migration makes the table 'one'"),
        ("route-taken", "the core answers /favicon.ico already"),
        ("hook-kind", "posts_loaded is marked as a hook, but is no plain function"),
    }


TOUCHING = """
from flask import Blueprint
from blog import SecretField, SettingsForm, hookimpl
bp = Blueprint("links", __name__)
class Settings(SettingsForm):
    key = SecretField(_("Key"))
    word = SecretField(_("Word"))
@bp.get("/links/")
def page(): return ""
@hookimpl
def routes(): return bp
@hookimpl
def jobs(): return {"look": lambda payload: None}
"""
TOUCHING = "from blog import lazy_gettext as _" + TOUCHING
DECLARED = """title = "Links"
version = "1.0"
api = 1
[reach]
secrets = ["key"]
"""


def test_all_that_the_manifest_does_not_declare_is_found_at_its_line(tmp_path: Path) -> None:
    path = whole(tmp_path, "links", TOUCHING, {"plugin.toml": DECLARED})

    found = findings(path)

    assert {(one.message, one.line) for one in found} == {
        ("the address '/links/' is not in [reach]", 4),
        ("the secret 'word' is not in [reach]", 5),
        ("the job 'look' is not in [reach]", 4),
    }
    assert {(one.code, one.file) for one in found} == {
        ("reach-undeclared", str(path / "plugin.toml"))
    }
    assert 'write secrets = ["key", "word"] there' in {one.mend for one in found}


def test_what_is_no_python_is_not_imported(tmp_path: Path) -> None:
    mark = tmp_path / "imported"
    files = {"views.py": "x = = 1"}
    path = whole(tmp_path, "links", f"open({str(mark)!r}, 'w')", files)

    assert [(one.code, one.line) for one in findings(path)] == [("syntax-error", 1)]
    assert not mark.exists()
