"""Every page that readers meet, as people with any eyes, hands, screens and browsers meet it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from blog import Status
from blog.rows import PostRow
from blog.testing import SiteUnderTest, hidden_fields

from .places import furnish, tour

pytestmark = pytest.mark.browser
LOOKS = [("en", "light", 1280), ("en", "dark", 360), ("fr", "dark", 1280), ("fr", "light", 360)]
# Links inside sentences may be as high as their line: WCAG 2.2, 2.5.8, "Inline".
SMALL = """() => [...document.querySelectorAll(
    "a, button, input:not([type=hidden]), select, textarea, summary")].filter(one => {
  if (one.closest(".entry-content :is(p, li), .comment-content, .skip-link")) return false;
  if (one.closest("[hidden], [aria-hidden=true], .screen-reader-text")) return false;
  if (!one.checkVisibility({ visibilityProperty: true })) return false;
  const boxes = [one, ...(one.labels ?? [])].map(each => each.getBoundingClientRect());
  const tall = boxes.some(box => box.height >= 43.5 && box.width >= 43.5);
  return !tall;
}).map(one => `${one.outerHTML.slice(0, 90)} ${one.getBoundingClientRect().height}`)"""
# A warning: themes expect a comment to be an article, and a comment has no heading.
HEADLESS = "Article lacks heading"
WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.slow
@pytest.mark.parametrize(("language", "scheme", "width"), LOOKS)
def test_nothing_hinders_anybody(
    site: SiteUnderTest,
    address: str,
    article: PostRow,
    visit: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    scheme: str,
    width: int,
) -> None:
    page = visit(width, scheme)

    found = {name: axe(page) for name in tour(page, site, address, article)}

    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(found) == 13


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr"])
def test_every_control_can_be_touched(
    site: SiteUnderTest, address: str, article: PostRow, visit: Callable[..., Page]
) -> None:
    page = visit(360)

    found = {name: page.evaluate(SMALL) for name in tour(page, site, address, article)}

    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr"])
def test_no_page_is_wider_than_a_narrow_phone(
    site: SiteUnderTest, address: str, article: PostRow, visit: Callable[..., Page]
) -> None:
    page = visit(320)

    found = {name: page.evaluate(WIDTH) for name in tour(page, site, address, article)}

    assert {name: width for name, width in found.items() if width > 320} == {}


@pytest.mark.slow
def test_every_page_works_without_script(
    site: SiteUnderTest, address: str, article: PostRow, visit: Callable[..., Page]
) -> None:
    page = visit(script=False)

    shown = {
        name: page.locator("main :is(h1, .entry-title)").first.inner_text().strip()
        for name in tour(page, site, address, article)
    }

    assert all(shown.values())


@pytest.mark.slow
def test_no_page_complains_in_the_console(
    site: SiteUnderTest, address: str, article: PostRow, visit: Callable[..., Page]
) -> None:
    page, said = visit(), []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))

    for _name in tour(page, site, address, article):
        pass

    # A browser notes every answer that is no 2xx.
    assert [one for one in said if "the server responded with a status of 4" not in one] == []


def test_a_reader_who_only_reads_gets_no_cookie(
    site: SiteUnderTest, address: str, article: PostRow, visit: Callable[..., Page]
) -> None:
    page = visit()
    names = ("home", "archive", "post", "reply", "closed", "page", "missing")

    places = furnish(site, article)
    for name in names:
        page.goto(f"{address}{places[name]}")

    assert page.context.cookies() == []


@pytest.mark.slow
def test_no_page_asks_anybody_else(
    site: SiteUnderTest, address: str, article: PostRow, visit: Callable[..., Page]
) -> None:
    page = visit()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    for _name in tour(page, site, address, article):
        pass

    assert [one for one in asked if not one.startswith(f"{address}/")] == []


@pytest.mark.html
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_good_html(
    site: SiteUnderTest, article: PostRow, vnu: Callable[[str | bytes], list[str]]
) -> None:
    answers = {name: site.get(path) for name, path in furnish(site, article).items()}
    held = site.write_comment(article, "Attente", status=Status.PENDING)
    answers["form error"] = site.comment(article, "", email="personne")
    form = {**hidden_fields(answers["post"].text), "comment": "À personne"}
    answers["waiting"] = site.follow(site.comment(article, "Qui garde la clé ?"))
    form["comment_parent"] = str(held.number)
    answers["parent gone"] = site.post(f"/comments/{article.id}", form)
    answers["older"] = site.get("/?before=" + _next(answers["home"].text))

    found = {
        name: [one for one in vnu(answer.data) if HEADLESS not in one]
        for name, answer in answers.items()
    }

    assert {name: lines for name, lines in found.items() if lines} == {}
    assert answers["parent gone"].status_code == 409


def _next(html: str) -> str:
    return html.partition('rel="next" href="?before=')[2].partition('"')[0]
