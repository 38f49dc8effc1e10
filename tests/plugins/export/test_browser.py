"""The page of the export in a real browser."""

import pytest
from playwright.sync_api import Browser

from blog.testing import SiteUnderTest

PAGE = "/admin/export/"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(1280, "light", "en"), (360, "dark", "fr")]
)
def test_nothing_on_the_page_hinders_people(
    site: SiteUnderTest, owner: SiteUnderTest, browser: Browser, address: str, axe,
    width: int, scheme, language: str,
) -> None:  # fmt: skip
    site.set("core", language=language)
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=True
    )
    cookie = owner.client.get_cookie("palabre_session")
    assert cookie is not None
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}{PAGE}")

    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    with page.expect_download() as started:
        page.click(f'form[action="{PAGE}json.json"] button')
    assert started.value.suggested_filename.endswith(".json")
    context.close()


@pytest.mark.html
def test_the_html_of_the_page_is_right(owner: SiteUnderTest, vnu) -> None:
    assert vnu(owner.get(PAGE).text) == []
