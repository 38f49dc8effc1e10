"""The admin in a real browser: seen, checked, without and with script."""

import pytest
from playwright.sync_api import Browser, Page

from blog import PostKind, PostStatus, Status, welcome
from blog.testing import SiteUnderTest

from .test_plugins import FRAGILE, NEEDY

PAGES = (
    "/admin/",
    "/admin/posts",
    "/admin/pages",
    "/admin/posts?q=nothing-like-this",
    "/admin/posts/new",
    "/admin/posts/new?kind=page",
    "/admin/comments",
    "/admin/comments?status=published",
    "/admin/comments?status=trash",
    "/admin/plugins",
    "/admin/plugin-order",
    "/admin/plugin-cost",
    "/admin/plugin-cost?over=hour",
    "/admin/plugin-attention",
    "/admin/plugins/threads",
    "/admin/plugins/fragile",
    "/admin/plugins/needy",
    "/admin/plugins/threads/remove",
    "/admin/plugins/gone/remove",
    "/admin/plugins/spam/settings",
    "/admin/plugins/threads/settings",
    "/admin/settings",
)
NOT_VALID = {"title": "", "body": "", "published": "never", "days": "x", "comments": "days"}
LOOKS = [(1280, "light", "en"), (360, "dark", "fr")]


@pytest.fixture
def lived_in(site: SiteUnderTest, owner: SiteUnderTest) -> SiteUnderTest:
    """Give the owner's browser on a site where something of every kind is there."""
    site.place("fragile", FRAGILE)
    site.place("gone", FRAGILE)
    site.disable("gone")
    (site.instance / "plugins" / "gone.py").unlink()
    site.disable("share")
    (site.instance / "plugins" / "needy.py").write_text(NEEDY.replace("threads", "share"), "utf-8")
    welcome.say_welcome(site.wsgi)
    post = site.write_post("Le fleuve", "Il **monte**.", author="Afi")
    site.write_post("À propos", kind=PostKind.PAGE, position=1)
    site.write_post("Un brouillon", status=PostStatus.DRAFT)
    first = site.write_comment(post, "Bonjour", author="Ama", email="ama@example.org")
    site.comment(post, "J’attends http://a.example", parent=first)
    site.write_comment(post, "Un autre", status=Status.PENDING)
    owner.get("/")
    site.wsgi.housekeep()
    return owner


@pytest.fixture
def opened(browser: Browser, owner: SiteUnderTest, address: str):
    """Open pages as the owner, whose session the browser gets."""
    contexts = []

    def opened(width: int = 1280, scheme: str = "light", *, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            base_url=address,
            java_script_enabled=script,
        )
        cookie = owner.client.get_cookie("palabre_session")
        assert cookie is not None
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_nothing_on_any_page_hinders_people(
    site, lived_in, opened, axe, width, scheme, language
) -> None:
    site.set("core", language=language)
    page = opened(width, scheme)
    found = {}
    for path in (*PAGES, "/admin/posts/2", "/admin/comments/4"):
        page.goto(path)
        found[path] = axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is wider than the window"
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.browser
def test_an_editor_with_errors_hinders_nobody(lived_in, opened, axe) -> None:
    page = opened(360)
    page.goto("/admin/posts/new")
    page.fill("#language", "???")
    page.click("[value=publish]")
    assert page.locator(".error-summary").is_visible()
    assert axe(page) == []


@pytest.mark.html
def test_the_html_of_every_page_is_right(lived_in, send, vnu) -> None:
    answers = {path: lived_in.get(path).text for path in (*PAGES, "/admin/posts/2")}
    answers["errors"] = send(lived_in, "/admin/posts/new", **NOT_VALID).text
    answers["settings"] = send(lived_in, "/admin/settings", timezone="?", site_url="?").text
    answers["plugin"] = send(lived_in, "/admin/plugins/threads/settings", depth="?").text
    answers["off"] = send(lived_in, "/admin/plugins/admin/off").text
    answers["check"] = send(lived_in, "/admin/plugins/needy/check").text
    answers["unsure"] = send(lived_in, "/admin/plugins/fragile/remove").text
    send(lived_in, "/admin/plugin-safety/begin")
    answers["safe"] = lived_in.get("/admin/plugins").text
    send(lived_in, "/admin/comments/change", do="approve:4")
    answers["told"] = lived_in.get("/admin/comments").text
    found = {path: vnu(html) for path, html in answers.items()}
    assert {path: errors for path, errors in found.items() if errors} == {}


@pytest.mark.browser
def test_a_post_is_written_and_a_comment_approved_without_script(site, lived_in, opened) -> None:
    page = opened(360, script=False)
    page.goto("/admin/posts/new")
    page.fill("#title", "Sans script")
    page.fill("#body", "**Gras**")
    page.click("[data-preview-button]")
    assert page.locator("#preview strong").inner_text() == "Gras"
    page.click("[value=publish]")
    assert "Sans script" in site.get("/").text
    page.goto("/admin/comments")
    page.click("[data-do=approve] >> nth=0")
    assert page.locator(".flash").inner_text().startswith("1 comment approved.")
    page.click(".flash button")
    assert "Undone" in page.locator(".flash").inner_text()


@pytest.mark.browser
def test_the_preview_follows_what_is_typed(lived_in, opened) -> None:
    page = opened()
    page.goto("/admin/posts/new")
    page.fill("#body", "Un *mot*")
    page.locator("#preview em").wait_for(timeout=5000)
    assert page.locator("#preview em").inner_text() == "mot"


@pytest.mark.browser
def test_comments_are_moderated_from_the_keyboard(lived_in, opened) -> None:
    page = opened()
    page.goto("/admin/comments")
    page.keyboard.press("?")
    assert page.locator("dialog.shortcuts").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.locator(".flash").wait_for(timeout=5000)
    assert "1 comment approved." in page.locator(".flash").inner_text()
    page.keyboard.press("z")
    page.get_by_text("Undone").wait_for(timeout=5000)


@pytest.mark.browser
def test_the_keys_can_be_turned_off(lived_in, opened) -> None:
    page = opened()
    page.goto("/admin/comments")
    page.keyboard.press("?")
    page.uncheck("#shortcuts-on")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert page.locator(".flash").count() == 0
