"""Developing: what changes in the instance is taken with the next request, without a restart."""

from collections.abc import Callable

import pytest

from blog.testing import SiteUnderTest
from tests.platform.samples import put, single, whole

SHOW = """
from markupsafe import Markup
from . import words
@hookimpl
def slot_footer(post):
    return Markup(f"<p>{words.WORD}</p>")
"""


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site under development with a plugin that is a folder."""
    site = make_site([])
    site.wsgi.debug = True
    code = f"from blog import hookimpl\n{SHOW}"
    whole(site.instance / "plugins", "links", code, {"words.py": "WORD = 'first'"})
    site.enable("links")
    assert "<p>first</p>" in site.get("/").text
    return site


def test_a_changed_module_of_a_plugin_is_taken(site: SiteUnderTest) -> None:
    (site.instance / "plugins" / "links" / "words.py").write_text("WORD = 'a second'")

    assert "<p>a second</p>" in site.get("/").text


def test_a_new_file_is_taken(site: SiteUnderTest) -> None:
    folder = site.instance / "plugins" / "links"
    (folder / "more.py").write_text("MORE = 'more words'")
    (folder / "words.py").write_text("from .more import MORE as WORD")

    assert "<p>more words</p>" in site.get("/").text


def test_a_changed_setting_in_the_file_is_taken(site: SiteUnderTest) -> None:
    (site.instance / "config.toml").write_text('title = "Ailleurs"\n')

    assert "Ailleurs" in site.get("/").text


def test_a_mistake_in_the_file_of_settings_keeps_the_page(site: SiteUnderTest) -> None:
    (site.instance / "config.toml").write_text("titel = 1\n")

    assert site.get("/").status_code == 200


def test_a_plugin_that_does_not_import_any_more_is_left_out_until_it_is_mended(
    site: SiteUnderTest,
) -> None:
    words = site.instance / "plugins" / "links" / "words.py"
    words.write_text("WORD = (")
    page = site.get("/")
    assert page.status_code == 200
    assert "SyntaxError" in page.text
    words.write_text("WORD = 'mended'")

    assert "<p>mended</p>" in site.get("/").text


def test_nothing_is_built_anew_while_nothing_changes(site: SiteUnderTest) -> None:
    site.get("/")
    with site.wsgi.database_only():
        before = site.wsgi.served()
        assert site.wsgi.served() is before


def test_a_served_site_does_not_look_at_files(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site([])
    put(site, "links", "mark = 1")
    site.get("/")
    single(site.instance / "plugins", "links", "mark = 2")

    with site.wsgi.database_only():
        plugin = site.wsgi.served().generation.plugin("links")
    assert plugin is not None
    assert plugin.module.mark == 1
