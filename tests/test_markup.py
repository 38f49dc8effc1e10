"""The sanitiser and the plain-text floor: what is left of any HTML."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from time import process_time
from urllib.parse import urlsplit

import pytest

from blog import markup
from blog.testing import SiteUnderTest

LENGTH = 65_525
ADDRESSES = ("href", "src", "cite", "action", "data", "formaction")


class Faults(HTMLParser):
    """Find in HTML what could run or load something, as a parser sees it."""

    def __init__(self, html: str, tags: frozenset[str]) -> None:
        super().__init__()
        self.tags, self.found = tags, list[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.tags:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            scheme = urlsplit(value or "").scheme if name in ADDRESSES else ""
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(name)
            if scheme not in ("", "http", "https", "mailto"):
                self.found.append(f"{name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")


def faults(html: str) -> list[str]:
    """List what is dangerous in what is left of a post's and of a comment's HTML."""
    return [
        *Faults(markup.sanitise(html), markup.BODY_TAGS).found,
        *Faults(markup.sanitise_comment(html), markup.COMMENT_TAGS).found,
    ]


def payloads(material: Path) -> Iterator[str]:
    """Read what others wrote to break sanitisers."""
    security = material / "security"
    for one in json.loads((security / "html5lib_sanitizer_tests1.json").read_text("utf-8")):
        yield one["input"]
    yield from (security / "payloadbox_xss/xss-payload-list.txt").read_text("utf-8").splitlines()
    yield from json.loads((security / "blns/blns.json").read_text("utf-8"))


@pytest.mark.material
def test_nothing_that_others_wrote_to_break_sanitisers_is_left(material: Path) -> None:
    assert [fault for one in payloads(material) for fault in faults(one)] == []


@pytest.mark.material
def test_nothing_of_it_gets_through_an_embed(material: Path) -> None:
    around = "<video>{}</video><object data='{}'></object><iframe src=\"{}\" title='{}'></iframe>{}"

    found = [fault for one in payloads(material) for fault in faults(around.replace("{}", one))]

    assert found == []


@pytest.mark.material
def test_nothing_of_it_gets_through_markdown_or_a_comment(
    site: SiteUnderTest, material: Path
) -> None:
    with site.context():
        bodies = [markup.render(one, "markdown") for one in payloads(material)]
        said = [markup.render_comment(one) for one in payloads(material)]

    assert [one for body in bodies for one in Faults(body, markup.BODY_TAGS).found] == []
    assert [one for html in said for one in Faults(html, markup.COMMENT_TAGS).found] == []


@pytest.mark.parametrize(
    "embed",
    [
        '<iframe src="https://video.example/1" allow="autoplay"></iframe>',
        '<iframe src="//video.example/1"><p>no frames</p></iframe>',
        '<video autoplay poster="a.png"><source src="https://video.example/1">no video</video>',
        '<audio src="https://video.example/1" controls></audio>',
        '<embed src="https://video.example/1">',
        '<object data="https://video.example/1"><embed src="https://video.example/2"></object>',
        '<object><param name="movie" value="https://video.example/1"><b>no</b></object>',
    ],
)
def test_an_embed_becomes_a_link(embed: str) -> None:
    html = markup.sanitise(f"<p>a {embed} <b>z</b></p>")

    assert markup.plain(html) == "a https://video.example/1 z"
    assert html.count('<a href="https://video.example/1"') == 1


def test_an_embed_is_named_by_its_title() -> None:
    html = markup.sanitise('<iframe title="Un &amp; deux" src="https://video.example/"></iframe>')

    assert ">Un &amp; deux</a>" in html


def test_an_embed_of_a_script_leaves_nothing() -> None:
    assert markup.sanitise('<iframe src="javascript:alert(1)"></iframe>') == ""


def test_text_about_embeds_stays_as_it_is() -> None:
    text = '<p title="&lt;iframe&gt;">&lt;video&gt; &amp;amp; <code>&lt;iframe src=x&gt;</code></p>'

    assert markup.plain(markup.sanitise(text)) == "<video> &amp; <iframe src=x>"


def test_an_embed_changes_nothing_around_it() -> None:
    around = "<p>1 &lt; 2 &amp; 3<br>é&nbsp;!</p><pre>a\n b</pre>"

    html = markup.sanitise(around + "<audio></audio>")

    assert html == markup.sanitise(around)


def test_ids_of_a_body_stand_apart_from_those_of_the_page() -> None:
    html = markup.sanitise('<h2 id="comments">a</h2><a href="#comments">b</a>')

    assert 'id="body-comments"' in html
    assert 'href="#comments"' in html


def test_a_link_inside_a_body_finds_its_place() -> None:
    html = markup.sanitise('<h2 id="one">a</h2><a href="#one">b</a>')

    assert 'id="body-one"' in html
    assert 'href="#body-one"' in html


def test_what_is_clean_stays_the_same() -> None:
    once = markup.sanitise('<h2 id="one">a</h2><a href="#one">b</a><sup id="fnref1">1</sup>')

    assert markup.sanitise(once) == once


def test_only_classes_that_bodies_use_are_left() -> None:
    html = markup.sanitise('<code class="language-py screen-reader-text">a</code>')

    assert html == '<code class="language-py">a</code>'


def test_pictures_load_late_and_tell_nobody_where_they_are_shown() -> None:
    html = markup.sanitise('<img src="https://example.org/a.png" alt="a" onerror="b">')

    assert 'loading="lazy"' in html
    assert 'referrerpolicy="no-referrer"' in html


def test_links_of_comments_are_marked_as_those_of_readers() -> None:
    html = markup.sanitise_comment('<a href="https://example.org" rel="me" target="_top">a</a>')

    assert html == '<a href="https://example.org" rel="ugc nofollow noopener">a</a>'


def test_comments_have_no_ids_and_no_classes_of_the_page() -> None:
    html = markup.sanitise_comment('<p id="respond" class="a"><code class="b">c</code></p>')

    assert html == "<p><code>c</code></p>"


def test_plain_text_keeps_paragraphs_lines_and_links() -> None:
    html = markup.paragraphs("un <b>\ndeux\n\nhttps://example.org/a?b&c.")

    assert html == (
        "<p>un &lt;b&gt;<br>deux</p>"
        '<p><a href="https://example.org/a?b&amp;c">https://example.org/a?b&amp;c</a>.</p>'
    )


@pytest.mark.parametrize("text", ["https://example.org", "example.org/a", " http://example.org "])
def test_web_addresses_may_be_linked(text: str) -> None:
    assert markup.web_address(text).endswith(text.strip())


@pytest.mark.parametrize("text", ["javascript:alert(1)", "ftp://a.example", "https://", "a b", "<"])
def test_what_is_no_web_address_is_not_linked(text: str) -> None:
    assert markup.web_address(text) == ""


def test_names_cannot_turn_the_direction_of_the_page() -> None:
    assert markup.clean_line("\u202eA\x00m\ud800a\u2066 ") == "Ama"


@pytest.mark.parametrize(
    "piece",
    ["<", "<b>", "<video>", "<iframe>", "<object data=a>", "<a href='", "&", "</p>", "<!--"],
)
def test_no_html_takes_longer_than_a_moment(piece: str) -> None:
    text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
    started = process_time()

    markup.plain(markup.sanitise(text) + markup.paragraphs(text))

    assert process_time() - started < 1
