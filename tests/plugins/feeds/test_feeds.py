"""Feeds: read by somebody else's parser, and holding nothing that is not for everyone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from blog import PostRow, PostStatus, Status, now
from blog.testing import SiteUnderTest

BASE = "https://palabre.example"
GUARD = '''"""Hide what it guards."""
# /// plugin
# title = "Guard"
# version = "1.0"
# api = 1
# ///
'''
EVERY_CHARACTER = "".join(map(chr, [*range(1, 0x20), 0x7F, 0x85, 0xFFFE, 0xFFFF, 0x1F600]))


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["feeds", "threads"], site_url=BASE, title="Sous l’arbre & ailleurs")


def read(site: SiteUnderTest, path: str) -> Any:
    """Read a feed as a reader's program does."""
    response = site.get(path, base_url=BASE)
    assert response.status_code == 200
    found = feedparser.parse(
        response.data, response_headers={"content-type": response.content_type}
    )
    assert not found.bozo, found.get("bozo_exception")
    return found


def entries(site: SiteUnderTest, path: str = "/feed.atom") -> list[str]:
    return [one.title for one in read(site, path).entries]


def where(site: SiteUnderTest, path: str) -> str | None:
    """Say where an old address sends for ever."""
    response = site.get(path, base_url=BASE)
    return response.headers.get("Location") if response.status_code == 301 else None


def test_a_feed_is_atom_with_what_it_must_have(site: SiteUnderTest) -> None:
    site.write_post("Un", author="Ama")

    found = read(site, "/feed.atom")

    assert found.version == "atom10"
    assert found.feed.title == "Sous l’arbre & ailleurs"
    assert found.feed.id.startswith("tag:palabre.example,2026:")
    assert found.feed.updated.endswith("Z")
    assert {one.rel: one.href for one in found.feed.links} == {
        "self": f"{BASE}/feed.atom",
        "alternate": f"{BASE}/",
    }


def test_an_entry_has_author_dates_link_and_content(site: SiteUnderTest) -> None:
    post = site.write_post("Un", "<p>Deux &amp; trois</p>", markup="html", author="Ama")

    [entry] = read(site, "/feed.atom").entries

    assert entry.author == "Ama"
    assert entry.link == BASE + post.path
    assert entry.content[0].type == "text/html"
    assert entry.content[0].value == "<p>Deux &amp; trois</p>"
    assert entry.published.endswith("Z")


def test_an_empty_site_has_a_whole_feed(site: SiteUnderTest) -> None:
    assert read(site, "/feed.atom").entries == []
    assert read(site, "/comments.atom").entries == []


def test_the_media_type_says_atom_and_the_charset(site: SiteUnderTest) -> None:
    response = site.get("/feed.atom", base_url=BASE)

    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"


def test_addresses_in_a_body_become_whole(site: SiteUnderTest) -> None:
    body = (
        '<a href="/a?x=1&amp;y=2">a</a> <a href="#fn1">b</a> <img src="c.png" alt=\'x > src="d"\'>'
    )
    post = site.write_post("Un", body, markup="html")

    value = read(site, "/feed.atom").entries[0].content[0].value

    assert f'href="{BASE}/a?x=1&amp;y=2"' in value
    assert f'href="{BASE}{post.path}#fn1"' in value
    assert f'src="{BASE}{post.path}c.png"' in value


def test_what_looks_like_an_address_in_the_text_is_left_alone(site: SiteUnderTest) -> None:
    site.write_post("Un", 'Écrivez src="/x" ici', markup="plain")

    assert 'src="/x"' in read(site, "/feed.atom").entries[0].content[0].value


def test_hostile_markup_stays_text(site: SiteUnderTest) -> None:
    site.write_post("<script>alert(1)</script> & ]]>", author="</name><x>")

    root = ElementTree.fromstring(site.get("/feed.atom", base_url=BASE).data)

    entry = root.find("{http://www.w3.org/2005/Atom}entry")
    assert entry is not None
    assert entry.findtext("{http://www.w3.org/2005/Atom}title") == "<script>alert(1)</script> & ]]>"
    assert not root.findall(".//x")


def test_characters_that_xml_forbids_are_left_out(site: SiteUnderTest) -> None:
    post = site.write_post(EVERY_CHARACTER, EVERY_CHARACTER, markup="plain", author=EVERY_CHARACTER)
    site.write_comment(post, "oui" + EVERY_CHARACTER, author="Ama" + EVERY_CHARACTER)

    assert "😀" in read(site, "/feed.atom").entries[0].title
    assert "oui" in read(site, "/comments.atom").entries[0].content[0].value


def test_an_identifier_outlives_slug_and_date(site: SiteUnderTest) -> None:
    post = site.write_post("Un")
    before = read(site, "/feed.atom").entries[0].id

    change(site, post, slug="deux", published_at=now() - timedelta(days=400))

    assert read(site, "/feed.atom").entries[0].id == before


