"""Render bodies as WordPress shows them: paragraphs, captions, code, links for embeds."""

import html
import re
import time
from collections import Counter
from pathlib import Path

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog_plugins.wordpress import wxr
from blog_plugins.wordpress.broken import BrokenExport
from blog_plugins.wordpress.text import render, render_comment

BEGINNINGS = (
    '< <a <a" <a\' <!-- <p> <div> <li> <b> <pre> <script> <td>a </p> </div> <code> <x:y z="[">'
    ' [ [gallery [[gallery] [caption] [code] [code lang=" [a-b [a/] [/a ] --> <iframe src= src'
    " <object> &nbsp; https://a \\ <!--wp:x-->"
).split(" ")


def words(text: str) -> Counter[str]:
    """Count the words that a page shows."""
    return Counter(re.findall(r"\w+", html.unescape(re.sub("<[^>]*>", " ", text))))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("Un.\n\n\n\nDeux.", "<p>Un.</p>\n<p>Deux.</p>"),
        ("Un.\r\n\r\nDeux.", "<p>Un.</p>\n<p>Deux.</p>"),
        ("Un.\n \t\nDeux.", "<p>Un.</p>\n<p>Deux.</p>"),
        ("un\ndeux", "<p>un<br />\ndeux</p>"),
        ("un<br>\ndeux", "<p>un<br>\ndeux</p>"),
        ("a <b>gras</b> et\n<em>it</em>", "<p>a <b>gras</b> et<br />\n<em>it</em></p>"),
        ("a\n<!-- vu -->", "<p>a</p>"),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_blank_lines_make_paragraphs_and_single_ones_breaks(source: str, shown: str) -> None:
    assert render(source).html == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<h2>T</h2>\nsuite", "<h2>T</h2>\n<p>suite</p>"),
        ("avant\n<ul>\n<li>a</li>\n</ul>", "<p>avant</p>\n<ul><li>a</li>\n</ul>"),
        ("<div>seul</div>", "<div>seul</div>"),
        ("<div>a\n\nb</div>", "<div><p>a</p>\n<p>b</p>\n</div>"),
        ("<li>a\n\nb</li>", "<li><p>a</p>\n<p>b</p>\n</li>"),
        ("<blockquote>dit</blockquote>", "<blockquote><p>dit</p>\n</blockquote>"),
        ("<td>a\nb</td>", "<td>a<br />\nb</td>"),
        ("un\n\n<hr />\n\ndeux", "<p>un</p>\n<hr />\n<p>deux</p>"),
        ("<div>un</section></div>", "<div>un</div>"),
        ("<p>un<div>deux</div>", "<p>un</p>\n<div>deux</div>"),
    ],
)
def test_blocks_stand_for_themselves(source: str, shown: str) -> None:
    assert render(source).html == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<p>Un.</p>\n\n<p>Deux.</p>", "<p>Un.</p>\n<p>Deux.</p>"),
        ('<p class="x">Un.</p>', '<p class="x">Un.</p>'),
        ("<p>a\n\nb</p>", "<p>a</p>\n<p>b</p>"),
        ("<p>a", "<p>a</p>"),
    ],
)
def test_paragraphs_of_the_source_stay_single(source: str, shown: str) -> None:
    assert render(source).html == shown


@pytest.mark.parametrize(
    "source", ["<p></p>", "<p> \n </p>", "<p>&nbsp;</p>", "&nbsp;\n\n", "\xa0", "<p>[gallery]</p>"]
)
def test_no_paragraph_is_empty(source: str) -> None:
    assert render(source).html == ""


def test_preformatted_text_keeps_every_blank() -> None:
    source = "<pre>\n  a\n\n  b <b>c</b>\n</pre>"

    assert render(source).html == source


def test_what_is_never_shown_is_left_out() -> None:
    assert render("a<script>\n\nx()\n</script><style>p{}</style>b").html == "<p>ab</p>"


def test_a_tag_that_never_ends_is_shown_as_text() -> None:
    assert render('1 < 2 <a href="').html == '<p>1 &lt; 2 &lt;a href="</p>'


def test_an_element_that_never_ends_swallows_nothing() -> None:
    assert render("<script>un\n\n<pre>deux").html == "<p>un</p>\n<p>deux</p>"


