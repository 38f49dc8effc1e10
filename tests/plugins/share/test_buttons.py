"""The buttons of the share row in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from blog import PostRow
from blog.testing import SiteUnderTest

pytestmark = pytest.mark.browser


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["share"])


@pytest.fixture
def address(site_address: str, post: PostRow) -> str:
    """Serve the site and give the address of a post."""
    return f"{site_address}{post.path}"


def test_the_buttons_show_with_a_script(page: Page, address: str) -> None:
    page.goto(address)

    expect(page.get_by_role("button", name="Copy link")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_visible()


def test_the_links_do_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)

    expect(page.get_by_role("link", name="WhatsApp")).to_be_visible()
    expect(page.get_by_role("button", name="Copy link")).to_have_count(0)
    context.close()


def test_copying_says_so(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)
    page.get_by_role("button", name="Copy link").click()

    expect(page.get_by_role("status")).to_have_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address


def test_nothing_is_asked_of_others_and_nothing_moves(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(l => { for (const e of l.getEntries())"
        " window.moved += e.value }).observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(address)
    expect(page.get_by_role("button", name="Print")).to_be_visible()

    start = address.partition("/2")[0] + "/"
    assert [one for one in asked if not one.startswith((start, "data:"))] == []
    assert page.evaluate("window.moved") == 0


def test_the_row_can_be_used_by_everyone(
    page: Page, address: str, axe: Callable[[Page], list[str]]
) -> None:
    page.goto(address)
    expect(page.get_by_role("button", name="Print")).to_be_visible()

    assert axe(page) == []
