"""What machines read of a page: by parsers that others wrote, whatever a text holds."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import mf2py
import pytest
from PIL import Image

from blog import PostKind, PostRow, PostStatus, now
from blog.testing import SiteUnderTest
from blog_plugins.opengraph import drawing, services

BASE = "https://palabre.example"
HOSTILE = "</script><script>alert(1)</script><!-- <script> & \u2028 ]]> \"'"
WIDE = '<p><img src="/small.png" width="90" height="60"><img src="/wide.jpg" width="900" alt="A">'


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["opengraph", "threads"], site_url=BASE, title="Sous l’arbre", language="fr")


class Page(HTMLParser):
    """Read what a page says of itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: dict[str, str] = {}
        self.links: list[tuple[str, str]] = []
        self.blocks: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta" and "content" in values:
            name = values.get("property") or values.get("name") or ""
            self.tags[name] = values["content"] or ""
        if tag == "link":
            self.links.append((values.get("rel") or "", values.get("href") or ""))
        if tag == "script":
            self.scripts.append(values)
            self._inside = values.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.blocks.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def data(self) -> dict[str, Any]:
        [block] = self.blocks
        found: dict[str, Any] = json.loads(block)
        return found


def read(site: SiteUnderTest, path: str) -> Page:
    response = site.get(path, base_url=BASE)
    assert response.status_code == 200
    return Page(response.text)


def microformats(site: SiteUnderTest, path: str) -> dict[str, Any]:
    found = mf2py.parse(doc=site.get(path, base_url=BASE).text, url=BASE + path)
    items: list[dict[str, Any]] = found["items"]
    [item] = items
    return item


def test_a_post_says_what_it_is(site: SiteUnderTest) -> None:
    post = site.write_post("L’été", "Un texte & un autre.", author="Ama")

    tags = read(site, post.path).tags

    assert tags["og:type"] == "article"
    assert tags["og:title"] == "L’été"
    assert tags["og:url"] == BASE + post.path
    assert tags["og:description"] == "Un texte & un autre."
    assert tags["og:site_name"] == "Sous l’arbre"
    assert tags["og:locale"] == "fr_FR"
    assert tags["author"] == "Ama"
    assert tags["twitter:card"] == "summary_large_image"
    assert tags["article:published_time"] == f"{post.published_at:%Y-%m-%dT%H:%M:%S}+00:00"


def test_the_home_says_what_the_blog_is(site: SiteUnderTest) -> None:
    tags = read(site, "/").tags

    assert (tags["og:type"], tags["og:title"], tags["og:url"]) == (
        "website",
        "Sous l’arbre",
        f"{BASE}/",
    )


def test_each_page_has_one_canonical_address(site: SiteUnderTest) -> None:
    post = site.write_post("Un")

    for asked, right in (("/", "/"), (f"{post.path}?comment=7", post.path), ("/?a=1", "/")):
        links = read(site, asked).links
        assert [href for rel, href in links if rel == "canonical"] == [BASE + right]


def test_json_ld_holds_the_post_and_its_comments(site: SiteUnderTest) -> None:
    post = site.write_post("Un", "Deux", author="Ama")
    first = site.write_comment(post, "Bonjour\n\nà tous", author="Kofi", url="https://kofi.example")
    site.write_comment(post, "Merci", parent=first)

    data = read(site, post.path).data()

    assert (data["@context"], data["@type"]) == ("https://schema.org", "BlogPosting")
    assert data["headline"] == "Un"
    assert data["author"] == {"@type": "Person", "name": "Ama"}
    assert data["commentCount"] == 2
    here = f"{BASE}{post.path}?comment={first.number}#comment-{first.number}"
    one, other = data["comment"]
    assert one["@id"] == here
    assert one["text"] == "Bonjour à tous"
    assert one["author"] == {"@type": "Person", "name": "Kofi", "url": "https://kofi.example"}
    assert one["dateCreated"] == f"{first.created_at:%Y-%m-%dT%H:%M:%S}+00:00"
    assert other["parentItem"] == {"@type": "Comment", "@id": here}
    assert "author" not in other


