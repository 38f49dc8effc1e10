"""Checks from the source: every mistake has a code, a line, what is wrong and the mend."""

from dataclasses import replace
from pathlib import Path

import pytest

from blog.platform.checking import check
from blog.platform.checks.beside import Beside, without_site
from blog.platform.checks.promise import check as compare
from blog.platform.checks.source import read
from blog.platform.checks.specs import of_core
from blog.platform.discovery import Found, Place, find
from blog.platform.findings import Finding, Severity
from tests.platform.samples import single, toml, whole

# Each mistake in the code of a single file ``links.py`` as samples write it: its first line of
# code is line 7. The code, the line, and words of the message and the mend.
MISTAKES = {
    "unknown hook": (
        "@hookimpl\ndef posts_loadet(posts): ...",
        ("hook-unknown", 8, "implements 'posts_loadet'", "did you mean 'posts_loaded'?"),
    ),
    "unknown hook far from any": (
        "@hookimpl\ndef zzzzzz(): ...",
        ("hook-unknown", 8, "'zzzzzz'", "palabre plugins hooks"),
    ),
    "unknown hook by specname": (
        '@hookimpl(specname="rotes")\ndef mine(): ...',
        ("hook-unknown", 8, "'rotes'", "did you mean 'routes'?"),
    ),
    "marker through the package": (
        "import blog\n@blog.hookimpl\ndef rotes(): ...",
        ("hook-unknown", 9, "'rotes'", "'routes'"),
    ),
    "unknown hook called": (
        "from blog import hooks\nx = lambda: hooks.check_coment(1, 2)",
        ("hook-unknown", 8, "calls 'check_coment'", "'check_comment'"),
    ),
    "argument": (
        "@hookimpl\ndef posts_loaded(post): ...",
        ("hook-argument", 8, "no argument 'post'", "did you mean 'posts'?"),
    ),
    "argument of none": (
        "@hookimpl\ndef routes(app): ...",
        ("hook-argument", 8, "no argument 'app'", "it has none"),
    ),
    "all arguments": (
        "@hookimpl\ndef routes(*args): ...",
        ("hook-argument", 8, "no argument 'args'", "it has none"),
    ),
    "argument by keyword": (
        "@hookimpl\ndef posts_loaded(*, posts): ...",
        ("hook-argument", 8, "never be filled", "remove the *"),
    ),
    "default": (
        "@hookimpl\ndef posts_loaded(posts=()): ...",
        ("hook-default", 8, "gives 'posts' a default", "remove the default"),
    ),
    "generator": (
        "@hookimpl\ndef posts_loaded(posts):\n    yield posts",
        ("hook-kind", 8, "posts_loaded yields", "return its answer"),
    ),
    "class": (
        "@hookimpl\nclass posts_loaded: ...",
        ("hook-kind", 8, "is a class", "plain function"),
    ),
    "method": (
        "class Links:\n    @hookimpl\n    def posts_loaded(self, posts): ...",
        ("hook-kind", 9, "inside of a class", "main module"),
    ),
    "inner function": (
        "def start():\n    @hookimpl\n    def posts_loaded(posts): ...",
        ("hook-kind", 9, "inside of a class or function", "main module"),
    ),
    "marked by hand": (
        "posts_loaded = hookimpl(lambda posts: posts)",
        ("hook-kind", 7, "by hand", "plain function"),
    ),
    "replaced": (
        "from functools import cache\n@cache\n@hookimpl\ndef routes(): ...",
        ("hook-kind", 10, "no plain function after @cache", "plain function"),
    ),
    "old wrapper": (
        "@hookimpl(hookwrapper=True)\ndef posts_loaded(posts):\n    yield",
        ("hook-wrapper", 8, "is a wrapper", "remove hookwrapper=True"),
    ),
    "wrapper": (
        "@hookimpl(wrapper=True)\ndef posts_loaded(posts):\n    return (yield)",
        ("hook-wrapper", 8, "is a wrapper", "remove wrapper=True"),
    ),
    "async": (
        "@hookimpl\nasync def posts_loaded(posts): ...",
        ("hook-async", 8, "is async", "plain function"),
    ),
    "called from outside": (
        "from blog import hooks\nx = lambda post, draft: hooks.check_comment(post, draft)",
        ("hook-called", 8, "check_comment, which the core alone calls", "service"),
    ),
    "called through the table": (
        "from blog import generation\nx = lambda one: generation().table.posts_saved(one)",
        ("hook-called", 8, "posts_saved, which the core alone calls", "service"),
    ),
    "pluggy": (
        'import pluggy\nmark = pluggy.HookimplMarker("palabre")',
        ("hook-called", 7, "asks pluggy itself", "from blog"),
    ),
    "slot": (
        "@hookimpl\ndef slot_foter(post): ...",
        ("slot-unknown", 8, "'slot_foter'", "did you mean 'slot_footer'?"),
    ),
    "table without migration": (
        "from blog import plugin_base\nBase = plugin_base(__name__)\nclass One(Base):\n"
        '    __tablename__ = "links_one"',
        ("model-without-migration", 9, "no migration makes the table 'links_one'", "a folder"),
    ),
    "setting without default": (
        "from blog import SettingsForm\nfrom wtforms import IntegerField\n"
        "class Settings(SettingsForm):\n    depth = IntegerField()",
        ("setting-default", 10, "'depth' has no default", "default="),
    ),
    "open secret": (
        "from blog import SettingsForm\nfrom wtforms import StringField\n"
        'class Settings(SettingsForm):\n    api_key = StringField(default="")',
        ("setting-secret", 10, "'api_key' is kept in a StringField", "SecretField"),
    ),
    "password field": (
        "from blog import SettingsForm\nfrom wtforms import PasswordField\n"
        'class Settings(SettingsForm):\n    smtp_password = PasswordField(default="")',
        ("setting-secret", 10, "'smtp_password'", "SecretField"),
    ),
    "name that does not exist": (
        "from blog import send_mail",
        ("import-private", 7, "blog has no 'send_mail'", "the page about public names"),
    ),
    "name that nearly exists": (
        "from blog import lazy_getext",
        ("import-private", 7, "blog has no 'lazy_getext'", "did you mean 'lazy_gettext'?"),
    ),
    "import hidden by a hook": (
        "from blog import jobs\n@hookimpl\ndef jobs(): return {}",
        ("name-hidden", 9, "'jobs' hides the import of line 7", "import jobs as outbox"),
    ),
    "private module": (
        "from blog.db import session",
        ("import-private", 7, "blog.db.session is private", "from blog import session"),
    ),
    "private module as a whole": (
        "import blog.platform.loading",
        ("import-private", 7, "blog.platform.loading is private", "public names"),
    ),
    "private name": (
        "from blog import models",
        ("import-private", 7, "blog.models is private", "public names"),
    ),
    "private name reached": (
        "import blog\nx = lambda: blog.migrate",
        ("import-private", 8, "blog.migrate is private", "public names"),
    ),
    "another plugin": (
        "from blog_plugins.threads import services",
        ("import-plugin", 7, "imports the plugin threads", "meet it in a hook"),
    ),
    "another plugin by its text": (
        'import importlib\nx = lambda: importlib.import_module("blog_plugins.spam")',
        ("import-plugin", 8, "imports the plugin spam", "hook"),
    ),
    "what is beside it": (
        "from . import ties",
        ("import-plugin", 7, "imports the plugin ties", "hook"),
    ),
    "syntax": ("x = = 1", ("syntax-error", 7, "no Python", "mend")),
    "loop": (
        "from blog import session\n@hookimpl\ndef posts_loaded(posts):\n"
        "    return [session.scalar(one.id) for one in posts]",
        ("loop-over-items", 10, "once for each of its posts", "before the loop"),
    ),
    "loop in a function of its own": (
        "from blog import session\n@hookimpl\ndef comments_stored(comments):\n    keep(comments)\n"
        "def keep(rows):\n    for row in sorted(rows):\n        ask(row)\n"
        "def ask(row):\n    return session.execute(row)",
        ("loop-over-items", 12, "keep asks the database once for each of its rows", "before"),
    ),
    "flashed text": (
        'from flask import flash\nx = lambda: flash("It is saved.")',
        ("text-unmarked", 8, "'It is saved.'", "lazy_gettext"),
    ),
    "refused text": (
        'from flask import abort\nx = lambda: abort(404, "Nothing here")',
        ("text-unmarked", 8, "'Nothing here'", "lazy_gettext"),
    ),
    "label": (
        'from wtforms import IntegerField\nx = IntegerField("Depth", default=3)',
        ("text-unmarked", 8, "'Depth'", "lazy_gettext"),
    ),
    "text with a gap": (
        'from blog import Verdict\nx = lambda n: Verdict.hold(f"has {n} links")',
        ("text-unmarked", 8, "'has links'", "lazy_gettext"),
    ),
}
FINE = {
    "hook of another plugin": "@hookimpl(optionalhook=True)\ndef admin_pages(): ...",
    "optional hook of nobody": "@hookimpl(optionalhook=True)\ndef poll_says(): ...",
    "fewer arguments": "@hookimpl\ndef comment_submitted(): ...",
    "answers that are gathered": "from blog import hooks\nx = lambda: hooks.permissions()",
    "secret that is one": "from blog import SettingsForm, SecretField\n"
    "class Settings(SettingsForm):\n    token = SecretField()",
    "number of tokens": "from blog import SettingsForm\nfrom wtforms import IntegerField\n"
    "class Settings(SettingsForm):\n    token = IntegerField(default=1)",
    "asked only when not known": "from blog import session\n@hookimpl\ndef posts_saved(posts):\n"
    "    for one in posts:\n        x = {}.get(one) or session.scalar(one)",
    "rows added one by one": "from blog import session\n@hookimpl\ndef posts_saved(posts):\n"
    "    for one in posts:\n        session.add(one)",
    "marked text": "from blog import gettext as _\nfrom flask import flash\n"
    "x = lambda: flash(_('A word'))",
}


