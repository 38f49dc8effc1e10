"""Our own French article, imported as WordPress exports it, is the page that readers expect."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from blog.cli import palabre
from blog.folder import create
from blog.testing import SiteUnderTest
from tests.services import postgres, sqlite

ARTICLE = Path(__file__).parent / "material" / "article.wxr.xml"
ADDRESS = "/2026/10/une-bibliotheque-sous-le-fromager/"
TITLE = "Une bibliothèque sous le fromager"
LINK = re.compile(r'<a[^>]* class="comment-reply-link"[^>]*>(.*?)</a>')


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, databases: sqlite.Files | postgres.Server
) -> Iterator[SiteUnderTest]:
    """Give a French site that holds the article; nothing here changes it."""
    instance = tmp_path_factory.mktemp("article") / "instance"
    environ = {"BLOG_DATABASE_URL": databases.create()}
    create(instance, settings={"language": "fr"}, environ=environ)
    words = ["--instance", str(instance), "import", "wordpress", str(ARTICLE)]
    answer = CliRunner().invoke(palabre, words, env=environ)
    assert answer.exit_code == 0, answer.output
    site = SiteUnderTest(instance, environ)
    yield site
    site.close()
    databases.drop(environ["BLOG_DATABASE_URL"])


@pytest.fixture(scope="module")
def page(site: SiteUnderTest) -> str:
    """Give the article's page."""
    return site.get(ADDRESS).text


def test_the_article_answers_at_its_old_address(site: SiteUnderTest) -> None:
    assert f'<h1 class="entry-title p-name">{TITLE}</h1>' in site.get(ADDRESS).text


def test_the_short_address_leads_to_the_article(site: SiteUnderTest) -> None:
    assert site.get("/?p=12").headers["Location"].endswith(ADDRESS)


def test_the_article_has_its_four_paragraphs(page: str) -> None:
    body = page.partition('<div class="entry-content e-content">')[2].partition("</div>")[0]

    assert body.count("<p>") == 4


def test_the_article_names_its_author(page: str) -> None:
    assert '<span class="byline p-author h-card">Afi Mensah</span>' in page


def test_the_article_counts_five_reactions(page: str) -> None:
    assert f"5 réflexions au sujet de “{TITLE}”" in page


def test_every_reaction_keeps_its_number(page: str) -> None:
    numbers = re.findall(r'<li id="comment-(\d+)"', page)

    assert numbers == ["41", "42", "43", "44", "45"]


def test_the_thread_is_three_deep(page: str) -> None:
    depths = re.findall(r'<li id="comment-\d+" class="comment .*?depth-(\d)', page)

    assert depths == ["1", "2", "3"]


def test_two_reactions_are_pingbacks(page: str) -> None:
    assert page.count('class="pingback ') == 2


def test_each_comment_that_can_be_answered_has_its_link(page: str) -> None:
    assert LINK.findall(page) == ["Répondre"] * 3


def test_the_form_has_its_heading(page: str) -> None:
    heading = page.partition('id="reply-title"')[2].partition("</h3>")[0]

    assert "Laisser un commentaire" in heading


def test_the_share_links_begin_with_whatsapp_and_facebook(page: str) -> None:
    places = re.findall(r'href="https://(api\.whatsapp\.com|www\.facebook\.com|[^/"]*)/', page)
    known = [one for one in places if one in ("api.whatsapp.com", "www.facebook.com")]

    assert known[:2] == ["api.whatsapp.com", "www.facebook.com"]


@pytest.mark.parametrize("words", ["Est-ce ouvert le dimanche", "Montres de luxe"])
def test_what_waits_or_is_spam_is_not_shown(page: str, words: str) -> None:
    assert words not in page