def test_a_page_is_a_web_page(site: SiteUnderTest) -> None:
    page = site.write_post("À propos", kind=PostKind.PAGE)

    assert read(site, page.path).data()["@type"] == "WebPage"


def test_no_text_ends_the_data_or_a_tag(site: SiteUnderTest) -> None:
    post = site.write_post(HOSTILE, HOSTILE, markup="plain", author=HOSTILE)
    site.write_comment(post, HOSTILE, author=HOSTILE[:200])

    page = read(site, post.path)

    assert page.data()["headline"] == post.title
    assert page.data()["comment"][0]["text"].startswith("</script><script>")
    assert page.tags["og:title"] == post.title
    assert all("src" in one or one["type"] == "application/ld+json" for one in page.scripts)


@pytest.mark.parametrize(
    "values",
    [
        {"status": PostStatus.DRAFT},
        {"status": PostStatus.PRIVATE},
        {"published_at": now() + timedelta(days=1)},
    ],
)
def test_what_not_everyone_may_read_says_nothing_and_has_no_picture(
    site: SiteUnderTest, values: dict[str, Any]
) -> None:
    post = site.write_post("Secret", **values)
    path = drawn(site, post)

    shown = site.as_person(permissions={"posts.read_private"}).get(post.path, base_url=BASE)

    assert "og:title" not in shown.text
    assert site.get(path, base_url=BASE).status_code == 404
    assert not (site.instance / "opengraph").exists()


def drawn(site: SiteUnderTest, post: PostRow) -> str:
    with site.context():
        return services.drawn_path(post)


def test_the_first_picture_that_is_wide_is_chosen(site: SiteUnderTest) -> None:
    post = site.write_post("Un", WIDE, markup="html")

    page = read(site, post.path)

    assert page.tags["og:image"] == f"{BASE}/wide.jpg"
    assert page.tags["og:image:alt"] == "A"
    assert page.data()["image"] == f"{BASE}/wide.jpg"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="a é.png">', "a%20%C3%A9.png"),
        ('<img src="/d.svg"><img src="https://x.example/b.png?a=1&amp;b=2">', "b.png?a=1&b=2"),
        ('<img src="/first.png" width="9"><img src="/second.png" width="99">', "/first.png"),
        ('<img src="https://[half">', ".png"),
        (f'<img src="/a.png" width="{"9" * 6000}">', "/a.png"),
        ("<p>rien</p>", ".png"),
    ],
)
def test_an_odd_picture_is_taken_as_far_as_it_goes(
    site: SiteUnderTest, html: str, expected: str
) -> None:
    post = site.write_post("Un", html, markup="html")

    found = read(site, post.path).tags["og:image"]

    assert found.endswith(expected)
    assert found.startswith("https://")
    assert found.isascii()


def test_a_post_without_pictures_has_one_drawn_that_is_kept_for_ever(site: SiteUnderTest) -> None:
    post = site.write_post("L’été à Lomé")
    url = read(site, post.path).tags["og:image"]

    shown = site.get(url.removeprefix(BASE), base_url=BASE)

    picture = Image.open(BytesIO(shown.data))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert "immutable" in shown.headers["Cache-Control"]
    [file] = (site.instance / "opengraph").iterdir()
    assert file.read_bytes() == shown.data
    assert len(shown.data) < 50_000