def test_the_owner_keeps_identifiers_when_the_site_moves(site: SiteUnderTest) -> None:
    site.write_post()
    site.set("feeds", authority="old.example.org,2026")

    assert read(site, "/feed.atom").entries[0].id.startswith("tag:old.example.org,2026:post/")


def test_the_beginning_alone_where_the_owner_wants_that(site: SiteUnderTest) -> None:
    site.write_post("Un", "mot " * 500)
    site.set("feeds", whole=False)

    [entry] = read(site, "/feed.atom").entries

    assert "content" not in entry
    assert len(entry.summary) < 300


def test_older_posts_follow_by_a_link(site: SiteUnderTest) -> None:
    for number in range(5):
        site.write_post(f"Post {number}")
    site.set("feeds", entries=2)
    seen, path = [], "/feed.atom"
    while path:
        found = read(site, path)
        seen += [one.title for one in found.entries]
        path = next(
            (one.href.removeprefix(BASE) for one in found.feed.links if one.rel == "next"), ""
        )

    assert seen == [f"Post {number}" for number in (4, 3, 2, 1, 0)]


def test_a_post_in_another_language_says_so(site: SiteUnderTest) -> None:
    site.write_post(language="fr")

    root = ElementTree.fromstring(site.get("/feed.atom", base_url=BASE).data)
    lang = "{http://www.w3.org/XML/1998/namespace}lang"

    assert root.get(lang) == "en"
    assert [one.get(lang) for one in root if one.tag.endswith("entry")] == ["fr"]


# What is not for everyone


@pytest.mark.parametrize("status", ["draft", "private", "trash", "scheduled"])
def test_a_post_that_is_not_public_is_in_no_feed(site: SiteUnderTest, status: str) -> None:
    post = site.write_post("Secret")
    site.write_comment(post, "secret aussi")
    later = {"published_at": now() + timedelta(days=1)} if status == "scheduled" else {}
    change(site, post, status=PostStatus(status), **later)

    assert entries(site) == []
    assert entries(site, "/comments.atom") == []
    assert site.get(f"/comments/{post.id}.atom", base_url=BASE).status_code == 404


def test_a_guarded_post_is_in_no_feed(site: SiteUnderTest) -> None:
    site.place("guard", GUARD)
    post = site.write_post("Secret", guard="guard")

    assert entries(site) == []
    assert site.get(f"/comments/{post.id}.atom", base_url=BASE).status_code == 404


@pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.TRASH])
def test_a_comment_that_waits_is_in_no_feed(site: SiteUnderTest, status: Status) -> None:
    post = site.write_post()
    site.write_comment(post, "pas encore", status=status)

    assert entries(site, "/comments.atom") == []
    assert entries(site, f"/comments/{post.id}.atom") == []


def test_comments_on_a_private_post_leave_room_for_others(site: SiteUnderTest) -> None:
    open_post, private = site.write_post("Un"), site.write_post("Secret")
    site.write_comment(open_post, "un", author="Ama")
    site.write_comment(private, "deux")
    site.write_comment(private, "trois")
    change(site, private, status=PostStatus.PRIVATE)
    site.set("feeds", entries=1)

    assert entries(site, "/comments.atom") == ["Ama on “Un”"]


# Comments


def test_a_comment_names_post_and_author(site: SiteUnderTest) -> None:
    post = site.write_post("Un")
    said = site.write_comment(post, "Bonjour", author="Ama", url="https://ama.example/")

    [entry] = read(site, "/comments.atom").entries

    assert entry.title == "Ama on “Un”"
    assert entry.author_detail.href == "https://ama.example/"
    assert entry.link == f"{BASE}{post.path}?comment={said.number}#comment-{said.number}"


def test_a_comment_says_what_it_answers(site: SiteUnderTest) -> None:
    post = site.write_post()
    first = site.write_comment(post, "un")
    site.write_comment(post, "deux", parent=first)

    references = answered(site, f"/comments/{post.id}.atom")

    assert references == [
        f"tag:palabre.example,2026:comment/{first.id}",
        f"tag:palabre.example,2026:post/{post.id}",
    ]


def test_a_post_says_where_its_comments_are_and_how_many(site: SiteUnderTest) -> None:
    post = site.write_post()
    site.write_comment(post, "un")

    [entry] = read(site, "/feed.atom").entries
    replies = next(one for one in entry.links if one.rel == "replies")

    assert replies.href == f"{BASE}/comments/{post.id}.atom"
    assert entry.thr_total == "1"


def test_the_feed_of_a_post_holds_its_comments_alone(site: SiteUnderTest) -> None:
    one, two = site.write_post("Un"), site.write_post("Deux")
    site.write_comment(one, "ici", author="Ama")
    site.write_comment(two, "là", author="Kofi")

    assert entries(site, f"/comments/{one.id}.atom") == ["Ama on “Un”"]