@pytest.mark.parametrize("tag", ["div", "span", "table"])
def test_tags_that_nest_without_end_are_left_out(tag: str) -> None:
    shown = render(f"<{tag}>" * 10_000 + "fond" + f"</{tag}>" * 10_000 + "<b>fin</b>").html

    assert shown.count(f"<{tag}>") == shown.count(f"</{tag}>") == 200
    assert "fond" in shown
    assert shown.endswith("<b>fin</b></p>")


def test_paragraphs_and_cells_without_an_end_are_not_counted_as_nested() -> None:
    assert render("<p>un" * 1000).html.count("<p>") == 1000


def test_blocks_of_the_block_editor_stand_as_they_are() -> None:
    source = (
        '<!-- wp:paragraph {"a":1} -->\n<p>un\ndeux</p>\n<!-- /wp:paragraph -->\n\nlibre\n\nfin'
    )

    assert render(source).html == "<p>un\ndeux</p>\n<p>libre</p>\n<p>fin</p>"


def test_blocks_that_wordpress_fills_in_are_counted() -> None:
    rendered = render('<!-- wp:latest-posts {"n":5} /-->\n\n<!-- wp:calendar /-->')

    assert (rendered.html, rendered.blocks) == (
        "",
        Counter({"wp:latest-posts": 1, "wp:calendar": 1}),
    )


def test_shortcodes_are_counted_and_not_shown() -> None:
    rendered = render('un [gallery ids="1,2"] deux\n\n[gallery]\n\n[col grid="2"]trois[/col]')

    assert rendered.html == "<p>un  deux</p>\n<p>trois</p>"
    assert rendered.shortcodes == Counter({"gallery": 2, "col": 1})


@pytest.mark.parametrize("text", ["[sic]", "[1]", "[…]", "t[i]", "[rire diabolique]", "$a[my_key]"])
def test_other_brackets_are_text(text: str) -> None:
    rendered = render(f"Voir {text} ici")

    assert (rendered.html, rendered.shortcodes) == (f"<p>Voir {text} ici</p>", Counter())


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[[escaped]]", "[escaped]"),
        ('[[gallery ids="1"]]', '[gallery ids="1"]'),
        ("[[code]x[/code]]", "[code]x[/code]"),
    ],
)
def test_double_brackets_show_a_shortcode(source: str, shown: str) -> None:
    rendered = render(source)

    assert (rendered.html, rendered.shortcodes) == (f"<p>{shown}</p>", Counter())


def test_a_shortcode_in_code_is_text() -> None:
    assert render("<code>[gallery]</code>").html == "<p><code>[gallery]</code></p>"


@pytest.mark.parametrize(
    "source",
    [
        '[caption align="alignright" width="9" caption="L&#39;arbre"]'
        '<a href="x"><img src="y" /></a>[/caption]',
        '[caption align="alignright"]<a href="x"><img src="y" /></a> L&#39;arbre[/caption]',
    ],
)
def test_a_caption_becomes_a_figure(source: str) -> None:
    assert render(source).html == (
        '<figure class="wp-caption alignright"><a href="x"><img src="y" /></a>'
        "<figcaption>L&#39;arbre</figcaption>\n</figure>"
    )


def test_a_code_shortcode_becomes_code() -> None:
    rendered = render("[csharp]\nif (a < t[i])\n\n  [Data]\n[/csharp]\n\nun [code]x[/code] là")

    assert rendered.html == (
        '<pre><code class="language-csharp">if (a &lt; t[i])\n\n  [Data]</code></pre>\n'
        "<p>un <code>x</code> là</p>"
    )


@pytest.mark.parametrize(
    "source",
    [
        "https://film.example/1",
        "[embed]https://film.example/1[/embed]",
        '[video src="https://film.example/1"]',
        '<iframe src="https://film.example/1" width="9"></iframe>',
        '<iframe src="//film.example/1"></iframe>',
        '<object><param name="movie" value="https://film.example/1"></object>',
        '<embed src="https://film.example/1">',
    ],
)
def test_an_embed_becomes_a_link(source: str) -> None:
    assert render(source).html == (
        '<p><a href="https://film.example/1">https://film.example/1</a></p>'
    )


def test_an_embed_of_the_block_editor_becomes_a_link() -> None:
    source = "<!-- wp:embed --><div>\nhttps://film.example/1\n</div><!-- /wp:embed -->"

    assert render(source).html == (
        '<div><a href="https://film.example/1">https://film.example/1</a></div>'
    )


def test_a_film_named_by_its_id_becomes_a_link() -> None:
    assert (
        'href="https://www.youtube.com/watch?v=MENdMl-UAn8"' in render("[youtube MENdMl-UAn8]").html
    )


