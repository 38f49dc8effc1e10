"""A plugin adds commands to the core's groups."""

from collections.abc import Callable

import pytest

from blog.testing import SiteUnderTest
from tests.platform.samples import put
from tests.shell import Said, shell

CODE = """
import click

@click.command()
def count():
    click.echo("counted")

@hookimpl
def commands():
    return {"posts count": count}
"""


@pytest.fixture
def run(
    make_site: Callable[..., SiteUnderTest],
    site_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Said]:
    site = make_site([])
    put(site, "links", CODE)
    monkeypatch.setenv("BLOG_DATABASE_URL", site_database_url)
    return lambda *words: shell(site.instance.parent, *words)


@pytest.mark.slow
def test_a_command_of_a_plugin_stands_in_a_group_of_the_core(run: Callable[..., Said]) -> None:
    assert run("posts", "count").out == "counted\n"
    assert "count" in run("posts", "--help").out


@pytest.mark.slow
def test_a_misspelt_command_of_a_group_names_the_nearest_and_who_may_bring_it(
    run: Callable[..., Said],
) -> None:
    assert "Did you mean 'count'?" in run("posts", "cuont").err
    assert "workshop" in run("plugins", "new", "x").err


def test_a_command_that_cannot_say_what_it_does_breaks_no_help(
    make_site: Callable[..., SiteUnderTest],
    site_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = make_site([])
    odd = "class Odd(click.Command):\n    def get_short_help_str(self, limit):\n        1 / 0\n"
    code = CODE.replace("@click.command()", f"{odd}\n@click.command(cls=Odd)")
    put(site, "links", code.replace("posts count", "count"))
    monkeypatch.setenv("BLOG_DATABASE_URL", site_database_url)
    said = shell(site.instance.parent, "--help")

    assert said.code == 0
    assert "  count" in said.out
