"""Markdown: what posts and comments may say, in bounded time."""

import json
from html.parser import HTMLParser
from pathlib import Path
from time import process_time

import pytest

from blog import PostRow, markup
from blog.testing import SiteUnderTest
from blog_plugins.markdown.services import render

LENGTH = 65_525
WORDS = """
> ! [ [a]( [a](< [^ [^a] ^[ [a][b] ![a][ []( [[]] * *_ [* *[ **a__b *a_ ` `a ``a``` ~~a ~ < <a <b>
</b> <!-- <? <![CDATA[ & &amp; \\ | - 1. # https://a.b/ http:// a://b <http: é 😀
"""
LINES = ["\n", "x\n", ">\n", "- ", "    ", "|a|b|\n", "a|b\n-|-\n", "[a]: b\n", "=\n", "> - "]


class Parsed(HTMLParser):
    """Read HTML as a list of what is in it, whatever the order of attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[object, ...]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((tag,))

    def handle_data(self, data: str) -> None:
        self.found += [("text", data)] if data.strip() else []


def comment(text: str) -> str:
    html = render(text, "comment")
    assert html is not None
    return markup.sanitise_comment(html).strip()


def test_a_post_is_commonmark_with_tables_strikethrough_and_footnotes() -> None:
    html = render("# Un\n\n~~non~~[^1]\n\n|a|b|\n|-|-|\n|1|2|\n\n[^1]: Oui.", "markdown")

    assert html is not None
    for piece in ("<h1>Un</h1>", "<s>non</s>", "<td>1</td>", 'id="fn1"', 'href="#fn1"'):
        assert piece in html


def test_a_post_may_hold_safe_html(site: SiteUnderTest) -> None:
    post = site.write_post(body="Un <kbd>a</kbd> <b onclick=x>b</b><script>c</script>")

    assert "Un <kbd>a</kbd> <b>b</b>" in post.html
    assert "script" not in post.html


def test_a_comment_keeps_paragraphs_and_line_breaks() -> None:
    assert comment("un\ndeux\n\ntrois") == "<p>un<br>\ndeux</p>\n<p>trois</p>"


def test_a_comment_has_emphasis_quotes_and_code() -> None:
    assert (
        comment("*a* **b** `<c>`") == "<p><em>a</em> <strong>b</strong> <code>&lt;c&gt;</code></p>"
    )
    assert comment("> dit").startswith("<blockquote>")
    assert comment("```\nx < 1\n```") == "<pre><code>x &lt; 1\n</code></pre>"


@pytest.mark.parametrize(
    "text",
    [
        "# titre",
        "- a",
        "1986. Une année",
        "---",
        "a\n---",
        "|a|\n|-|",
        "<b>a</b>",
        "&amp;",
        "[a]: b",
    ],
)
def test_a_comment_shows_what_it_may_not_have_as_typed(text: str) -> None:
    assert markup.plain(comment(text)) == " ".join(text.split())


def test_a_comment_has_no_pictures() -> None:
    assert "<img" not in comment("![a](https://example.org/a.png)")


def test_a_bare_address_becomes_a_link() -> None:
    html = comment("Voir https://example.org/a_(b)_c, (http://example.com/).")

    assert 'href="https://example.org/a_(b)_c"' in html
    assert ">http://example.com/</a>)." in html


def test_an_address_inside_a_link_makes_no_second_link() -> None:
    assert comment("[https://a.example](https://b.example)").count("<a ") == 1


def test_a_link_that_would_run_a_script_stays_text() -> None:
    assert "<a" not in comment("[a](javascript:alert(1)) <javascript:alert(1)>")


@pytest.mark.parametrize("kind", ["markdown", "comment"])
@pytest.mark.parametrize("piece", [*WORDS.split(), *LINES])
def test_no_text_takes_longer_than_a_moment(piece: str, kind: str) -> None:
    text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
    started = process_time()

    html = render(text, kind)
    markup.sanitise_comment(markup.paragraphs(text) if html is None else html)

    assert process_time() - started < 1


def test_a_text_of_nothing_but_marks_is_shown_as_plain_paragraphs(site: SiteUnderTest) -> None:
    with site.context():
        html = markup.render_comment("[" * LENGTH)

    assert html == f"<p>{'[' * LENGTH}</p>"


def test_quotes_nested_too_deep_lose_no_text(site: SiteUnderTest) -> None:
    with site.context():
        html = markup.render_comment("> " * 500 + "fin")

    assert "fin" in html


def test_another_markup_is_left_to_others() -> None:
    assert render("a", "wordpress") is None


def test_the_form_and_a_post_use_it(site: SiteUnderTest, post: PostRow) -> None:
    site.comment(post, "*Oui*", author="Ama")

    assert "<em>Oui</em>" in site.stored(1).html


@pytest.mark.material
def test_the_examples_of_commonmark_look_as_they_should(material: Path) -> None:
    examples = json.loads((material / "security/commonmark/spec.json").read_text("utf-8"))
    rendered = [(render(one["markdown"], "markdown"), one["html"]) for one in examples]

    same = [
        made
        for made, html in rendered
        if Parsed(markup.sanitise(made or "")).found == Parsed(markup.sanitise(html)).found
    ]

    assert all(made is not None for made, _html in rendered)
    assert len(same) >= 0.99 * len(examples)


@pytest.mark.material
def test_the_examples_of_commonmark_break_no_comment(material: Path) -> None:
    examples = json.loads((material / "security/commonmark/spec.json").read_text("utf-8"))

    assert all(render(one["markdown"], "comment") is not None for one in examples)
