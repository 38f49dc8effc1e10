"""A long post shows what is in it; its headings have addresses."""

import re
from collections.abc import Callable
from time import process_time

import pytest
from playwright.sync_api import Page

from blog import posts
from blog.testing import SiteUnderTest
from blog_plugins.contents.services import outline, with_addresses

LONG = "## L’arbre\n\nUn.\n\n### Les *racines*\n\nDeux.\n\n## Le vent & l’eau\n\nTrois.\n"
LINK = re.compile(r'<a href="#([^"]+)">([^<]*)</a>')


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["contents", "markdown"])


def table(page: str) -> list[tuple[str, str]]:
    """Read the table of contents: addresses and words."""
    return LINK.findall(page.partition('<nav class="contents"')[2].partition("</nav>")[0])


def test_a_long_post_has_a_table_that_leads_to_its_headings(site: SiteUnderTest) -> None:
    page = site.get(site.write_post(body=LONG).path).text

    assert table(page) == [
        ("body-l-arbre", "L’arbre"),
        ("body-les-racines", "Les racines"),
        ("body-le-vent-l-eau", "Le vent &amp; l’eau"),
    ]
    assert all(f'id="{where}"' in page for where, _ in table(page))


def test_a_short_post_and_a_list_have_none(site: SiteUnderTest) -> None:
    post = site.write_post(body="## One\n\n## Two\n")

    assert table(site.get(post.path).text) == []
    assert table(site.get("/").text) == []


def test_how_many_headings_make_a_table_is_a_setting(site: SiteUnderTest) -> None:
    post = site.write_post(body="## One\n\n## Two\n")
    site.set("contents", headings=2)

    assert len(table(site.get(post.path).text)) == 2


def test_headings_with_the_same_words_have_addresses_of_their_own() -> None:
    html = with_addresses('<h2>Vent</h2><h3 id="vent-2">Vent</h3><h2>Vent</h2><h2>🌳</h2><h2></h2>')

    assert re.findall('id="([^"]*)"', html) == ["vent", "vent-2", "vent-3", "part"]


def test_an_address_that_the_author_chose_stays() -> None:
    html = '<h2 class="a" id="ici">Vent</h2>'

    assert with_addresses(html) == html


def test_the_time_to_read_is_said_in_minutes(site: SiteUnderTest) -> None:
    short = site.write_post(body="Un mot.")
    long = site.write_post("Long", body="mot " * 1000)

    assert '<p class="reading-time">1 minute to read</p>' in site.get(short.path).text
    assert '<p class="reading-time">5 minutes to read</p>' in site.get(long.path).text

    site.set("contents", reading_time=False)
    assert "reading-time" not in site.get(long.path).text
    assert "contents/contents" not in site.get(long.path).text


def test_it_speaks_french(site: SiteUnderTest) -> None:
    site.set("core", language="fr")
    page = site.get(site.write_post(body=LONG + "mot " * 1000).path).text

    assert "5 minutes de lecture" in page
    assert "Sommaire" in page


def test_posts_that_were_there_get_addresses_too(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(["markdown"])
    post = site.write_post(body=LONG)
    site.enable("contents")
    site.wsgi.housekeep()

    assert len(table(site.get(post.path).text)) == 3

    site.disable("contents")
    site.wsgi.housekeep()
    with site.context():
        assert "id=" not in posts.get(post.id).html


@pytest.mark.parametrize(
    "html",
    [
        "<h2>" * 50_000,
        "<h2>a</h3>" * 20_000,
        "<h2 " * 50_000,
        "<h2>a</h2>" * 3_000,
        "<h2>" + "a" * 10**6,
    ],
)
def test_hostile_text_takes_no_longer_than_its_length(html: str) -> None:
    started = process_time()
    outline(with_addresses(html))

    assert process_time() - started < 5


@pytest.mark.browser
@pytest.mark.html
def test_the_table_is_for_everyone(
    page: Page,
    site: SiteUnderTest,
    site_address: str,
    axe: Callable[[Page], list[str]],
    vnu: Callable[[str | bytes], list[str]],
) -> None:
    post = site.write_post(body=LONG)
    page.goto(f"{site_address}{post.path}")

    assert axe(page) == []
    assert vnu(page.content()) == []
    page.get_by_role("link", name="Les racines").click()
    assert page.url.endswith("#body-les-racines")