def findings(path: Path, around: Beside | None = None) -> list[Finding]:
    return list(check(path, around or without_site(), probing=False).findings)


def codes(path: Path, around: Beside | None = None) -> list[tuple[str, int]]:
    return [(one.code, one.line) for one in findings(path, around)]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_code_is_found_at_its_line_with_its_mend(
    tmp_path: Path, mistake: str
) -> None:
    source, (code, line, message, mend) = MISTAKES[mistake]
    path = single(tmp_path, "links", source)

    found = findings(path)

    assert [(one.code, one.line, one.file) for one in found] == [(code, line, str(path))]
    assert message in found[0].message
    assert mend in found[0].mend


@pytest.mark.parametrize("code", FINE)
def test_what_is_fine_is_not_found(tmp_path: Path, code: str) -> None:
    assert findings(single(tmp_path, "links", FINE[code])) == []


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('title = "X"\nversion = "1"\napi = 1\nrequire = []', "manifest-key", 4),
        ('title = "X"\nversion = "one"\napi = 1', "bad-version", 2),
        ('title = "X"\nversion = "1"\napi = "1"', "bad-api", 3),
        ('title = "X"\nversion = "1"\napi = 99', "api-too-new", 3),
        ('title = "X"\nversion = "1"\napi = 0', "api-too-old", 3),
        ('title = "X"\nversion = 1\napi = 1', "manifest-malformed", 2),
        ('title = "X"\n\nversion = "1', "manifest-malformed", 1),
        ('title = "X"\nversion = "1"\napi = 1\n[reach]\nhost = []', "manifest-key", 5),
    ],
)
def test_a_mistake_in_the_manifest_is_found_at_its_line(
    tmp_path: Path, text: str, code: str, line: int
) -> None:
    path = whole(tmp_path, "links")
    (path / "plugin.toml").write_text(text)

    found = findings(path)

    assert [(one.code, one.line) for one in found] == [(code, line)]
    assert found[0].file == str(path / "plugin.toml")
    assert found[0].mend


