"""While developing, a page says what plugins did wrong."""

from collections.abc import Callable
from threading import Thread
from time import sleep

import pytest

from blog.testing import SiteUnderTest

MANIFEST = '# /// plugin\n# title = "Proverb"\n# version = "1.0"\n# api = 1\n# ///\n'
PLUGIN = f"""{MANIFEST}
from blog import hookimpl
from markupsafe import Markup

@hookimpl
def slot_footer():
    return Markup("A proverb")
"""
SLOW = """from pathlib import Path
from time import sleep
Path(__file__).parents[1].joinpath("loading").touch()
sleep(1)
"""


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site under development that has the plugin."""
    site = make_site([])
    site.wsgi.debug = True
    site.place("proverb", PLUGIN)
    return site


def change(site: SiteUnderTest, before: str, after: str) -> None:
    """Change the plugin as an editor does, and begin the next generation."""
    (site.instance / "plugins" / "proverb.py").write_text(PLUGIN.replace(before, after), "utf-8")
    site.set("core", tagline="Next")


def test_a_page_has_no_bar_while_all_is_well(site: SiteUnderTest) -> None:
    assert "plugin-bar" not in site.get("/").text


def test_a_failure_is_shown_with_its_plugin_hook_and_line(site: SiteUnderTest) -> None:
    change(site, 'Markup("A proverb")', "1 / 0")
    bar = site.get("/").text.partition("plugin-bar")[2]

    assert "proverb · slot_footer" in bar
    assert "proverb.py:12 · ZeroDivisionError" in bar


def test_a_misspelt_hook_is_shown_with_the_nearest(site: SiteUnderTest) -> None:
    change(site, "slot_footer", "slot_foter")

    assert "did you mean &#39;slot_footer&#39;?" in site.get("/").text


def test_whoever_comes_while_a_change_is_taken_sees_it_too(site: SiteUnderTest) -> None:
    assert "A proverb" in site.get("/").text
    slow = PLUGIN.replace("A proverb", "Another").replace("from blog", f"{SLOW}from blog", 1)
    (site.instance / "plugins" / "proverb.py").write_text(slow, "utf-8")
    first = Thread(target=site.another().get, args=("/",))
    first.start()
    while not (site.instance / "loading").exists():
        sleep(0.01)

    assert "Another" in site.get("/").text
    first.join()


def test_readers_of_a_served_site_see_no_bar(site: SiteUnderTest) -> None:
    site.wsgi.debug = False
    change(site, 'Markup("A proverb")', "1 / 0")

    assert "plugin-bar" not in site.get("/").text
