"""The command line: what a shell and a script see."""

import re
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from blog import Post, Status, migrate, session
from blog.cli import palabre
from blog.commands.posts import posts
from blog.db import writing
from blog.testing import SiteUnderTest
from tests.platform.samples import single, turn_on, whole
from tests.shell import Said

THREADS = pytest.mark.needs("threads")


@pytest.fixture
def run(site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Run a command on the site."""
    for name, value in site.environ.items():
        monkeypatch.setenv(name, value)

    def run(*words: object, stdin: str = "") -> Said:
        command = ["--instance", str(site.instance), *map(str, words)]
        done = CliRunner().invoke(palabre, command, input=stdin, prog_name="palabre")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)

    return run


# Posts


def test_a_post_is_written_published_changed_and_trashed(run: Callable[..., Said]) -> None:
    said = run("posts", "new", "Sous l’arbre", "--body", "Un *texte*.")
    number = int(said.out)
    assert said.code == 0
    assert row(run, number)["status"] == "draft"
    assert run("posts", "publish", number).code == 0
    assert row(run, number)["status"] == "published"
    assert run("posts", "edit", number, "--title", "Ailleurs", "--slug", "ailleurs").code == 0
    assert row(run, number)["title"] == "Ailleurs"
    assert row(run, number)["slug"] == "ailleurs"
    assert run("posts", "trash", number).code == 0
    assert row(run, number)["status"] == "trash"


def test_a_body_is_changed_in_the_editor_that_was_named(
    site: SiteUnderTest, run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    number = int(run("posts", "new", "Arbre", "--body", "Un *texte*.").out)
    assert "nothing was changed" in run("posts", "edit", number).err
    monkeypatch.setenv("EDITOR", "sed -i s/texte/mot/")

    assert run("posts", "edit", number).code == 0
    with site.context():
        assert session.get_one(Post, number).body.strip() == "Un *mot*."


def test_an_unknown_command_names_the_plugins_that_are_off(run: Callable[..., Said]) -> None:
    run("plugins", "disable", "accounts")

    assert "may bring it: accounts" in run("users", "list").err


def test_a_markup_that_nobody_renders_is_refused(run: Callable[..., Said]) -> None:
    assert "did you mean 'markdown'?" in run("posts", "new", "a", "--markup", "markdwon").err
    assert run("posts", "new", "a", "--markup", "wordpress").code == 0


def test_every_option_of_posts_says_what_it_does(run: Callable[..., Said]) -> None:
    unsaid = [
        (command.name, option.name)
        for command in posts.commands.values()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]

    assert unsaid == []


def row(run: Callable[..., Said], number: int) -> dict[str, object]:
    return next(one for one in run("posts", "list", "--json").rows if one["id"] == number)


def test_posts_are_listed_with_these_keys_in_this_order(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    post = site.write_post()
    site.write_comment(post, "un")
    site.write_comment(post, "deux", status=Status.PENDING)
    said = run("posts", "list", "--json")
    (found,) = said.rows

    assert list(found) == [
        "id", "kind", "slug", "title", "status", "published", "url", "comments",
    ]  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(found["published"]))
    assert str(found["url"]).endswith(post.path)
    assert found["comments"] == 1
    assert said.err == ""


def test_drafts_and_pages_are_listed_too(run: Callable[..., Said]) -> None:
    run("posts", "new", "Brouillon")
    run("posts", "new", "Page", "--kind", "page", "--publish", "--position", "1")

    found = {one["title"]: one for one in run("posts", "list", "--json").rows}
    assert found["Brouillon"]["published"] is None
    assert found["Page"]["kind"] == "page"
    assert [one["title"] for one in run("posts", "list", "--json", "--status", "draft").rows] == [
        "Brouillon"
    ]


@pytest.mark.needs("markdown")
def test_a_body_is_read_from_a_file_or_standard_input(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    said = run("posts", "new", "Entrée", "--file", "-", "--publish", stdin="Lu **ici**.")

    assert said.code == 0
    assert "<strong>ici</strong>" in site.get(f"/?p={int(said.out)}", follow_redirects=True).text


def test_a_post_in_the_future_is_scheduled(run: Callable[..., Said]) -> None:
    said = run("posts", "new", "Demain", "--at", "2199-01-01T10:00")

    assert row(run, int(said.out))["status"] == "scheduled"
    assert row(run, int(said.out))["published"] == "2199-01-01T10:00:00Z"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("posts", "publish", "99"), "there is no post 99: see palabre posts list"),
        (("posts", "edit", "99", "--title", "x"), "there is no post 99"),
        (("posts", "trash", "99"), "there is no post 99"),
        (("posts", "new", "x", "--at", "demain"), "'demain' is no time, for example 2026-11-24T"),
        (("comments", "approve", "98", "99"), "there is no comment 98, 99: see palabre comments"),
        (("plugins", "enable", "nothing"), "no plugin is called 'nothing'"),
        (("plugins", "disable", "thread"), "did you mean 'threads'?"),
        pytest.param(
            ("plugins", "set", "threads", "dept=3"), "did you mean 'depth'?", marks=THREADS
        ),
        pytest.param(("plugins", "set", "threads", "depth=99"), "threads.depth: ", marks=THREADS),
        (("plugins", "set", "nothing"), "nothing is not on: palabre plugins enable nothing"),
    ],
)
def test_a_refusal_is_one_line_that_says_what_to_do(
    run: Callable[..., Said], words: tuple[str, ...], line: str
) -> None:
    said = run(*words)

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("palabre: ")
    assert said.err.count("\n") == 1
    assert line in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("posts",), ("posts", "publish"), ("posts", "publish", "one"), ("posts", "list", "--jsn"),
        ("comments", "list", "--status", "lost"), ("comments", "spam"),
        pytest.param(("plugins", "set", "threads", "depth"), marks=THREADS),
        ("serve", "--port", "0"), ("plugins", "frob"),
    ],
)  # fmt: skip
def test_a_wrong_use_exits_2_and_leaves_standard_output_alone(
    run: Callable[..., Said], words: tuple[str, ...]
) -> None:
    said = run(*words)

    assert said.code == 2
    assert said.err
    assert said.out == ""


# Comments


def test_comments_are_listed_with_these_keys_in_this_order(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    post = site.write_post()
    first = site.write_comment(post, author="Ama")
    site.write_comment(post, parent=first)
    said = run("comments", "list", "--json")
    found = {one["id"]: one for one in said.rows}

    assert list(said.rows[0]) == [
        "id", "number", "post", "parent", "author", "status", "kind", "created",
    ]  # fmt: skip
    assert found[first.id]["parent"] is None
    assert found[first.id]["author"] == "Ama"
    assert found[first.id + 1]["parent"] == first.id
    assert found[first.id]["post"] == post.id
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(found[first.id]["created"]))


def test_comments_of_every_status_are_listed_unless_one_is_asked_for(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    post = site.write_post()
    for status in Status:
        site.write_comment(post, str(status), status=status)

    assert {one["status"] for one in run("comments", "list", "--json").rows} == set(Status)
    (only,) = run("comments", "list", "--json", "--status", "spam").rows
    assert only["status"] == "spam"


def test_comments_are_approved_filed_and_trashed(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    post = site.write_post()
    held = site.write_comment(post, status=Status.PENDING)
    for command, status in (("approve", "published"), ("spam", "spam"), ("trash", "trash")):
        said = run("comments", command, held.id)
        assert (said.code, said.out) == (0, "")
        assert site.stored(held).status == status


# Plugins


@pytest.mark.exact_site("a new site has every bundled plugin on")
def test_plugins_are_listed_with_these_keys_in_this_order(run: Callable[..., Said]) -> None:
    rows = run("plugins", "list", "--json").rows

    assert list(rows[0]) == ["name", "title", "version", "place", "state", "reason"]
    assert [one["name"] for one in rows] == sorted(str(one["name"]) for one in rows)
    assert {one["place"] for one in rows} == {"bundled"}
    assert {one["state"] for one in rows if not one["reason"]} == {"on"}


def test_a_plugin_is_turned_on_and_off(site: SiteUnderTest, run: Callable[..., Said]) -> None:
    single(site.instance / "plugins", "links")

    def state() -> object:
        rows = run("plugins", "list", "--json").rows
        return next(one["state"] for one in rows if one["name"] == "links")

    assert state() == "off"
    assert run("plugins", "enable", "links").code == 0
    assert state() == "on"
    assert run("plugins", "disable", "links").code == 0
    assert run("plugins", "disable", "links").code == 0
    assert state() == "off"


def test_a_plugin_that_cannot_be_loaded_is_failed_with_its_reason(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    single(site.instance / "plugins", "links", "raise SystemExit('no')")
    refused = run("plugins", "enable", "links")
    assert refused.code == 1
    assert "palabre: links: cannot be imported: SystemExit: no (links.py line 7)" in refused.err

    turn_on(site, "links")
    run("posts", "list")
    (found,) = [one for one in run("plugins", "list", "--json").rows if one["name"] == "links"]

    reason = "cannot be imported: instance/plugins/links.py line 7: SystemExit: no"
    assert (found["state"], found["reason"]) == ("failed", reason)


def test_a_plugin_that_python_cannot_read_is_refused_with_its_line(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    single(site.instance / "plugins", "links", "def slot_footer(:")

    refused = run("plugins", "enable", "links").err

    line = "this is no Python: invalid syntax (links.py line 7); mend it"
    assert refused == f"palabre: links: {line}\n"


def test_listing_and_disabling_import_no_plugin(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    mark = site.instance / "imported"
    single(site.instance / "plugins", "links", f"open({str(mark)!r}, 'w')")
    turn_on(site, "links")
    for words in (("plugins", "list"), ("doctor",), ("version",), ("plugins", "disable", "links")):
        run(*words)

    assert not mark.exists()


@THREADS
def test_settings_of_a_plugin_are_shown_and_changed(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    assert "depth=5" in run("plugins", "set", "threads").out
    said = run("plugins", "set", "threads", "depth=3")

    assert (said.code, said.out) == (0, "")
    assert "depth=3" in run("plugins", "set", "threads").out


@THREADS
def test_a_refused_setting_changes_none_of_those_beside_it(run: Callable[..., Said]) -> None:
    run("plugins", "set", "threads", "depth=3", "nothing=1")

    assert "depth=5" in run("plugins", "set", "threads").out


@THREADS
def test_hooks_are_listed_with_these_keys_and_who_runs_in_which_order(
    run: Callable[..., Said],
) -> None:
    rows = run("plugins", "hooks", "--json").rows
    found = {str(one["name"]): one for one in rows}

    keys = ["name", "kind", "arguments", "since", "deprecated", "implementations"]
    assert list(rows[0])[:6] == keys
    assert found["check_comment"]["kind"] == "judge"
    assert found["check_comment"]["arguments"] == ["post", "draft"]
    assert "threads" in found["thread_page"]["implementations"]  # type: ignore[operator]


# Looking after it


def test_migrate_brings_tables_to_what_the_code_expects(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    revision = (
        'import sqlalchemy as sa\nfrom alembic import op\nrevision = "0001"\ndown_revision = None\n'
        'def upgrade():\n    op.create_table("links_x", sa.Column("id", sa.Integer()))\n'
    )
    whole(site.instance / "plugins", "links", "", {"migrations/0001_x.py": revision})
    turn_on(site, "links")
    assert any(str(one["mend"]).endswith("palabre migrate") for one in run("doctor", "--json").rows)

    assert run("migrate").code == 0

    assert run("doctor").code == 0
    assert run("migrate").code == 0


def test_a_plugin_that_cannot_migrate_is_named_and_the_command_fails(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    broken = 'revision = "0001"\ndown_revision = None\ndef upgrade():\n    1 / 0\n'
    whole(site.instance / "plugins", "links", "", {"migrations/0001_x.py": broken})
    turn_on(site, "links")

    said = run("migrate")

    assert said.code == 1
    assert "links" in said.err


def test_tables_newer_than_the_code_are_refused_with_a_line(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    with site.wsgi.database_only(), writing() as write:
        write.execute(text("UPDATE core_version SET version_num = '9999'"))
    for words in (("serve",), ("migrate",)):
        said = run(*words)
        assert (said.code, said.out) == (1, "")
        assert "start the newer version" in said.err


def test_serve_refuses_tables_older_than_the_code(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    with site.wsgi.database_only(), writing() as write:
        write.execute(text("DELETE FROM core_version"))
    assert migrate.pending(site.wsgi.database, [migrate.CORE])
    said = run("serve")

    assert (said.code, said.out) == (1, "")
    assert "older than the code: palabre" in said.err
    assert "migrate" in said.err


def findings(said: Said) -> dict[str, tuple[object, str]]:
    return {str(one["what"]): (one["state"], str(one["mend"])) for one in said.rows}


def test_the_doctor_finds_a_site_well(run: Callable[..., Said]) -> None:
    said = run("doctor", "--json")

    assert said.code == 0
    assert list(said.rows[0]) == ["what", "state", "mend"]
    assert not [one for one in findings(said).values() if one[0] == "wrong"]


def test_the_doctor_mends_a_key_that_others_may_read(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    (site.instance / "secret_key").chmod(0o644)
    said = run("doctor", "--json")

    assert said.code == 1
    assert findings(said)["permissions"][1].endswith(f"chmod 600 {site.instance / 'secret_key'}")


def test_the_doctor_warns_of_a_proxy_that_is_not_trusted(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    site.set("core", site_url="https://example.org")

    assert 'set trusted_proxies = ["127.0.0.1"]' in findings(run("doctor", "--json"))["proxy"][1]


@THREADS
def test_the_doctor_names_a_plugin_that_failed_and_goes_on_past_newer_tables(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    with site.wsgi.database_only(), writing() as write:
        write.execute(text("UPDATE threads_version SET version_num = '9999'"))
    single(site.instance / "plugins", "links", "1 / 0")
    turn_on(site, "links")
    run("posts", "list")
    said = run("doctor", "--json")
    found = findings(said)

    assert said.code == 1
    assert "at 9999" in found["plugin threads"][1]
    assert "ZeroDivisionError" in found["plugin links"][1]


def test_the_doctor_names_what_is_wrong_with_a_plugin_that_is_off(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    single(site.instance / "plugins", "links", colour="red")
    said = run("doctor", "--json")

    assert said.code == 0
    assert "unknown key 'colour'" in findings(said)["plugin links"][1]


def test_the_doctor_answers_where_settings_are_wrong(
    site: SiteUnderTest, run: Callable[..., Said]
) -> None:
    (site.instance / "config.toml").write_text('timezone = "Nowhere"\n')
    said = run("doctor", "--json")

    assert said.code == 1
    assert "for example Africa/Lome" in findings(said)["config"][1]


def test_the_doctor_prints_each_mend_whole(site: SiteUnderTest, run: Callable[..., Said]) -> None:
    (site.instance / "secret_key").chmod(0o644)

    assert f"chmod 600 {site.instance / 'secret_key'}" in run("doctor").out


@pytest.mark.parametrize("url", ["nonsense", "mysql://u:hidden@host/x", "postgresql:/x y"])
def test_a_database_that_is_none_is_refused_in_one_line_without_its_password(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("BLOG_DATABASE_URL", url)
    said = run("posts", "list")

    assert said.code == 1
    assert "BLOG_DATABASE_URL: database_url: is no address of a database" in said.err
    assert "hidden" not in said.err


def test_a_database_that_does_not_answer_is_one_line(
    run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLOG_DATABASE_URL", "sqlite:////nowhere/at/all.sqlite")
    said = run("posts", "list")

    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "the database did not answer" in said.err


def test_work_does_what_is_due_and_stops(run: Callable[..., Said]) -> None:
    assert run("work", "--once").code == 0


SECRET = '''"""Keep a key."""
# /// plugin
# title = "Keys"
# version = "1"
# api = 1
# reach.secrets = ["token"]
# ///
from wtforms import IntegerField

from blog import SecretField, SettingsForm


class Settings(SettingsForm):
    token = SecretField("Token")
    depth = IntegerField("Depth", default=3)

    @staticmethod
    def try_values(values):
        if not values.token:
            raise ValueError("no token yet")
        return f"{len(values.token)} letters"
'''


def test_a_secret_is_set_and_tested_and_never_printed(
    run: Callable[..., Said], site: SiteUnderTest
) -> None:
    (site.instance / "plugins" / "keys.py").write_text(SECRET)
    run("plugins", "enable", "keys")
    assert "token=not set" in run("plugins", "set", "keys").out
    assert "no token yet" in run("plugins", "set", "keys", "--test").err
    assert run("plugins", "set", "keys", "--test", "token=abc").out == "3 letters\n"
    assert "token=not set" in run("plugins", "set", "keys").out

    said = run("plugins", "set", "keys", "token=hidden")

    assert "hidden" not in said.out + said.err
    shown = run("plugins", "set", "keys")
    assert "token=set" in shown.out
    assert "hidden" not in shown.out + shown.err


@THREADS
def test_a_setting_that_is_fixed_elsewhere_says_where_and_is_not_stored(
    run: Callable[..., Said], site: SiteUnderTest
) -> None:
    (site.instance / "config.toml").write_text("[plugins.threads]\ndepth = 4\n")

    assert "depth=4  (fixed by " in run("plugins", "set", "threads").out
    said = run("plugins", "set", "threads", "depth=3")
    assert said.code == 1
    assert "config.toml: change it there" in said.err


def test_enabling_says_what_a_plugin_of_somebody_else_touches(
    run: Callable[..., Said], site: SiteUnderTest
) -> None:
    single(site.instance / "plugins", "links", reach={"hosts": ["*"], "secrets": ["token"]})

    said = run("plugins", "enable", "links").err

    assert "links talks to: any host\nlinks needs secrets: token\nlinks is on" in said
    assert "talks to" not in run("plugins", "enable", "threads").err


def test_enabling_says_whose_template_is_used(
    run: Callable[..., Said], site: SiteUnderTest
) -> None:
    for name in ("second", "first"):
        whole(site.instance / "plugins", name, "", {"templates/post.html": "{{ title }}"})
        said = run("plugins", "enable", name).err

    assert "the template post.html is in first, second: that of first is used" in said


def test_the_second_command_of_a_name_is_left_out_and_recorded(
    run: Callable[..., Said], site: SiteUnderTest
) -> None:
    code = """
import click
from functools import partial

@hookimpl
def commands():
    return {{"greet": click.Command("greet", callback=partial(click.echo, "{0}"))}}
"""
    for name in ("first", "second"):
        single(site.instance / "plugins", name, code.format(name))
    turn_on(site, "first", "second")

    assert run("greet").out == "first\n"
    said = "adds the command 'greet', which first has"
    assert any(said in error.message for error in site.errors())
