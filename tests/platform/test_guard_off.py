"""Posts whose guard is not on: they stay hidden, and the owner is told how to mend that."""

from collections.abc import Callable

import pytest

from blog.attention import Kind, items
from blog.testing import SiteUnderTest
from tests.shell import shell

Make = Callable[..., SiteUnderTest]


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    return make_site(["members"])


def run(site: SiteUnderTest, *words: str):
    """Run a command in the folder of the site."""
    address = site.wsgi.database.url.render_as_string(hide_password=False)
    (site.instance / "config.toml").write_text(f"database_url = {address!r}\n", "utf-8")
    return shell(site.instance.parent, *words)


@pytest.mark.slow
def test_a_shell_guards_a_post_and_opens_it(site: SiteUnderTest) -> None:
    post = site.write_post("Entre nous")

    assert run(site, "posts", "edit", str(post.id), "--guard", "members").code == 0
    assert site.get(post.path).status_code == 403
    assert run(site, "posts", "edit", str(post.id), "--guard", "").code == 0
    assert site.get(post.path).status_code == 200
    assert "Entre nous" in site.get("/").text


@pytest.mark.slow
def test_a_shell_writes_a_post_that_is_guarded_from_the_start(site: SiteUnderTest) -> None:
    assert run(site, "posts", "new", "Entre nous", "--publish", "--guard", "members").code == 0

    assert "Entre nous" not in site.get("/").text


def test_a_guard_that_nobody_has_is_refused(site: SiteUnderTest) -> None:
    post = site.write_post()

    said = run(site, "posts", "edit", str(post.id), "--guard", "membres")

    assert said.code != 0
    assert "did you mean 'members'?" in said.err
    assert site.get(post.path).status_code == 200


@pytest.mark.parametrize("guard", ["members", "gone"])
def test_the_owner_is_told_which_posts_are_hidden(site: SiteUnderTest, guard: str) -> None:
    for _each in range(2):
        site.write_post(guard=guard)
    site.disable("members")
    with site.wsgi.database_only():
        (item,) = items(site.wsgi.database, site.instance)

    assert (item.plugin, item.kind) == (guard, Kind.GUARD)
    assert item.what.startswith("2 posts are hidden")
    assert 'palabre posts edit 1 --guard ""' in item.mend
    assert item.command == f"palabre plugins enable {guard}"
    said = run(site, "doctor").out
    assert item.what in said
    assert item.command in said


def test_nothing_is_told_while_the_guard_is_on(site: SiteUnderTest) -> None:
    site.write_post(guard="members")
    with site.wsgi.database_only():
        assert items(site.wsgi.database, site.instance) == []


def test_what_is_in_the_trash_is_hidden_anyway(site: SiteUnderTest) -> None:
    site.write_post(guard="gone", status="trash")
    with site.wsgi.database_only():
        assert items(site.wsgi.database, site.instance) == []
