"""Categories and tags: typed in the editor, shown on posts and lists, with archives."""

from collections.abc import Callable
from typing import Any

import pytest

from blog import PostDraft, PostKind, PostRow, PostStatus, posts
from blog.testing import SiteUnderTest

Make = Callable[..., SiteUnderTest]


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    return make_site(["tags"])


def write(site: SiteUnderTest, title: str, category: str = "", tag: str = "", **values: Any) -> PostRow:
    """Write a post as the editor stores it."""
    extra = {"tags_category": category, "tags_tag": tag}
    return site.write_post(title, extra=extra, **values)


def test_a_post_shows_its_categories_and_tags(site: SiteUnderTest) -> None:
    post = write(site, "Le marché", "Lomé, News > Markets", "fish, “lune”")

    page = site.get(post.path).text

    assert '<a href="/category/lome/" rel="category tag">Lomé</a>' in page
    assert '<a href="/category/news/markets/" rel="category tag">Markets</a>' in page
    assert '<a href="/tag/fish/" rel="tag">fish</a>' in page
    assert 'class="cat-links"' in page
    assert 'class="tags-links"' in page
