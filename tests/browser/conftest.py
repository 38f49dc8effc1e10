"""A site in the language asked for, with the French article, and readers of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page

from blog import posts
from blog.cli import palabre
from blog.rows import PostRow
from blog.testing import SiteUnderTest

ARTICLE = Path(__file__).parents[1] / "material" / "article.wxr.xml"
ADDRESS = "/2026/10/une-bibliotheque-sous-le-fromager/"


@pytest.fixture
def language() -> str:
    """Name the language of the site."""
    return "en"


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest], language: str) -> SiteUnderTest:
    """Give a site with every bundled plugin on."""
    return make_site(language=language, title="L’arbre", tagline="On s’assoit et on parle.")


@pytest.fixture
def bring() -> Callable[[SiteUnderTest, Path, str], PostRow]:
    """Import a WordPress export and give the post at an address."""

    def bring(site: SiteUnderTest, export: Path, address: str) -> PostRow:
        words = ["--instance", str(site.instance), "import", "wordpress", str(export)]
        answer = CliRunner().invoke(palabre, words, env=dict(site.environ))
        assert answer.exit_code == 0, answer.output
        site.work()
        with site.context():
            return posts.at(address)

    return bring


@pytest.fixture
def article(site: SiteUnderTest, bring: Callable[..., PostRow]) -> PostRow:
    """Give our own French article with its thread three deep and its pings."""
    return bring(site, ARTICLE, ADDRESS)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in new browsers: ``visit(width=360, scheme="dark", script=False)``."""
    opened: list[BrowserContext] = []

    def visit(width: int = 1280, scheme: Any = "light", script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        opened.append(context)
        return context.new_page()

    yield visit
    for context in opened:
        context.close()
