"""Media in a real browser: seen, checked, by keyboard, dropped and pasted, without script."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from blog.testing import SiteUnderTest

from .conftest import picture

DROP = """(bytes) => {
  const file = new File([new Uint8Array(bytes)], "lac.jpg", { type: "image/jpeg" });
  const box = new DataTransfer();
  box.items.add(file);
  const text = document.querySelector("#body");
  if (window.pastes) {
    text.dispatchEvent(new ClipboardEvent("paste", { clipboardData: box, bubbles: true }));
  } else {
    text.dispatchEvent(new DragEvent("drop", { dataTransfer: box, bubbles: true }));
  }
}"""


@pytest.fixture
def opened(browser: Browser, owner: SiteUnderTest, address: str) -> Iterator[Callable[..., Page]]:
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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a picture on the author's disk."""
    (tmp_path / "fleuve.jpg").write_bytes(picture())
    return tmp_path / "fleuve.jpg"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(1280, "light", "en"), (360, "dark", "fr")]
)
def test_nothing_on_the_pages_hinders_people(
    site, owner, upload, opened, axe, width, scheme, language
) -> None:
    site.set("core", language=language)
    picture_page = upload(owner, picture()).headers["Location"]
    file_page = upload(owner, b"%PDF-1.7", "Carte.pdf").headers["Location"]
    site.write_post("Un", "![](/x.jpg)")
    page = opened(width, scheme)
    found = {}
    for path in ("/admin/media/", picture_page, file_page, "/admin/posts/new"):
        page.goto(path)
        found[path] = axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is wider than the window"
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.html
def test_the_html_of_the_pages_is_right(site, owner, upload, vnu) -> None:
    place = upload(owner, picture()).headers["Location"]
    line = owner.get(place).text.partition("<code>")[2].partition("</code>")[0]
    post = site.write_post("Un", line)
    answers = {path: owner.get(path).text for path in ("/admin/media/", place, "/admin/posts/new")}
    answers["error"] = upload(owner, None).text
    answers["editor"] = upload(owner, None, path="/admin/media/to/0", body="x").text
    answers["post"] = site.get(post.path).text
    found = {path: vnu(html) for path, html in answers.items()}
    assert {path: errors for path, errors in found.items() if errors} == {}


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_a_picture_comes_into_the_text_by_keyboard(site, opened, file: Path, width: int) -> None:
    page = opened(width)
    page.goto("/admin/posts/new")
    page.fill("#title", "Le fleuve")
    page.fill("#body", "Avant. Après.")
    page.evaluate("document.querySelector('#body').setSelectionRange(6, 6)")
    page.set_input_files("#media_file", file)
    page.focus("#media_file")
    page.keyboard.press("Tab")
    page.keyboard.type("Le fleuve au matin")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_be_focused()
    text = page.input_value("#body")
    assert text.startswith("Avant.![Le fleuve au matin](/media/")
    assert text.endswith(" Après.")
    page.focus("#title")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/posts/1")
    assert page.input_value("#body") == text


@pytest.mark.browser
@pytest.mark.parametrize("pastes", [False, True])
def test_a_picture_is_dropped_or_pasted(opened, pastes: bool) -> None:
    page = opened()
    page.goto("/admin/posts/new")
    page.evaluate(f"window.pastes = {str(pastes).lower()}")
    page.evaluate(DROP, list(picture(size=(60, 40))))
    assert page.evaluate("document.activeElement.id") == "media_alt"
    page.keyboard.press("Enter")
    page.locator("#media-problem").wait_for()
    assert page.input_value("#body") == ""
    page.fill("#media_alt", "Le lac")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_have_value(re.compile(r"!\[Le lac\]\(/media/"))
    page.locator("#preview img").wait_for(timeout=5000)


@pytest.mark.browser
def test_two_pictures_stand_on_lines_of_their_own(opened, file: Path) -> None:
    page = opened()
    page.goto("/admin/posts/new")
    page.fill("#body", "Un texte")
    for number in (1, 2):
        page.set_input_files("#media_file", file)
        page.fill("#media_alt", f"Vue {number}")
        page.keyboard.press("Enter")
        lines = re.compile(r"^Un texte" + r"\n\n!\[Vue \d\]\(/media/\S+" * number + "$")
        expect(page.locator("#body")).to_have_value(lines)


@pytest.mark.browser
def test_a_document_is_asked_for_the_text_of_its_link(opened, tmp_path: Path, file: Path) -> None:
    (tmp_path / "carte.pdf").write_bytes(b"%PDF-1.7")
    page = opened()
    page.goto("/admin/posts/new")
    page.fill("#body", "Voir ")

    page.set_input_files("#media_file", tmp_path / "carte.pdf")
    expect(page.locator("#media_plain")).to_be_hidden()
    page.get_by_label("Text of the link").fill("la carte")
    page.keyboard.press("Enter")

    expect(page.locator("#body")).to_have_value(re.compile(r"^Voir \[la carte\]\(/media/"))
    page.set_input_files("#media_file", file)
    expect(page.get_by_label("What the picture shows")).to_be_visible()
    expect(page.locator("#media_plain")).to_be_visible()


@pytest.mark.browser
def test_a_picture_comes_into_the_text_without_script(opened, file: Path) -> None:
    page = opened(360, script=False)
    page.goto("/admin/posts/new")
    page.fill("#body", "Un texte")
    page.set_input_files("#media_file", file)
    page.click("[data-media-insert]")
    assert "Say what the picture shows" in page.inner_text("#media-problem")
    page.set_input_files("#media_file", file)
    page.fill("#media_alt", "Le fleuve")
    page.click("[data-media-insert]")
    assert page.input_value("#body").startswith("Un texte\n\n![Le fleuve](/media/")
    assert page.locator("#preview").is_visible()


@pytest.mark.browser
def test_nothing_hostile_runs(site, owner, upload, opened) -> None:
    names = ['"onload="ran=1.jpg', "<img src=x onerror=ran=1>.jpg", "javascript:ran=1.txt"]
    pages = ["/admin/media/"]
    for number, name in enumerate(names):
        data = (
            picture(size=(60, 40 + number)) if name.endswith("jpg") else b"<script>ran=1</script>"
        )
        alt = f"<img src=x onerror=ran=1> {name}"
        answer = upload(owner, data, name.replace('"', "%22"), media_alt=alt)
        pages.append(answer.headers["Location"])
    page = opened()
    for path in pages:
        page.goto(path)
        assert page.evaluate("typeof ran") == "undefined"
        for href in page.eval_on_selector_all(
            "main a[href^='/media/']", "all => all.map(a => a.href)"
        ):
            answer = page.request.get(href)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]