def test_a_mistake_in_the_manifest_of_a_file_has_the_line_of_that_file(tmp_path: Path) -> None:
    assert codes(single(tmp_path, "links", requirez=["threads"])) == [("manifest-key", 5)]


def test_every_mistake_of_a_manifest_is_found_at_once(tmp_path: Path) -> None:
    path = single(tmp_path, "links", version="one", requirez=[], api="1")

    assert {code for code, _ in codes(path)} == {"bad-version", "manifest-key", "bad-api"}


def test_a_manifest_that_is_missing_is_found(tmp_path: Path) -> None:
    (tmp_path / "links.py").write_text("x = 1\n")

    assert codes(tmp_path / "links.py") == [("manifest-missing", 1)]


def test_a_name_that_is_none_is_found(tmp_path: Path) -> None:
    assert codes(single(tmp_path, "My_Links")) == [("bad-name", 2)]


def test_a_hook_in_a_module_where_nobody_looks_is_found(tmp_path: Path) -> None:
    views = "from blog import hookimpl\n@hookimpl\ndef routes(): ..."
    path = whole(tmp_path, "links", "from . import views", {"views.py": views})

    assert codes(path) == [("hook-kind", 3)]


def test_a_hook_that_the_main_module_imports_is_checked(tmp_path: Path) -> None:
    views = "from blog import hookimpl\n@hookimpl\ndef routes(app): ..."
    path = whole(tmp_path, "links", "from .views import routes", {"views.py": views})

    assert codes(path) == [("hook-argument", 3)]


