"""A reader's way through the French article: answer, err, come back, be remembered."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from blog import posts
from blog.rows import PostRow
from blog.testing import SiteUnderTest
from blog_plugins.accounts import services

pytestmark = pytest.mark.browser
PASSWORD = "sous l’arbre à palabres"
TEXT = "Je passe le voir demain, merci !"
Visit = Callable[..., Page]


class Place(NamedTuple):
    """An article in a browser: its address, and the number of a comment that can be answered."""

    post: PostRow
    url: str
    number: int


@pytest.fixture
def language() -> str:
    """Name the language of the site."""
    return "fr"


@pytest.fixture
def place(article: PostRow, address: str) -> Place:
    """Give our own article."""
    return Place(article, f"{address}{article.path}", 42)


def answer(page: Page, place: Place, text: str = TEXT) -> None:
    """Answer a comment as people do: follow its link, type, send."""
    page.goto(place.url)
    page.click(f"#div-comment-{place.number} .comment-reply-link")
    page.fill("#comment", text)
    page.click("#submit")
    page.wait_for_url("**/*comment=*")


def approve_first(page: Page, address: str) -> None:
    """Log in and approve what waits in the queue."""
    page.goto(f"{address}/login/")
    page.fill("#name", "Afi")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    page.goto(f"{address}/admin/comments")
    page.locator("tr", has_text=TEXT).locator("button[value^='approve:']").click()
    page.wait_for_load_state()


# A reply, from the form to everybody


@pytest.mark.parametrize("script", [False, True], ids=["plain", "script"])
def test_a_reply_waits_for_its_author_and_is_there_for_everyone_once_approved(
    site: SiteUnderTest, address: str, place: Place, visit: Visit, script: bool
) -> None:
    with site.context():
        services.add("Afi", PASSWORD, services.OWNER)
    author, other = visit(script=script), visit(script=script)
    said = f"#comment-{place.number} > ol > li:has-text('{TEXT}')"

    answer(author, place)
    expect(author.locator(said)).to_have_count(1)
    expect(author.locator(f"{said} .comment-awaiting-moderation")).to_have_count(1)
    other.goto(place.url)
    assert TEXT not in other.content()

    approve_first(visit(script=script), address)
    other.goto(place.url)
    expect(other.locator(said)).to_have_count(1)
    expect(other.locator(".comment-awaiting-moderation")).to_have_count(0)


@pytest.mark.material
def test_the_real_article_takes_a_reply(
    site: SiteUnderTest,
    address: str,
    material: Path,
    visit: Visit,
    bring: Callable[..., PostRow],
) -> None:
    export = material / "seed" / "article.wxr.xml"
    old = re.search(r"<item>.*?<link>https?://[^/]+(/[^<]+)</link>", export.read_text("utf-8"), 16)
    assert old
    post = bring(site, export, old[1])
    page = visit(360)

    page.goto(f"{address}{old[1]}")
    assert page.locator("h1.entry-title").inner_text() == post.title
    assert page.locator(".entry-content > p").count() == 4
    title = page.locator(".comments-title").inner_text()
    assert title == f"3 réflexions au sujet de “{post.title}”"
    assert page.locator("li.depth-3").count() == 1
    assert page.locator(".comment-reply-link").all_inner_texts() == ["Répondre"] * 3
    assert "Laisser un commentaire" in page.locator("#reply-title").inner_text()
    assert page.locator(".share a").first.inner_text() == "WhatsApp"
    number = page.locator("li.depth-3").get_attribute("id")
    assert number
    answer(page, Place(post, page.url, int(number.removeprefix("comment-"))))
    expect(page.locator(f"#{number} .comment-awaiting-moderation")).to_have_count(1)


def test_the_page_with_a_waiting_comment_is_kept_nowhere(place: Place, visit: Visit) -> None:
    page = visit()
    kept: dict[str, str] = {}
    page.on(
        "response",
        lambda one: kept.update(one.headers) if "key=" in one.url else None,
    )

    answer(page, place)

    assert kept["cache-control"] == "private, no-store"


def test_a_link_without_its_signature_shows_nothing(place: Place, visit: Visit) -> None:
    author, other = visit(), visit()
    answer(author, place)

    other.goto(re.sub(r"key=[^&#]*", "key=x", author.url))

    assert TEXT not in other.content()


# An error


@pytest.mark.parametrize("script", [False, True], ids=["plain", "script"])
def test_an_error_keeps_the_text_until_it_is_mended(
    place: Place, visit: Visit, script: bool
) -> None:
    page = visit(script=script)
    page.goto(f"{place.url}?replytocom={place.number}")
    page.fill("#comment", TEXT)
    page.fill("#email", "personne")
    page.click("#submit")

    assert page.locator("#email-error").is_visible()
    assert page.input_value("#comment") == TEXT
    assert page.input_value("#comment_parent") == str(place.number)
    page.fill("#email", "")
    page.click("#submit")
    expect(page.locator(f"#comment-{place.number} > ol > li", has_text=TEXT)).to_have_count(1)


def test_the_summary_of_errors_leads_to_the_field(place: Place, visit: Visit) -> None:
    page = visit()
    page.goto(place.url)
    page.fill("#email", "personne")
    page.click("#submit")

    page.click("#comment-errors a[href='#email']")

    assert page.evaluate("document.activeElement.id") == "email"


# Drafts


def test_a_draft_is_there_after_the_tab_was_closed(place: Place, visit: Visit) -> None:
    page = visit()
    page.goto(place.url)
    page.locator("#comment").press_sequentially("Une idée")
    page.close(run_before_unload=True)
    again = page.context.new_page()
    again.goto(place.url)

    assert again.input_value("#comment") == "Une idée"


def test_a_draft_is_gone_once_the_comment_is_there(place: Place, visit: Visit) -> None:
    page = visit()
    answer(page, place)

    page.goto(place.url)

    assert page.input_value("#comment") == ""
    assert page.evaluate("Object.keys(localStorage)") == []


# Answering in place


def test_an_answer_can_be_written_by_keyboard_alone(place: Place, visit: Visit) -> None:
    page = visit()
    page.goto(place.url)
    link = page.locator(f"#div-comment-{place.number} .comment-reply-link")
    link.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "comment"
    assert page.locator(f"#comment-{place.number} #respond").count() == 1
    page.keyboard.type(TEXT)
    for _field in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "submit":
            break
    page.keyboard.press("Enter")

    expect(page.locator(f"#comment-{place.number} > ol > li", has_text=TEXT)).to_have_count(1)


@pytest.mark.parametrize("how", ["Escape", "link"])
def test_an_answer_can_be_left(place: Place, visit: Visit, how: str) -> None:
    page = visit()
    page.goto(place.url)
    page.click(f"#div-comment-{place.number} .comment-reply-link")
    if how == "link":
        page.click("#cancel-comment-reply-link")
    else:
        page.keyboard.press("Escape")

    assert page.input_value("#comment_parent") == "0"
    assert page.locator(".comment-list #respond").count() == 0
    # Back where the reader was.
    focused = page.evaluate("document.activeElement.dataset.commentid")
    assert focused == str(place.number)


def test_without_script_an_answer_can_be_left_too(place: Place, visit: Visit) -> None:
    page = visit(script=False)
    page.goto(f"{place.url}?replytocom={place.number}")

    page.click("#cancel-comment-reply-link")

    assert page.input_value("#comment_parent") == "0"


# Addresses of comments


def test_a_bare_fragment_finds_a_comment_of_another_page(
    site: SiteUnderTest, address: str, visit: Visit
) -> None:
    post = site.write_post("Longue")
    last = [site.write_comment(post, f"Mot {number}") for number in range(55)][-1]
    page = visit()

    page.goto(f"{address}{post.path}#comment-{last.number}")
    page.wait_for_url("**/*comment=*")

    assert page.locator(f"#comment-{last.number}").is_visible()


# Being remembered


def test_whoever_asks_for_it_is_remembered(place: Place, visit: Visit) -> None:
    page = visit()
    page.goto(place.url)
    page.fill("#author", "Ama")
    page.fill("#comment", TEXT)
    page.check("#wp-comment-cookies-consent")
    page.click("#submit")
    page.wait_for_url("**/*comment=*")

    page.goto(place.url)

    assert page.input_value("#author") == "Ama"
    assert [one["name"] for one in page.context.cookies()] == ["palabre_reader"]


def test_whoever_does_not_ask_leaves_no_trace(place: Place, visit: Visit) -> None:
    page = visit()
    page.goto(place.url)
    page.fill("#author", "Ama")
    page.fill("#comment", TEXT)
    page.click("#submit")
    page.wait_for_url("**/*comment=*")

    page.goto(place.url)

    assert page.input_value("#author") == ""
    assert page.context.cookies() == []


def test_whoever_is_remembered_sees_what_waits_again(
    site: SiteUnderTest, place: Place, visit: Visit
) -> None:
    page = visit()
    page.goto(place.url)
    page.fill("#comment", TEXT)
    page.fill("#author", "Ama")
    page.check("#wp-comment-cookies-consent")
    page.click("#submit")
    page.wait_for_url("**/*comment=*")

    page.goto(re.sub(r"&?key=[^&#]*", "", page.url))

    assert page.locator("li.comment", has_text=TEXT).count() == 1
    with site.context():
        assert posts.at(place.post.path).comment_count == place.post.comment_count
