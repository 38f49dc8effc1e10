"""Terms that imports kept are taken, as many as an independent parser counts."""

import json
from collections import Counter
from collections.abc import Callable
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from blog import session
from blog.testing import SiteUnderTest
from blog_plugins.tags.models import Term, Use
from blog_plugins.tags.services import TAXONOMIES
from blog_plugins.wordpress import services as wordpress

Make = Callable[..., SiteUnderTest]
REAL = ["alienlebarge", "mythz", "wptt__themeunittestdata.wordpress", "wpimporter__small-export",
        "wporg__themeunittestdata.wordpress", "wpimporter__slashes"]  # fmt: skip
EXPORT = """<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<title>Blog</title><link>http://old.example</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>http://old.example</wp:base_site_url>{terms}<item><title>Un</title>
<wp:post_id>1</wp:post_id><wp:post_date_gmt>2020-01-01 10:00:00</wp:post_date_gmt>
<wp:post_name>un</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
{labels}</item></channel></rss>"""
CATEGORY = (
    "<wp:category><wp:category_nicename>{}</wp:category_nicename>"
    "<wp:category_parent>{}</wp:category_parent><wp:cat_name>{}</wp:cat_name></wp:category>"
)
LABEL = '<category domain="{}" nicename="{}">{}</category>'


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    return make_site(["tags", "wordpress"])


def bring(site: SiteUnderTest, export: bytes) -> None:
    with site.context():
        wordpress.run(BytesIO(export))
    site.work()


def written(terms: str = "", labels: str = "") -> bytes:
    return EXPORT.format(terms=terms, labels=labels).encode()


def posts_of(site: SiteUnderTest) -> dict[tuple[str, str], int]:
    """Give the number of posts, of any status, of each term by kind and slug."""
    query = select(Term.kind, Term.slug, func.count(Use.post_id)).outerjoin(Use)
    with site.context():
        rows = session.execute(query.group_by(Term.kind, Term.slug))
        return {(kind, slug): count for kind, slug, count in rows}


def expected(truth: dict[str, Any]) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for kind, key in (("category", "category_nicename"), ("tag", "tag_slug")):
        found.update({(kind, one[key]): 0 for one in truth[kind]})
    for item in truth["items"]:
        if item["type"] in ("post", "page") and item["status"] not in ("trash", "auto-draft"):
            kinds = ((TAXONOMIES.get(one[0]), one[1]) for one in item["terms"])
            found.update({(kind, slug) for kind, slug in kinds if kind and slug})
    return dict(found)


@pytest.mark.material
@pytest.mark.parametrize("name", REAL)
def test_terms_and_their_counts_equal_the_truth(
    site: SiteUnderTest, material: Path, name: str
) -> None:
    truth = json.loads((material / "wordpress/truth" / f"{name}.json").read_text("utf-8"))

    bring(site, (material / "wordpress" / f"{name}.xml").read_bytes())

    assert posts_of(site) == expected(truth)
    with site.context():
        names = set(session.scalars(select(Term.name).where(Term.kind == "category")))
    assert {" ".join(unescape(one["cat_name"]).split()) for one in truth["category"]} <= names
    assert site.errors() == []


@pytest.mark.material
def test_an_import_from_before_it_was_on_is_taken(site: SiteUnderTest, material: Path) -> None:
    truth = json.loads((material / "wordpress/truth/mythz.json").read_text("utf-8"))
    site.disable("tags")
    bring(site, (material / "wordpress/mythz.xml").read_bytes())
    site.enable("tags")
    site.work()

    assert posts_of(site) == expected(truth)


def test_terms_with_slashes_emoji_and_slugs_in_two_cases_are_kept_apart(
    site: SiteUnderTest,
) -> None:
    slugs = ["a/b", "a-b", "News", "news", "%f0%9f%8e%89", "🎉", "a%2Fb"]
    bring(site, written(labels="".join(LABEL.format("post_tag", one, one) for one in slugs)))

    assert posts_of(site) == {("tag", one): 1 for one in slugs}
    with site.context():
        paths = list(session.scalars(select(Term.path)))
    assert len({one for one in paths if site.get(f"/tag/{one}/").status_code == 200}) == 7


def test_the_tree_is_kept_whatever_the_order(site: SiteUnderTest) -> None:
    terms = CATEGORY.format("fish", "food", "Fish &amp; co") + CATEGORY.format("food", "", "Food")
    bring(site, written(terms, LABEL.format("category", "fish", "Fish &amp; co")))

    assert site.get("/category/food/fish/").text.count('rel="bookmark"') == 1
    with site.context():
        assert set(session.scalars(select(Term.label))) == {"Food", "Food > Fish & co"}


def test_a_tree_that_bites_its_tail_is_cut(site: SiteUnderTest) -> None:
    terms = CATEGORY.format("a", "b", "A") + CATEGORY.format("b", "a", "B")
    bring(site, written(terms, LABEL.format("category", "a", "A")))

    assert posts_of(site) == {("category", "a"): 1, ("category", "b"): 0}


def test_what_an_author_took_away_does_not_come_back(site: SiteUnderTest) -> None:
    export = written(labels=LABEL.format("post_tag", "x", "x"))
    bring(site, export)
    with site.context():
        from blog import writing

        with writing() as write:
            write.delete(write.get_one(Use, (1, 1)))
    bring(site, export)

    assert posts_of(site) == {("tag", "x"): 0}


def test_a_name_of_marks_alone_stops_no_import(site: SiteUnderTest) -> None:
    labels = LABEL.format("category", "", "a &gt; &gt; b") + LABEL.format("category", "", "&gt;")
    bring(site, written(labels=labels + LABEL.format("category", "x", "X")))

    assert ("category", "x") in posts_of(site)
    assert site.errors() == []
