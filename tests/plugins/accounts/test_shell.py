"""Users and set-up links from a shell, and what a start prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from blog import hooks
from blog.cli import palabre
from blog.testing import SiteUnderTest
from blog_plugins.accounts import services

Run = Callable[..., Result]
SENTENCE = "un deux trois, soleil\n"

REFUSED = [
    ("afi", SENTENCE, "already"),
    ("Kodjo", "short\n", "10 characters"),
    ("Kodjo", "", "10 characters"),
    ("Kodjo", b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\n", "UTF-8"),
    (" ", SENTENCE, "name"),
]


@pytest.fixture
def run(site: SiteUnderTest) -> Run:
    """Run ``palabre`` on the site."""

    def call(*words: str, typed: str | bytes = "") -> Result:
        arguments = ["--instance", str(site.instance), *words]
        return CliRunner().invoke(palabre, arguments, input=typed, env=dict(site.environ))

    return call


def test_a_user_is_added_with_a_password_from_standard_input(run: Run) -> None:
    added = run("users", "add", "Afi", "--role", "owner", "--email", "afi@x.org", typed=SENTENCE)

    (user,) = json.loads(run("users", "list", "--json").stdout)
    assert added.exit_code == 0
    assert (user["name"], user["role"], user["email"]) == ("Afi", "owner", "afi@x.org")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", user["created"])
    assert "argon2" not in run("users", "list", "--json").output


def test_the_first_user_is_the_owner_and_the_next_a_moderator(
    run: Run, site: SiteUnderTest
) -> None:
    run("users", "add", "Afi", typed=SENTENCE)
    run("users", "add", "Kodjo", typed=SENTENCE)

    with site.context():
        assert [one.role for one in services.users()] == ["owner", "moderator"]


def test_what_cannot_be_added_is_refused_in_one_line(run: Run) -> None:
    run("users", "add", "Afi", typed=SENTENCE)

    for name, typed, says in REFUSED:
        refused = run("users", "add", name, typed=typed)

        assert refused.exit_code == 1
        assert says in refused.output
        assert refused.output.count("\n") == 1


def test_a_password_is_never_an_argument(run: Run) -> None:
    assert run("users", "add", "Afi", "--password", "x").exit_code == 2


def test_a_password_is_changed(run: Run, site: SiteUnderTest) -> None:
    run("users", "add", "Afi", typed=SENTENCE)

    assert run("users", "password", "afi", typed="another one, longer\n").exit_code == 0
    assert run("users", "password", "Efa", typed=SENTENCE).exit_code == 1
    with site.context():
        assert services.is_password(services.named("Afi"), "another one, longer")


def test_a_set_up_link_opens_the_form(run: Run, site: SiteUnderTest) -> None:
    link = run("setup-link", "--address", "http://localhost/").stdout.strip()

    assert link.startswith("http://localhost/setup/")
    assert site.get(link.removeprefix("http://localhost")).status_code == 200


def test_no_set_up_link_where_there_is_an_owner(run: Run) -> None:
    run("users", "add", "Afi", typed=SENTENCE)

    refused = run("setup-link")

    assert refused.exit_code == 1
    assert "users password" in refused.output


def lines_of(site: SiteUnderTest) -> list[str]:
    with site.context():
        found = hooks.startup_lines("http://127.0.0.1:8001", "palabre --instance here")
    return [line for one in found if one.plugin == "accounts" for line in one.value]


def test_a_start_without_an_owner_prints_a_link_and_what_comes_next(site: SiteUnderTest) -> None:
    lines = "\n".join(lines_of(site))

    link = re.search(r"http://127\.0\.0\.1:8001(/setup/\S+)", lines)
    assert link is not None
    assert site.get(link[1]).status_code == 200
    assert "palabre --instance here setup-link --address http://127.0.0.1:8001" in lines


def test_a_start_with_an_owner_prints_where_the_admin_is(afi: SiteUnderTest) -> None:
    assert lines_of(afi) == ["Admin: http://127.0.0.1:8001/admin/"]