DECLARED = """
from blog import Kind, hookspec
@hookspec(kind=Kind.COLLECT, since="1.0"{more})
def {name}(page): ...
"""


def test_a_hook_that_a_plugin_declares_for_others_is_known(tmp_path: Path) -> None:
    hook = DECLARED.format(name="poll_says", more="")
    main = "from blog import hookimpl, hooks\nfrom . import hookspecs\n@hookimpl\n"
    main += "def poll_says(page):\n    return hooks.poll_says(page)"

    assert codes(whole(tmp_path, "poll", main, {"hookspecs.py": hook})) == []


def test_a_hook_that_the_core_has_cannot_be_declared(tmp_path: Path) -> None:
    path = whole(tmp_path, "poll", "", {"hookspecs.py": DECLARED.format(name="routes", more="")})

    assert codes(path) == [("hook-taken", 4)]


def test_a_deprecated_hook_is_a_warning(tmp_path: Path) -> None:
    hook = DECLARED.format(name="poll_says", more=', deprecated="use poll_tells"')
    poll = whole(tmp_path / "plugins", "poll", "", {"hookspecs.py": hook})
    path = single(tmp_path, "links", "@hookimpl\ndef poll_says(page): ...")

    found = findings(path, Beside(find(tmp_path), frozenset()))

    assert poll.is_dir()
    assert [(one.code, one.mend) for one in found] == [("deprecated", "use poll_tells")]
    assert found[0].severity is Severity.WARNING


MODEL = """
from blog import Post, plugin_base
from sqlalchemy import ForeignKey
from sqlalchemy.orm import mapped_column
Base = plugin_base(__name__)
class One(Base):
    __tablename__ = "{table}"
    id = mapped_column(primary_key=True)
    post_id = mapped_column(ForeignKey(Post.id{cascade}))
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op
def upgrade():
    op.create_table("{table}", sa.Column("post_id", sa.ForeignKey("post.id"{cascade})))
"""


def with_table(folder: Path, table: str, model: str, migration: str) -> Path:
    return whole(
        folder,
        "links",
        "",
        {
            "models.py": MODEL.format(table=table, cascade=model),
            "migrations/0001_one.py": MIGRATION.format(table=table, cascade=migration),
        },
    )


CASCADE = ', ondelete="CASCADE"'


def test_a_table_of_the_plugin_with_its_migration_is_fine(tmp_path: Path) -> None:
    assert codes(with_table(tmp_path, "links_one", CASCADE, CASCADE)) == []


def test_a_table_without_prefix_is_found_in_model_and_migration(tmp_path: Path) -> None:
    found = findings(with_table(tmp_path, "one", CASCADE, CASCADE))

    assert [(one.code, Path(one.file).name) for one in found] == [
        ("table-prefix", "0001_one.py"),
        ("table-prefix", "models.py"),
    ]
    assert found[0].mend == "call it links_one"


@pytest.mark.parametrize(
    ("model", "migration", "place"),
    [("", CASCADE, "models.py"), (', ondelete="SET NULL"', CASCADE, "models.py"),
     (CASCADE, "", "0001_one.py")],
)  # fmt: skip
def test_a_foreign_key_to_the_core_without_cascade_is_found(
    tmp_path: Path, model: str, migration: str, place: str
) -> None:
    found = findings(with_table(tmp_path, "links_one", model, migration))

    assert [(one.code, Path(one.file).name) for one in found] == [("foreign-key", place)]


