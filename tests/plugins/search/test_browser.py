"""The pages of the search are right for everybody and every program."""

import pytest
from playwright.sync_api import Page

from blog.testing import SiteUnderTest

PATHS = (
    "/search",
    "/search?q=baobab",
    "/search?q=rien",
    "/search?q=-x",
    "/search?q=baobab&page=3",
)
HEADLESS = "Article lacks heading"  # a comment, which has none in WordPress either


@pytest.fixture
def filled(site: SiteUnderTest) -> SiteUnderTest:
    for number in range(25):
        post = site.write_post(f"Le baobab {number}", "Sous le baobab", language="fr")
        site.write_comment(post, "Un baobab", author="Ama")
    site.work()
    return site


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_hinders_people(filled, page: Page, address, axe, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for path in (*PATHS, "/2026/11/le-baobab-3/"):
        page.goto(f"{address}{path}")
        found[path] = axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.html
def test_the_html_is_right(filled, vnu) -> None:
    pages = {path: vnu(filled.get(path).text) for path in (*PATHS, "/2026/11/le-baobab-3/")}
    found = {path: [one for one in errors if HEADLESS not in one] for path, errors in pages.items()}
    assert {path: errors for path, errors in found.items() if errors} == {}