def test_an_email_is_in_no_feed(site: SiteUnderTest) -> None:
    site.write_comment(site.write_post(), "un", email="ama@example.org")

    assert "ama@example.org" not in site.get("/comments.atom", base_url=BASE).text


# Asked again


def test_asked_again_with_its_tag_nothing_is_sent(site: SiteUnderTest) -> None:
    site.write_post()
    first = site.get("/feed.atom", base_url=BASE)

    again = site.get("/feed.atom", base_url=BASE, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.data == b""


def test_asked_again_with_its_date_nothing_is_sent(site: SiteUnderTest) -> None:
    site.write_post()
    first = site.get("/feed.atom", base_url=BASE)
    since = {"If-Modified-Since": first.headers["Last-Modified"]}

    assert site.get("/feed.atom", base_url=BASE, headers=since).status_code == 304


def test_a_new_comment_changes_the_feed(site: SiteUnderTest) -> None:
    post = site.write_post()
    first = site.get("/comments.atom", base_url=BASE)
    site.write_comment(post, "un")

    tag = {"If-None-Match": first.headers["ETag"]}

    assert site.get("/comments.atom", base_url=BASE, headers=tag).status_code == 200


def test_a_feed_sets_no_cookie_and_is_the_same_for_all(site: SiteUnderTest) -> None:
    response = site.get("/feed.atom", base_url=BASE)

    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "public, no-cache"


# Where feeds are found


def test_every_page_names_the_feeds(site: SiteUnderTest) -> None:
    html = site.get("/", base_url=BASE).text

    assert (
        'type="application/atom+xml" title="Sous l’arbre &amp; ailleurs" href="/feed.atom"' in html
    )
    assert 'href="/comments.atom"' in html
    assert '<a href="/feed.atom">' in html


def test_a_post_names_the_feed_of_its_comments(site: SiteUnderTest) -> None:
    post = site.write_post()

    assert f'href="/comments/{post.id}.atom"' in site.get(post.path, base_url=BASE).text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/feed/", "/feed.atom"),
        ("/feed", "/feed.atom"),
        ("/feed/rss2/", "/feed.atom"),
        ("/feed/atom/", "/feed.atom"),
        ("/?feed=rss2", "/feed.atom"),
        ("/wp-rss2.php", "/feed.atom"),
        ("/comments/feed/", "/comments.atom"),
        ("/comments/feed/atom/", "/comments.atom"),
        ("/?feed=comments-rss2", "/comments.atom"),
    ],
)
def test_addresses_of_wordpress_go_to_the_feeds(site: SiteUnderTest, old: str, new: str) -> None:
    assert where(site, old) == new


@pytest.mark.parametrize("end", ["feed/", "feed", "feed/rss2/", "feed/atom"])
def test_the_old_feed_of_a_post_goes_to_its_new_one(site: SiteUnderTest, end: str) -> None:
    post = site.write_post()

    assert where(site, post.path + end) == f"/comments/{post.id}.atom"


def test_the_old_feed_of_a_post_is_found_under_a_former_slug(site: SiteUnderTest) -> None:
    post = site.write_post("Un", slug="un")
    change(site, post, slug="deux")

    assert where(site, f"{post.path}feed/") == f"/comments/{post.id}.atom"
    assert where(site, f"/?feed=rss2&p={post.id}") == f"/comments/{post.id}.atom"


def test_a_post_may_itself_be_called_feed(site: SiteUnderTest) -> None:
    post = site.write_post("Le flux", slug="feed")

    assert site.get(post.path, base_url=BASE).status_code == 200


def test_a_feed_of_nothing_is_not_there(site: SiteUnderTest) -> None:
    assert site.get("/2020/01/rien/feed/", base_url=BASE).status_code == 404
    assert site.get("/?feed=rss2&p=999", base_url=BASE).status_code == 404
    assert site.get("/comments/999.atom", base_url=BASE).status_code == 404


def test_a_french_site_has_french_feeds(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(["feeds"], language="fr")
    post = site.write_post("Un")
    site.write_comment(post, "Bonjour")

    found = read(site, f"/comments/{post.id}.atom")

    assert found.feed.title == "Commentaires sur «\xa0Un\xa0»"
    assert found.entries[0].title == "Anonyme au sujet de «\xa0Un\xa0»"


def answered(site: SiteUnderTest, path: str) -> list[str]:
    root = ElementTree.fromstring(site.get(path, base_url=BASE).data)
    found = root.iter("{http://purl.org/syndication/thread/1.0}in-reply-to")
    return [str(one.get("ref")) for one in found]


def change(site: SiteUnderTest, post: PostRow, **values: Any) -> PostRow:
    """Save a post again with other values."""
    from blog import identity, posts
    from blog.posts import PostDraft
    from blog.testing import EVERYTHING

    draft = PostDraft(title=post.title, body="Un.", **{"status": PostStatus.PUBLISHED, **values})
    with site.context(), identity.acting_as(EVERYTHING):
        return posts.save(draft, post.id)
