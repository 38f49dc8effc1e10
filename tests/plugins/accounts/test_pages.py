"""The pages of accounts in a real browser, and by the HTML checker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from blog import control
from blog.testing import SiteUnderTest
from blog_plugins.accounts import services

PHONE: ViewportSize = {"width": 360, "height": 740}
SENTENCE = "un deux trois, soleil"


@pytest.fixture
def link(site: SiteUnderTest, address: str) -> str:
    """Give the address of a set-up form that a browser can open."""
    with site.context():
        return f"{address}/setup/{services.make_link()}"


@pytest.fixture
def in_lome(browser: Browser) -> Iterator[Page]:
    """Open a page in a browser that speaks French in Lomé, on a phone."""
    context = browser.new_context(locale="fr-TG", timezone_id="Africa/Lome", viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_the_browser_fills_in_language_and_zone(
    site: SiteUnderTest, in_lome: Page, link: str
) -> None:
    in_lome.goto(link)
    in_lome.fill("#title", "L’arbre")
    in_lome.fill("#name", "Afi")
    in_lome.fill("#password", SENTENCE)
    in_lome.click("main button[type=submit]")

    assert in_lome.locator("form[action='/logout/']").count() == 1
    with site.context():
        found = control.stored_settings()
        assert (found["title"], found["language"]) == ("L’arbre", "fr")
        assert (found["timezone"], found["site_url"]) == ("Africa/Lome", "")


@pytest.mark.browser
def test_what_somebody_changed_is_not_filled_in_again(in_lome: Page, link: str) -> None:
    in_lome.goto(link)
    in_lome.select_option("#language", "en")
    in_lome.select_option("#timezone", "Europe/Paris")
    in_lome.click("main button[type=submit]")

    assert in_lome.locator("#title-error").count() == 1
    assert in_lome.input_value("#language") == "en"
    assert in_lome.input_value("#timezone") == "Europe/Paris"


@pytest.mark.browser
def test_a_password_can_be_looked_at(page: Page, afi: SiteUnderTest, address: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("#password", SENTENCE)
    page.click("button[data-show]")

    assert page.get_attribute("#password", "type") == "text"


@pytest.mark.browser
def test_people_find_nothing_in_their_way(
    in_lome: Page, axe: Callable[[Page], list[str]], link: str, address: str
) -> None:
    in_lome.goto(link)
    assert axe(in_lome) == []
    in_lome.click("main button[type=submit]")
    assert axe(in_lome) == []
    in_lome.goto(f"{address}/login/")
    assert axe(in_lome) == []
    in_lome.click("main button[type=submit]")
    assert axe(in_lome) == []


@pytest.mark.browser
def test_nothing_is_wider_than_a_phone(in_lome: Page, link: str, address: str) -> None:
    for place in (link, f"{address}/login/"):
        in_lome.goto(place)
        assert in_lome.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.html
def test_the_pages_are_good_html(
    site: SiteUnderTest, afi: SiteUnderTest, vnu: Callable[[str | bytes], list[str]]
) -> None:
    assert vnu(site.get("/login/").data) == []
    assert vnu(site.post("/login/").data) == []


@pytest.mark.html
def test_the_set_up_form_is_good_html(
    site: SiteUnderTest, vnu: Callable[[str | bytes], list[str]]
) -> None:
    with site.context():
        link = f"/setup/{services.make_link()}"

    assert vnu(site.get(link).data) == []
    assert vnu(site.post(link).data) == []
    assert vnu(site.get("/setup/old").data) == []


@pytest.mark.html
def test_the_footer_of_who_is_signed_in_is_good_html(
    owner: SiteUnderTest, vnu: Callable[[str | bytes], list[str]]
) -> None:
    assert vnu(owner.get("/").data) == []
