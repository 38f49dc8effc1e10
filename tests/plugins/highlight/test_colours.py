"""Code in posts is coloured when it is saved, and nothing of it is lost."""

import re
from collections.abc import Callable
from html import unescape
from time import process_time

import pytest
from playwright.sync_api import Browser, Page

from blog import markup, posts
from blog.testing import SiteUnderTest
from blog_plugins.highlight.services import coloured

PYTHON = 'def greet(name):\n    return f"Bonjour <{name}> & co"  # à tous\n'
FENCED = f"Voici :\n\n```python\n{PYTHON}```\n"


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["highlight", "markdown"])


def words(html: str) -> str:
    """Give the text of HTML, with its spaces."""
    return unescape(re.sub("<[^>]*>", "", html))


def test_fenced_code_is_coloured_and_reads_the_same(site: SiteUnderTest) -> None:
    post = site.write_post(body=FENCED)

    assert '<span class="hl-k">def</span>' in post.html
    assert '<pre class="highlight"><code class="language-python">' in post.html
    assert PYTHON in words(post.html)


def test_only_pages_with_coloured_code_ask_for_the_colours(site: SiteUnderTest) -> None:
    coloured_post = site.write_post("With", body=FENCED)
    other = site.write_post("Without", body="```\ncode\n```")

    assert "highlight/colours" in site.get(coloured_post.path).text
    assert "highlight/colours" not in site.get(other.path).text
    assert "highlight/colours" not in site.get("/").text


def test_turning_it_off_takes_the_colours_away(site: SiteUnderTest) -> None:
    post = site.write_post(body=FENCED)
    site.disable("highlight")
    site.wsgi.housekeep()

    with site.context():
        assert "hl-" not in posts.get(post.id).html


@pytest.mark.parametrize(
    "block",
    [
        "<pre><code>x = 1</code></pre>",
        '<pre><code class="language-nobody-knows">x = 1</code></pre>',
        '<pre><code class="language-python">x <b>=</b> 1</code></pre>',
        "<p><code>x = 1</code></p>",
        '<pre class="language-python">x = 1</pre>',
    ],
)
def test_other_blocks_stay_as_they_are(block: str) -> None:
    assert coloured(block) == block


@pytest.mark.parametrize(
    "attributes",
    ['class="language-js"', "class='line-numbers lang-js'", 'id="a" class="x language-JS y"'],
)
def test_the_language_is_found_as_writers_and_other_blogs_name_it(attributes: str) -> None:
    assert "hl-kd" in coloured(f"<pre><code {attributes}>let a = 1;</code></pre>")
    assert "hl-kd" in coloured(f"<pre {attributes}><code>let a = 1;</code></pre>")


def test_lines_at_both_ends_are_kept() -> None:
    text = "\n\n  x = 1\n\n"

    assert words(coloured(f'<pre><code class="language-python">{text}</code></pre>')) == text


def test_code_cannot_become_elements(site: SiteUnderTest) -> None:
    with site.context():
        html = markup.render("```html\n<script>alert(1)</script><img onerror=x>\n```", "markdown")

    assert "<script" not in html
    assert "<img" not in html
    assert "<script>alert(1)</script>" in words(html)


@pytest.mark.parametrize(
    "html",
    [
        "<pre><code>" * 20_000,
        '<pre><code class="language-python">' + "(" * 200_000 + "</code></pre>",
        '<pre><code class="language-' + "a" * 200_000,
        '<pre class="lang-' * 20_000,
        ('<pre><code class="language-js">' + "/*" * 20_000 + "</code></pre>") * 3,
    ],
)
def test_hostile_text_takes_no_longer_than_its_length(html: str) -> None:
    started = process_time()
    coloured(html)

    assert process_time() - started < 5


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read(
    browser: Browser,
    site: SiteUnderTest,
    site_address: str,
    axe: Callable[[Page], list[str]],
    scheme: str,
) -> None:
    code = "@wraps\nclass Arbre(Base):\n    '''Un arbre.'''\n    ans: int = 3_000  # vieux\n"
    post = site.write_post(body=f"```python\n{code}```\n\n```diff\n-avant\n+après\n```\n")
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site_address}{post.path}")

    assert axe(page) == []
    context.close()