def test_a_foreign_key_to_a_table_of_its_own_is_free(tmp_path: Path) -> None:
    path = with_table(tmp_path, "links_one", CASCADE, CASCADE)
    file = path / "models.py"
    file.write_text(file.read_text() + '    up = mapped_column(ForeignKey("links_one.id"))\n')

    assert codes(path) == []


@pytest.mark.parametrize(
    ("template", "mend"),
    [
        ("pots.html", "did you mean 'post.html'?"),
        ("threads/lists.html", "put it into templates/links/"),
        ("link/list.html", "did you mean templates/links/?"),
    ],
)
def test_an_override_of_a_template_that_does_not_exist_is_found(
    tmp_path: Path, template: str, mend: str
) -> None:
    found = findings(whole(tmp_path, "links", "", {f"templates/{template}": "x"}))

    assert [one.code for one in found if one.code != "text-unmarked"] == ["template-unknown"]
    assert found[0].mend == mend


@pytest.mark.parametrize("template", ["post.html", "admin/posts.html", "links/list.html"])
def test_an_override_of_a_template_that_exists_is_fine(tmp_path: Path, template: str) -> None:
    path = whole(tmp_path, "links", "", {f"templates/{template}": "{{ _('One') }}"})

    assert codes(path) == []


def test_a_template_of_a_plugin_that_is_not_here_but_named_is_left_alone(tmp_path: Path) -> None:
    path = whole(tmp_path, "links", "", {"templates/poll/x.html": ""}, uses=["poll"])

    assert codes(path) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>\n{{ slots.foter(post) }}</p>", [("slot-unknown", 2)]),
        ("<p>\n\nWords here</p>", [("text-unmarked", 3)]),
        ('<input placeholder="Your name">', [("text-unmarked", 1)]),
        ('<p title="{{ _("A title") }}">{{ _("Words") }} · 3&nbsp;<b>{# Words #}</b></p>', []),
        ("<script>let words = 1</script><style>body {}</style><code>words</code>", []),
        ('<option lang="fr">Français</option>', []),
    ],
)
def test_a_template_is_read_for_slots_and_unmarked_text(
    tmp_path: Path, text: str, found: list[tuple[str, int]]
) -> None:
    assert codes(whole(tmp_path, "links", "", {"templates/links/x.html": text})) == found


ROUTE = "from flask import Blueprint\nbp = Blueprint('{0}', __name__{2})\nWHERE = '{1}'\n"
ROUTE += "@bp.get(WHERE)\ndef show(): ...\n"


@pytest.mark.parametrize(
    ("rule", "prefix"),
    [("/favicon.ico", ""), ("/comments/<int:other>", ""), ("/", ""), ("/<path:x>", ""),
     ("/<owner>/<path:x>", ", url_prefix='/assets'")],
)  # fmt: skip
def test_a_route_of_the_core_is_taken(tmp_path: Path, rule: str, prefix: str) -> None:
    path = single(tmp_path, "links", ROUTE.format("links", rule, prefix))

    assert codes(path) == [("route-taken", 10)]


def test_a_route_of_a_plugin_that_is_on_is_taken_and_one_that_is_off_is_free(
    tmp_path: Path,
) -> None:
    found = find(tmp_path)
    path = single(tmp_path, "links", ROUTE.format("links", "/feed.atom", ""))
    at_login = single(tmp_path, "ties", ROUTE.format("ties", "/login/", ""))
    around = Beside(found, frozenset(["accounts"]), is_site=True)

    assert codes(path, around) == []
    assert [one.message for one in findings(at_login, around)] == [
        "accounts answers /login/ already"
    ]


def beside(folder: Path, **others: str) -> Beside:
    """Write plugins and say that they are on."""
    for name, manifest in others.items():
        path = folder / "plugins" / name
        path.mkdir(parents=True)
        (path / "plugin.toml").write_text(toml(name) + manifest)
        (path / "__init__.py").write_text("")
    return Beside(find(folder), frozenset(others), is_site=True)


