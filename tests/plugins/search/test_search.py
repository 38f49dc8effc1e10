"""Readers find what they may read, by its words, and nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from time import perf_counter
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import text

from blog import PostKind, PostStatus, Status, comments, now, posts
from blog.testing import SiteUnderTest

Make = Callable[..., SiteUnderTest]
HITS = re.compile(r'<h2 class="entry-title"><a href="([^"]*)">(.*?)</a></h2>')
ATOM = "{http://a9.com/-/spec/opensearch/1.1/}"


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    return make_site(["search", "members"])


def titles(site: SiteUnderTest, words: str, **more: str) -> list[str]:
    """Search, and give the titles of what was found, in order."""
    answer = site.get("/search", query_string={"q": words, **more})
    assert answer.status_code == 200
    return [unescape(re.sub("<[^>]*>", "", one)) for _path, one in HITS.findall(answer.text)]


@pytest.mark.parametrize(
    ("title", "language", "words"),
    [
        ("Les chevaux", "fr", "cheval"),
        ("Un cheval", "fr", "CHEVAUX"),
        ("Élevé sous l’arbre", "fr", "eleve arbres"),
        ("Une femme mangée", "fr", "mangé"),
        ("People running", "en", "run"),
        ("A story", "en", "stories"),
        ("Cœur", "fr", "coeur"),
        ("Ein Café in Köln", "de", "koln cafe"),
        ("Лес", "ru", "ЛЕС"),
        ("Ɛʋe dzɔla", "ee", "eve dzola"),
        ("Le 3e jour de 2025", "fr", "3e 2025"),
    ],
)
def test_accents_capitals_and_endings_do_not_matter(
    site: SiteUnderTest, title: str, language: str, words: str
) -> None:
    site.write_post(title, language=language)
    site.write_post("Autre chose", language=language)

    assert titles(site, words) == [title]


def test_a_phrase_stands_side_by_side_and_a_minus_excludes(site: SiteUnderTest) -> None:
    site.write_post("Un", "Le vieux baobab parle.", language="fr")
    site.write_post("Deux", "Le baobab est vieux.", language="fr")

    assert titles(site, "“vieux baobab”") == titles(site, '"vieux baobab') == ["Un"]
    assert titles(site, "baobab -parle") == ["Deux"]
    assert titles(site, 'baobab -"vieux baobab"') == ["Deux"]
    assert titles(site, "-baobab") == []


def test_words_are_marked_in_safe_snippets(site: SiteUnderTest) -> None:
    body = "Avant. " * 80 + "Ici <script>alert(1)</script> des chevaux & rien. " + "Après. " * 80
    site.write_post("<b>Cheval</b>", body, markup="plain", language="fr")

    page = site.get("/search?q=cheval").text

    assert "&lt;b&gt;<mark>Cheval</mark>&lt;/b&gt;" in page
    assert "des <mark>chevaux</mark> &amp; rien." in page
    assert "<script>alert" not in page
    assert len(page) < 5000


def test_pages_and_comments_are_found_too(site: SiteUnderTest) -> None:
    site.write_post("À propos", "Une pirogue", kind=PostKind.PAGE)
    post = site.write_post("Le fleuve")
    site.write_comment(post, "Ma pirogue est là", author="Ama")

    assert titles(site, "pirogues") == ["Le fleuve", "À propos"]
    page = site.get("/search?q=ama").text
    assert f'<a href="{post.path}?comment=1#comment-1">' in page
    assert "Comment by Ama" in page


def test_titles_come_first_and_then_what_is_new(site: SiteUnderTest) -> None:
    for number, title in enumerate(["Baobab", "Un", "Deux"]):
        when = now() - timedelta(days=9 - number)
        site.write_post(title, "Sous le baobab", published_at=when)

    assert titles(site, "baobab") == ["Baobab", "Deux", "Un"]


@pytest.mark.parametrize(
    "values",
    [
        {"status": PostStatus.DRAFT},
        {"status": PostStatus.PRIVATE},
        {"published_at": now() + timedelta(days=900)},
        {"guard": "members"},
        {"guard": "nobody"},
    ],
)
def test_what_a_stranger_may_not_read_is_not_found(
    site: SiteUnderTest, values: dict[str, Any]
) -> None:
    post = site.write_post("Secret", "Un trésor")
    site.write_comment(post, "Quel trésor", author="Ama")
    draft: dict[str, Any] = {
        "title": "Secret",
        "body": "Un trésor",
        "status": PostStatus.PUBLISHED,
        **values,
    }
    with site.context():
        posts.save(posts.PostDraft(**draft), post.id)

    page = site.get("/search?q=tr%C3%A9sor").text

    assert HITS.findall(page) == []
    assert "Secret" not in page


def test_hidden_posts_do_not_even_tell_how_many_they_are(site: SiteUnderTest) -> None:
    for number in range(30):
        site.write_post(f"Secret {number}", "Un trésor", guard="members")

    assert 'rel="next"' not in site.get("/search?q=tresor").text


def test_a_member_finds_what_is_for_members(site: SiteUnderTest) -> None:
    site.write_post("Entre nous", "Un trésor", guard="members")

    assert titles(site.as_person(permissions={"members.read"}), "tresor") == ["Entre nous"]


def test_a_comment_is_found_while_it_is_published(site: SiteUnderTest) -> None:
    post = site.write_post("Le fleuve")
    comment = site.write_comment(post, "Une pirogue", status=Status.PENDING)
    found = []
    for status in (Status.PUBLISHED, Status.SPAM, Status.PUBLISHED, Status.TRASH):
        found.append(titles(site, "pirogue"))
        with site.context():
            comments.set_status([comment.id], status)
    found.append(titles(site, "pirogue"))

    assert found == [[], ["Le fleuve"], [], ["Le fleuve"], []]


def test_what_was_changed_withdrawn_or_deleted_is_not_found(site: SiteUnderTest) -> None:
    post = site.write_post("Le fleuve", "Une pirogue")
    site.write_comment(post, "Un hamac")
    with site.context():
        posts.set_status([post.id], PostStatus.TRASH)
    assert titles(site, "pirogue") == titles(site, "hamac") == []
    with site.context():
        posts.delete([post.id])
    site.write_post("Autre", "Un hamac")

    assert titles(site, "hamac") == ["Autre"]
    assert titles(site, "pirogue") == []
    if site.wsgi.database.is_sqlite:
        check = "INSERT INTO search_text (search_text, rank) VALUES ('integrity-check', 1)"
        with site.wsgi.database.writer.connect() as connection:
            connection.execute(text(check))


def test_every_page_of_what_is_found_shows_each_once(site: SiteUnderTest) -> None:
    wanted = [site.write_post(f"Titre {n}", "baobab" * (n % 2) + " a").title for n in range(45)]
    wanted = [one for n, one in enumerate(wanted) if n % 2] + ["Baobab", "Baobab encore"]
    for one in wanted[-2:]:
        site.write_post(one)
    for number in range(25):
        wanted.append(site.write_post(f"Suite {number}", "baobab").title)
    path, found = "/search?q=baobab", []
    while path:
        page = site.get(path).text
        found += [re.sub("<[^>]*>", "", one) for _path, one in HITS.findall(page)]
        onward = re.search(r'rel="next" href="([^"]*)"', page)
        path = unescape(onward[1]) if onward else ""

    assert sorted(found) == sorted(wanted)
    assert found[:2] == ["Baobab encore", "Baobab"]


@pytest.mark.parametrize(
    "words",
    [
        "", " ", '"', '""', "'", "'; DROP TABLE post; --", "AND OR NOT NEAR", "baobab AND",
        "title:baobab", "baob*", "^baobab", "NEAR(a b)", "(((", "a:*", "!baobab & | <->", "\\",
        "-", "--", "-\"", "\x00", "baobab\x00", "le la les de the of", "«", "%", "_", "🌍", "ꙮ",
        "baobab " * 1500, "é" * 10_000, "-" * 10_000, '"' * 10_000, "a " * 5000, "'" * 10_000,
    ],
)  # fmt: skip
def test_anything_typed_gets_an_answer_soon(site: SiteUnderTest, words: str) -> None:
    site.write_post("Le baobab de la place", "The tree of the village")
    titles(site, "baobab")
    began = perf_counter()

    titles(site, words, page=words[:20])
    titles(site, words)

    assert perf_counter() - began < 2
    assert site.errors() == []


def test_a_long_text_of_rare_letters_is_kept(site: SiteUnderTest) -> None:
    letters = " ".join(chr(0x20000 + number) for number in range(42_000))
    site.write_post("Baobab", letters, markup="plain")

    assert titles(site, "baobab " + chr(0x20001)) == ["Baobab"]
    assert site.errors() == []


def test_the_page_costs_the_same_statements_whatever_there_is(site: SiteUnderTest) -> None:
    post = site.write_post("Un baobab")
    site.write_comment(post, "Le baobab")
    few = site.statements("/search?q=baobab")
    for number in range(12):
        site.write_comment(site.write_post(f"Baobab {number}"), "Un baobab")

    assert site.statements("/search?q=baobab") == few <= 6


def test_what_came_while_it_was_off_is_found_after_it_caught_up(site: SiteUnderTest) -> None:
    old = site.write_post("Ancien", "Une case")
    site.disable("search")
    site.write_comment(site.write_post("Le fleuve", "Une pirogue"), "Un hamac")
    held = site.write_comment(old, "Une pirogue")
    with site.context():
        posts.save(posts.PostDraft(title="Neuf", body="Une pirogue"), old.id)
        posts.set_status([old.id], PostStatus.PUBLISHED)
        comments.set_status([held.id], Status.SPAM)
    site.enable("search")

    assert sorted(titles(site, "pirogue")) == ["Le fleuve", "Neuf"]
    assert titles(site, "hamac") == ["Le fleuve"]
    assert titles(site, "case") == []


def test_the_addresses_of_wordpress_lead_to_the_search(site: SiteUnderTest) -> None:
    answer = site.get("/?s=l%E2%80%99%C3%A9t%C3%A9+%22x%22")

    assert answer.status_code == 301
    assert answer.headers["Location"] == "/search?q=l%E2%80%99%C3%A9t%C3%A9+%22x%22"


def test_browsers_are_told_how_to_search(site: SiteUnderTest) -> None:
    link = '<link rel="search" type="application/opensearchdescription+xml" title="Palabre"'
    assert f'{link} href="/opensearch.xml">' in site.get("/").text
    answer = site.get("/opensearch.xml")
    found = fromstring(answer.data)

    assert answer.mimetype == "application/opensearchdescription+xml"
    assert found.findtext(f"{ATOM}ShortName") == "Palabre"
    address = found.find(f"{ATOM}Url")
    assert address is not None
    assert address.get("template") == "http://localhost/search?q={searchTerms}"


def test_a_field_stands_on_every_page_once(site: SiteUnderTest) -> None:
    for path in ("/", site.write_post().path, "/search", "/search?q=x", "/nothing/"):
        assert site.get(path).text.count('role="search"') == 1, path


def test_search_pages_are_not_for_search_engines(site: SiteUnderTest) -> None:
    assert '<meta name="robots" content="noindex, follow">' in site.get("/search?q=x").text


def test_it_speaks_french(make_site: Make) -> None:
    page = make_site(["search"], language="fr").get("/search?q=rien")

    assert "Aucun texte ne contient ces mots" in page.text


def test_the_lists_of_the_admin_find_forms_and_parts_of_words(make_site: Make) -> None:
    site = make_site(["search", "admin"])
    owner = site.as_person(permissions={"posts.write", "posts.private", "comments.moderate"})
    post = site.write_post("Les chevaux", language="fr")
    site.write_comment(post, "Une pirogue", author="Ama", status=Status.PENDING)
    site.write_comment(post, "Un hamac", author="Kofi", status=Status.PENDING)

    for words in ("cheval", "chev"):
        assert "Les chevaux</a>" in owner.get(f"/admin/posts?q={words}").text
    assert "Les chevaux</a>" not in owner.get("/admin/posts?q=vache").text
    for words in ("pirogues", "pirog", "AMA"):
        queue = owner.get(f"/admin/comments?q={words}").text
        assert "Une pirogue" in queue
        assert "Un hamac" not in queue
    assert "Nothing like that is here." in owner.get("/admin/comments?q=vache").text