def test_an_address_among_words_stays_as_it_is() -> None:
    assert render("voir https://a.example ici").html == "<p>voir https://a.example ici</p>"


@pytest.mark.parametrize("source", ['<iframe src="javascript:x()"></iframe>', "<iframe></iframe>"])
def test_a_frame_that_shows_no_address_is_left_out(source: str) -> None:
    assert render(f"a {source}b").html == "<p>a b</p>"


@pytest.mark.parametrize("more", ["<!--more-->", "<!-- more -->", "<!--more Lire la suite-->"])
def test_the_excerpt_is_what_comes_before_more(more: str) -> None:
    rendered = render(f"<b>Un.</b>\n\n{more}\n\nDeux.")

    assert rendered.excerpt == "<p><b>Un.</b></p>"
    assert rendered.html == "<p><b>Un.</b></p>\n<p>Deux.</p>"


def test_a_body_without_more_has_no_excerpt() -> None:
    assert render("Un.\n\n<!--moreover-->Deux.").excerpt == ""


def test_page_breaks_are_left_out() -> None:
    assert render("Un.\n\n<!--nextpage-->\n\nDeux.").html == "<p>Un.</p>\n<p>Deux.</p>"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("Bien.\n\nMerci\nbeaucoup", "<p>Bien.</p>\n<p>Merci<br />\nbeaucoup</p>"),
        (
            "Voir https://a.example/?x=1.",
            '<p>Voir <a href="https://a.example/?x=1">https://a.example/?x=1</a>.</p>',
        ),
        ("<a href='/x'>https://a.example</a>", "<p><a href='/x'>https://a.example</a></p>"),
        ("[gallery] et [[x]]", "<p>[gallery] et [[x]]</p>"),
    ],
)
def test_a_comment_has_paragraphs_and_links_but_no_shortcodes(source: str, shown: str) -> None:
    assert render_comment(source) == shown


@given(st.lists(st.sampled_from([*BEGINNINGS, "mot", "\n", "\n\n", " ", ">", "</pre>", "[/code]"])))
def test_no_source_breaks_the_renderer_or_makes_an_empty_paragraph(pieces: list[str]) -> None:
    source = "".join(pieces)

    assert "<p></p>" not in render(source).html + render_comment(source)


@pytest.mark.slow
@pytest.mark.parametrize("piece", [*BEGINNINGS, "a\n", "https://a\n\n", "[a_b] ", "<dt>a<dd>b"])
def test_time_is_linear_whatever_is_repeated(piece: str) -> None:
    short, long = (seconds(piece * (size // len(piece))) for size in (20_000, 200_000))

    assert long < max(30 * short, 2)


def seconds(source: str) -> float:
    """Measure how long a source takes to be rendered, as a post and as a comment."""
    started = time.process_time()
    render(source)
    render_comment(source)
    return time.process_time() - started


@pytest.mark.material
def test_no_word_of_a_real_post_is_lost(material: Path) -> None:
    bodies = [body for path in material.glob("wordpress/*.xml") for body in bodies_of(path)]
    rendered = [(body, render(body)) for body in bodies]

    # Shortcodes, and embedded elements whose inner text only old browsers show, are not shown.
    plain = [(body, shown.html) for body, shown in rendered if not shown.shortcodes]
    lost = [words(nh3.clean(body)) - words(nh3.clean(shown)) for body, shown in plain]
    assert len(plain) > 700
    assert [words for words in lost if words] == []


@pytest.mark.material
def test_no_real_post_gets_an_empty_paragraph(material: Path) -> None:
    pages = [
        render(body).html for path in material.glob("wordpress/*.xml") for body in bodies_of(path)
    ]

    assert [page for page in pages if re.search(r"<p>(\s|&nbsp;)*</p>", page)] == []


@pytest.mark.material
def test_only_real_shortcodes_of_real_posts_are_counted(material: Path) -> None:
    counted: Counter[str] = Counter()
    for body in bodies_of(material / "wordpress" / "alienlebarge.xml"):
        counted += render(body).shortcodes

    assert set(counted) == set(
        "caption code col dailymotion dewplayer gallery html java php youtube".split()
    )


def bodies_of(path: Path) -> list[str]:
    """Give the bodies of the posts and pages of an export, none of a broken one."""
    try:
        with path.open("rb") as file:
            return [item.body for item in wxr.items(file) if item.type in ("post", "page")]
    except BrokenExport:
        return []
