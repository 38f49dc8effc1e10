"""The help of the command line shows what a site's plugins add."""

import pytest
from click.testing import CliRunner

from blog.cli import palabre
from blog.testing import SiteUnderTest

pytestmark = pytest.mark.needs("accounts")


def test_help_lists_the_commands_of_plugins_of_the_site_that_is_named(site: SiteUnderTest) -> None:
    words = ["--instance", str(site.instance), "--help"]
    answer = CliRunner().invoke(palabre, words, env=dict(site.environ))

    assert "users" in answer.output


def test_help_lists_the_commands_of_plugins_of_the_site_in_the_environment(
    site: SiteUnderTest,
) -> None:
    environ = {**site.environ, "BLOG_INSTANCE": str(site.instance)}
    answer = CliRunner().invoke(palabre, ["--help"], env=environ)

    assert "users" in answer.output