@pytest.mark.parametrize(
    ("mine", "other", "code", "line"),
    [
        ({"requires": ["poll"]}, "", "requirement-missing", 5),
        ({"requires": ["ties>=2"]}, "", "requirement-version", 5),
        ({"conflicts": ["ties"]}, "", "conflict", 5),
        ({}, 'conflicts = ["links"]', "conflict", 2),
        ({"before": ["ties"]}, 'before = ["links"]', "cycle", 5),
        ({"after": ["ties"]}, 'after = ["links"]', "cycle", 5),
    ],
)
def test_what_keeps_a_plugin_from_running_beside_others_is_found(
    tmp_path: Path, mine: dict[str, list[str]], other: str, code: str, line: int
) -> None:
    around = beside(tmp_path, ties=other)

    assert codes(single(tmp_path, "links", "", **mine), around) == [(code, line)]


def test_what_is_around_is_not_asked_for_without_a_site(tmp_path: Path) -> None:
    assert codes(single(tmp_path, "links", requires=["poll"], conflicts=["threads"])) == []


@pytest.mark.parametrize("path", ["media", "/media/", "imports/", "links.txt", "../elsewhere"])
def test_declared_files_that_nobody_would_remove_are_found(tmp_path: Path, path: str) -> None:
    found = findings(single(tmp_path, "links", reach={"files": [path]}))

    assert [one.code for one in found] == ["file-stays"]


@pytest.mark.parametrize("path", ["links/", "links", "media/links/", "media/old/", "plugins/"])
def test_declared_files_that_go_or_are_for_others_to_keep_are_fine(
    tmp_path: Path, path: str
) -> None:
    assert codes(single(tmp_path, "links", reach={"files": [path]})) == []


def test_a_name_that_is_taken_is_found(tmp_path: Path) -> None:
    assert codes(single(tmp_path, "threads")) == [("duplicate-name", 2)]


def test_two_of_a_name_in_the_folder_of_the_site_are_found(tmp_path: Path) -> None:
    whole(tmp_path / "plugins", "links")
    path = single(tmp_path / "plugins", "links")

    assert codes(path, Beside(find(tmp_path))) == [("duplicate-name", 2)]


def test_a_newer_copy_of_what_the_site_has_is_no_second_one(tmp_path: Path) -> None:
    single(tmp_path / "plugins", "links")
    path = single(tmp_path / "work", "links", version="2.0")

    assert codes(path, Beside(find(tmp_path))) == []


def test_a_package_of_another_plugin_is_not_imported(tmp_path: Path) -> None:
    other = single(tmp_path, "ties")
    found = find(tmp_path)["threads"].manifest
    package = Found("ties", Place.PACKAGE, other, "somebodys_ties", found)
    path = single(tmp_path, "links", "from somebodys_ties import services")

    assert codes(path, Beside({"ties": package})) == [("import-plugin", 7)]


def test_a_template_that_is_not_in_utf_8_is_found_at_its_line(tmp_path: Path) -> None:
    path = whole(tmp_path, "links", files={"templates/links/page.html": ""})
    (path / "templates/links/page.html").write_bytes('<p>\n{{ _("Été") }}'.encode("latin-1"))

    assert codes(path) == [("template-encoding", 2)]


def test_a_version_before_a_hook_does_not_have_it(tmp_path: Path) -> None:
    path = single(tmp_path, "links", "@hookimpl\ndef routes(): ...")

    checked = check(path, without_site(), probing=False, against="0.9")

    assert [(one.code, one.line) for one in checked.findings] == [("not-in-version", 8)]


@pytest.mark.parametrize(
    ("version", "found"), [("1.9", []), ("2.0", ["not-in-version"]), ("3.1", ["not-in-version"])]
)
def test_a_hook_that_goes_is_an_error_in_the_versions_without_it(
    tmp_path: Path, version: str, found: list[str]
) -> None:
    source = read(single(tmp_path, "links", "@hookimpl\ndef routes(): ..."))
    hook = of_core()["routes"]
    going = replace(hook, info=replace(hook.info, deprecated="use ties", removed_in="2.0"))

    checked = list(compare(source, {"routes": going}, version))

    assert [one.code for one in checked] == found
    assert all(one.mend == "use ties" for one in checked)