def test_a_picture_is_drawn_once(site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drawn(site, site.write_post("Un"))
    first = site.get(path, base_url=BASE).data
    monkeypatch.setattr(drawing, "draw", None)

    assert site.get(path, base_url=BASE).data == first


def test_a_new_title_has_a_new_picture_in_the_place_of_the_old(site: SiteUnderTest) -> None:
    post = site.write_post("Un")
    old = drawn(site, post)
    site.get(old, base_url=BASE)
    site.set("core", title="Ailleurs")

    answer = site.get(old, base_url=BASE)
    new = answer.headers["Location"]
    site.get(new, base_url=BASE)

    assert (answer.status_code, new) == (302, drawn(site, post))
    assert [one.name for one in (site.instance / "opengraph").iterdir()] == [new.split("/")[-1]]


def test_guessed_addresses_draw_nothing(site: SiteUnderTest) -> None:
    post = site.write_post("Un")

    for number in range(20):
        answer = site.get(f"/opengraph/{post.id}-{number:012}.png", base_url=BASE)
        assert answer.status_code == 302
    assert site.get("/opengraph/999-0.png", base_url=BASE).status_code == 404
    assert not (site.instance / "opengraph").exists()


def test_who_comes_while_others_are_drawn_is_asked_to_come_again(
    site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drawn(site, site.write_post("Un"))
    busy = threading.Lock()
    monkeypatch.setattr(services, "_drawing", busy)

    with busy:
        answer = site.get(path, base_url=BASE)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_disk_that_takes_nothing_still_shows_the_picture(site: SiteUnderTest) -> None:
    path = drawn(site, site.write_post("Un"))
    (site.instance / "opengraph").write_text("in the way")

    assert site.get(path, base_url=BASE).mimetype == "image/png"


@pytest.mark.parametrize(
    "title",
    ["العربية", "😀" * 50, "W" * 300, "mot " * 200, "", "ñ̃̃̃é\u0000\ud800", "Ɖɔ ŋu ƒe", "- – -"],
)
def test_any_title_is_drawn(title: str) -> None:
    assert Image.open(BytesIO(drawing.draw(title, title))).size == (1200, 630)


def test_french_letters_are_drawn_with_their_accents() -> None:
    font = drawing._font(drawing.SITE_SIZE)
    letters = "àâäçéèêëîïôöùûüÿÀÉÊÇ’«»…"

    assert drawing._legible(letters, font) == letters
    assert drawing.draw("é", "") != drawing.draw("è", "") != drawing.draw("e", "")


def test_a_title_in_letters_that_the_font_lacks_is_left_out() -> None:
    assert drawing.draw("العربية", "Site") == drawing.draw("", "Site")


def test_a_post_is_an_h_entry_with_its_comments(site: SiteUnderTest) -> None:
    post = site.write_post("L’été", "Un **texte**.", author="Ama")
    first = site.write_comment(post, "Bonjour", author="Kofi", url="https://kofi.example")
    site.write_comment(post, "Merci", parent=first, author="Ama")

    entry = microformats(site, post.path)

    assert entry["type"] == ["h-entry"]
    found = entry["properties"]
    assert found["name"] == ["L’été"]
    assert found["url"] == [BASE + post.path]
    assert found["published"] == [f"{post.published_at:%Y-%m-%dT%H:%M:%S}+0000"]
    assert found["author"][0]["type"] == ["h-card"]
    assert found["author"][0]["properties"]["name"] == ["Ama"]
    assert "texte" in found["content"][0]["value"]
    one, other = found["comment"]
    assert one["type"] == ["h-cite"]
    said = one["properties"]
    assert said["content"][0]["value"].strip() == "Bonjour"
    assert said["url"] == [f"{BASE}{post.path}?comment={first.number}#comment-{first.number}"]
    assert said["author"][0]["properties"]["name"] == ["Kofi"]
    assert said["author"][0]["properties"]["url"] == ["https://kofi.example"]
    assert said["published"] == [f"{first.created_at:%Y-%m-%dT%H:%M:%S}+0000"]
    assert other["properties"]["author"][0]["properties"]["name"] == ["Ama"]


def test_a_list_is_an_h_feed(site: SiteUnderTest) -> None:
    post = site.write_post("Un", "Deux", author="Ama")

    feed = microformats(site, "/")

    assert feed["type"] == ["h-feed"]
    [entry] = [one for one in feed["children"] if one["properties"]["name"] == ["Un"]]
    assert entry["type"] == ["h-entry"]
    assert entry["properties"]["url"] == [BASE + post.path]
    assert entry["properties"]["summary"] == ["Deux"]
    assert entry["properties"]["author"][0]["properties"]["name"] == ["Ama"]


def test_the_page_of_a_post_costs_no_statement_more(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site(["threads"])
    post = site.write_post("Un")
    site.write_comment(post, "Bonjour")
    before = [site.statements(one) for one in ("/", post.path)]
    site.enable("opengraph")

    assert [site.statements(one) for one in ("/", post.path)] == before
