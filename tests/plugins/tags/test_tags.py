"""Categories and tags: typed in the editor, shown on posts and lists, with archives."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import feedparser
import pytest
from sqlalchemy import select

from blog import PostKind, PostRow, PostStatus, now, posts, session, writing
from blog.commands import setting
from blog.console import Refused
from blog.testing import SiteUnderTest
from blog_plugins.tags import services
from blog_plugins.tags.models import Term, Use

Make = Callable[..., SiteUnderTest]
HERE = "https://palabre.example"


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    return make_site(["tags", "feeds", "threads"], site_url=HERE)


def write(
    site: SiteUnderTest, title: str, category: str = "", tag: str = "", **values: Any
) -> PostRow:
    """Write a post as the editor stores it."""
    extra = {"tags_category": category, "tags_tag": tag}
    return site.write_post(title, extra=extra, **values)


def titles(site: SiteUnderTest, path: str) -> list[str]:
    """List the posts of an archive, over all of its pages."""
    found: list[str] = []
    query = ""
    while query is not None:
        page = site.get(path + query, base_url=HERE)
        assert page.status_code == 200, path
        found += map(unescape, re.findall(r'rel="bookmark"[^>]*>([^<]*)</a>', page.text))
        following = re.search(r'rel="next" href="(\?[^"]*)"', page.text)
        query = following[1] if following else None  # type: ignore[assignment]
    return found


def counts(site: SiteUnderTest) -> dict[str, int]:
    """Give each term with the number of posts that it is said to have."""
    with site.context():
        return {one.label: one.uses for kind in services.KINDS for one in services.listed(kind)}


def change(site: SiteUnderTest, label: str, act: Callable[[Term], object]) -> None:
    """Do something to a term."""
    with site.context(), writing() as write:
        term = write.scalar(select(Term).where(Term.label == label))
        assert term is not None
        act(term)


def named(label: str) -> Term:
    found: Term | None = session.scalar(select(Term).where(Term.label == label))
    assert found is not None
    return found


def where(site: SiteUnderTest, path: str) -> str | None:
    """Say where an address sends for ever."""
    answer = site.get(path, base_url=HERE)
    return answer.headers["Location"] if answer.status_code == 301 else None


def test_a_post_shows_its_categories_and_tags(site: SiteUnderTest) -> None:
    post = write(site, "Le marché", "Lomé, News > Markets", "fish, “lune”")

    page = site.get(post.path, base_url=HERE).text

    assert '<a href="/category/lome/" rel="category tag">Lomé</a>' in page
    assert '<a href="/category/news/markets/" rel="category tag">Markets</a>' in page
    assert '<a href="/tag/fish/" rel="tag">fish</a>' in page
    assert 'class="cat-links"' in page
    assert 'class="tags-links"' in page


def test_a_list_shows_the_terms_of_all_posts_with_one_statement(site: SiteUnderTest) -> None:
    for number in range(3):
        write(site, f"Un {number}", f"Un {number}")
    few = site.statements("/")
    for number in range(7):
        write(site, f"Deux {number}", f"Deux {number}", f"a{number}, b{number}")

    assert site.statements("/") == few
    assert site.get("/", base_url=HERE).text.count('class="tags-links"') == 7


def test_an_archive_has_every_post_once_newest_first(site: SiteUnderTest) -> None:
    site.set("core", posts_per_page=3)
    moment = now() - timedelta(days=1)
    for number in range(8):  # some of one moment
        moment += timedelta(minutes=number % 2)
        write(site, f"Post {number}", "News", published_at=moment)
    write(site, "Elsewhere", "Other")

    assert titles(site, "/category/news/") == [f"Post {one}" for one in range(7, -1, -1)]


def test_an_archive_says_what_it_is(site: SiteUnderTest) -> None:
    write(site, "Un", "Lomé & <ici>")

    page = site.get("/category/lome-ici/", base_url=HERE).text

    assert '<h1 class="page-title">Category: Lomé &amp; &lt;ici&gt;</h1>' in page
    assert "<title>Category: Lomé &amp; &lt;ici&gt; –" in page


def test_drafts_private_posts_pages_and_what_is_to_come_are_in_no_archive(
    site: SiteUnderTest, clock: Any
) -> None:
    write(site, "Seen", "News")
    for status in (PostStatus.DRAFT, PostStatus.PRIVATE):
        write(site, str(status), "News", status=status)
    write(site, "A page", "News", kind=PostKind.PAGE)
    write(site, "To come", "News", published_at=now() + timedelta(hours=1))

    assert (titles(site, "/category/news/"), counts(site)) == (["Seen"], {"News": 1})
    clock.move(hours=2)
    assert titles(site, "/category/news/") == ["To come", "Seen"]
    assert counts(site) == {"News": 2}


def test_a_term_that_only_drafts_have_is_nowhere_for_readers(site: SiteUnderTest) -> None:
    write(site, "Plan", "Secret", status=PostStatus.DRAFT)
    write(site, "To come", "Secret", published_at=now() + timedelta(hours=1))

    for path in ("/category/secret/", "/category/secret", "/category/secret/feed/"):
        assert site.get(path, base_url=HERE).status_code == 404, path


def test_a_term_that_only_guarded_posts_have_is_nowhere_for_strangers(make_site: Make) -> None:
    site = make_site(["tags", "sitemap", "members"], site_url=HERE)
    write(site, "Plan", "Secret", guard="members")
    write(site, "Open", "News")

    assert site.get("/category/secret/", base_url=HERE).status_code == 404
    assert "secret" not in site.get("/sitemap-tags-0.xml", base_url=HERE).text
    member = site.as_person(permissions={"members.read"})
    assert titles(member, "/category/secret/") == ["Plan"]


def test_counts_stay_right_whatever_happens_to_posts(site: SiteUnderTest) -> None:
    one, two = write(site, "One", "News"), write(site, "Two", "News", status=PostStatus.DRAFT)
    seen = [counts(site)["News"]]
    with site.context():
        for status, post in (
            (PostStatus.PUBLISHED, two), (PostStatus.TRASH, one), (PostStatus.PUBLISHED, one),
            (PostStatus.PRIVATE, two), (PostStatus.TRASH, one),
        ):  # fmt: skip
            posts.set_status([post.id], status)
            seen.append(services.listed("category")[0].uses)
        posts.delete([one.id])
        seen.append(services.listed("category")[0].uses)

    assert seen == [1, 2, 1, 2, 1, 0, 0]
    assert site.get("/category/news/", base_url=HERE).status_code == 404


def test_an_editor_without_the_fields_leaves_terms_as_they_are(site: SiteUnderTest) -> None:
    post = write(site, "Un", "News", "a, b")
    with site.context():
        posts.save(post_draft("Deux"), post.id)

    assert counts(site) == {"News": 1, "a": 1, "b": 1}


def post_draft(title: str, **extra: str) -> Any:
    from blog import PostDraft

    return PostDraft(title=title, body="", status=PostStatus.PUBLISHED, extra=extra)


def test_a_name_with_a_comma_is_typed_in_quotes(site: SiteUnderTest) -> None:
    write(site, "Un", tag='"Doe, ""J"" John", b')
    with site.context():
        labels = [one.label for one in services.listed("tag")]

    assert labels == ["b", 'Doe, "J" John']
    assert services.typed(labels) == 'b, "Doe, ""J"" John"'


def test_a_typed_name_finds_the_one_that_is_there_in_any_case(site: SiteUnderTest) -> None:
    write(site, "Un", tag="Économie")
    write(site, "Deux", tag="ÉCONOMIE, économie")

    assert counts(site) == {"Économie": 2}


@pytest.mark.parametrize(
    "names",
    [
        ["a/b", "a b", "a-b"],
        ["🎉", "🎈", "🎉🎈"],
        ["C", "C++", "C#", ".NET"],
        ["..", ".", "%2e%2e", "?", "#"],
        ["日本", "日本語", "мир", "a%2Fb"],
        ["feed", "page", "News > feed", "News > page"],
    ],
)
def test_odd_names_are_kept_apart_and_each_has_an_archive(
    site: SiteUnderTest, names: list[str]
) -> None:
    for name in names:
        write(site, f"In {name}", f'"{name}"')
    with site.context():
        paths = {one.label: f"/category/{one.path}/" for one in services.listed("category")}

    assert {name: titles(site, paths[name]) for name in names} == {
        name: [f"In {name}"] for name in names
    }


def test_a_renamed_term_leaves_a_redirect_also_what_is_below_it(site: SiteUnderTest) -> None:
    write(site, "Un", "News > Markets > Fish, News")
    change(site, "News", lambda term: services.place(term, None, "Nouvelles"))
    change(site, "Nouvelles", lambda term: services.place(term, None, "Infos"))

    assert where(site, "/category/news/markets/fish/") == "/category/infos/markets/fish/"
    assert where(site, "/category/nouvelles/") == "/category/infos/"
    assert titles(site, "/category/infos/markets/fish/") == ["Un"]


def test_a_new_term_takes_the_address_that_another_had(site: SiteUnderTest) -> None:
    write(site, "Un", "News")
    change(site, "News", lambda term: services.place(term, None, "Infos"))
    write(site, "Deux", "News")

    assert titles(site, "/category/news/") == ["Deux"]


def test_a_merged_term_gives_posts_children_and_addresses(site: SiteUnderTest) -> None:
    write(site, "Un", "Old > Child")
    write(site, "Deux", "Old, New")
    write(site, "Trois", "Old")
    change(site, "Old", lambda term: services.remove(term, named("New")))

    assert counts(site) == {"New": 2, "New > Child": 1}
    assert where(site, "/category/old/") == "/category/new/"
    assert where(site, "/category/old/child/") == "/category/new/child/"
    assert titles(site, "/category/new/") == ["Trois", "Deux"]


def test_a_term_is_merged_into_one_below_it(site: SiteUnderTest) -> None:
    write(site, "Un", "A > B > C")
    write(site, "Deux", "A")
    change(site, "A", lambda term: services.remove(term, named("A > B > C")))

    assert counts(site) == {"C": 2, "C > B": 0}


def test_a_deleted_term_leaves_the_posts_and_lifts_its_children(site: SiteUnderTest) -> None:
    post = write(site, "Un", "A > B > C, A > B")
    change(site, "A > B", services.remove)

    assert counts(site) == {"A": 0, "A > C": 1}
    assert site.get(post.path, base_url=HERE).status_code == 200
    assert where(site, "/category/a/b/c/") == "/category/a/c/"


def test_no_term_stands_below_itself(site: SiteUnderTest) -> None:
    write(site, "Un", "A > B > C")

    with pytest.raises(services.Misplaced):
        change(site, "A", lambda term: services.place(term, named("A > B > C"), "A"))

    assert set(counts(site)) == {"A", "A > B", "A > B > C"}


def test_careless_addresses_lead_to_the_archive(site: SiteUnderTest) -> None:
    write(site, "Un", "A > B", "c")
    careless = ["/category/a/b", "/category/b/", "/category/a/b/page/2/", "/tag/c", "/tag/c/page/3"]

    found = [where(site, one) for one in careless]

    assert found == ["/category/a/b/"] * 3 + ["/tag/c/"] * 2
    assert site.get("/category/nothing/", base_url=HERE).status_code == 404
    assert site.get("/category/", base_url=HERE).status_code == 404
    assert site.get("/tag/%00/", base_url=HERE).status_code == 404


@pytest.mark.parametrize("before", ["x", "1-2", "-1-0", "9" * 16 + "-1", "1-" + "9" * 10])
def test_any_cursor_is_answered(site: SiteUnderTest, before: str) -> None:
    write(site, "Un", tag="c")

    assert site.get(f"/tag/c/?before={before}", base_url=HERE).status_code == 200
    assert site.get(f"/tag/c/feed/?before={before}", base_url=HERE).status_code == 200


def test_the_bases_are_settings(site: SiteUnderTest) -> None:
    post = write(site, "Un", "News", "c")
    site.set("tags", category_base="rubriques", tag_base="mots/cles")

    page = site.get(post.path, base_url=HERE).text

    assert 'href="/rubriques/news/"' in page
    assert titles(site, "/mots/cles/c/") == ["Un"]


def test_addresses_of_a_wordpress_lead_to_those_of_now(site: SiteUnderTest) -> None:
    write(site, "Un", "A > B", "c")
    site.set("tags", category_base="rubriques", tag_base="category/tags")

    assert where(site, "/category/a/b/") == "/rubriques/a/b/"
    assert where(site, "/tag/c/feed/") == "/category/tags/c/feed/"
    assert titles(site, "/category/tags/c/") == ["Un"]


def test_a_shell_refuses_one_beginning_for_both_kinds(site: SiteUnderTest) -> None:
    with site.context():
        tags = setting.plugin_of("tags")
        for same in (["tag_base=category"], ["category_base=mots", "tag_base=mots"]):
            with pytest.raises(Refused, match="Categories and tags need two beginnings"):
                setting.typed(tags, same)
        swapped = setting.typed(tags, ["category_base=tag", "tag_base=category"])
    assert swapped == {"category_base": "tag", "tag_base": "category"}
    site.set("tags", **swapped)
    with site.context(), pytest.raises(Refused, match="two beginnings"):
        setting.typed(tags, ["tag_base=tag"])


def test_what_is_no_name_is_left_out_of_what_was_typed(site: SiteUnderTest) -> None:
    write(site, "Un", ">, a > > b, C >, D")

    assert counts(site) == {"D": 1}


def test_an_archive_has_a_feed_that_programs_find(site: SiteUnderTest) -> None:
    site.set("feeds", entries=1)
    write(site, "Un", "A > B")
    write(site, "Deux", "A > B")

    page = site.get("/category/a/b/", base_url=HERE).text
    feed = feedparser.parse(site.get("/category/a/b/feed/", base_url=HERE).data)

    assert 'type="application/atom+xml" title="Category: B" href="/category/a/b/feed/">' in page
    assert (feed.bozo, feed.feed.title) == (False, "Category: B – Palabre")
    assert [one.title for one in feed.entries] == ["Deux"]
    [older] = [one.href for one in feed.feed.links if one.rel == "next"]
    [entry] = feedparser.parse(site.get(older, base_url=HERE).data).entries
    assert entry.title == "Un"


def test_other_addresses_of_feeds_lead_to_it(site: SiteUnderTest) -> None:
    write(site, "Un", tag="c")
    change(site, "c", lambda term: services.place(term, None, "é d"))

    old = ["/tag/c/feed/", "/tag/e-d/feed", "/tag/e-d/feed/rss2/", "/tag/e-d/feed/atom/"]

    assert [where(site, one) for one in old] == ["/tag/e-d/feed/"] * 4


def test_archives_with_posts_are_in_the_sitemap(make_site: Make) -> None:
    site = make_site(["tags", "sitemap"], site_url=HERE)
    write(site, "Un", "A > B", "c")
    write(site, "Deux", "B", "d", status=PostStatus.DRAFT)
    write(site, "Trois", "C", published_at=now() + timedelta(hours=1))

    index = site.get("/sitemap.xml", base_url=HERE).text
    file = site.get("/sitemap-tags-0.xml", base_url=HERE).text

    assert re.findall(r"<loc>([^<]*tags[^<]*)</loc>", index) == [f"{HERE}/sitemap-tags-0.xml"]
    found = re.findall(rf"<loc>{HERE}([^<]*)</loc><lastmod>", file)
    assert found == ["/category/a/b/", "/tag/c/"]


def test_a_file_of_the_sitemap_costs_the_same_for_few_and_many_terms(make_site: Make) -> None:
    site = make_site(["tags", "sitemap"], site_url=HERE)
    write(site, "Un", "A")
    few = site.statements("/sitemap-tags-0.xml"), site.statements("/sitemap.xml")
    write(site, "Deux", ", ".join(f"C{number}" for number in range(30)))

    assert (site.statements("/sitemap-tags-0.xml"), site.statements("/sitemap.xml")) == few


def test_a_site_without_terms_has_no_file_of_them(make_site: Make) -> None:
    site = make_site(["tags", "sitemap"], site_url=HERE)
    write(site, "Un")

    assert "sitemap-tags" not in site.get("/sitemap.xml", base_url=HERE).text


def test_without_feeds_no_feed_is_named(make_site: Make) -> None:
    alone = make_site(["tags"])
    write(alone, "Un", tag="c")

    assert "application/atom+xml" not in alone.get("/tag/c/").text
    assert alone.get("/tag/c/feed/").status_code == 404


def test_what_changed_while_it_was_off_is_caught_up(site: SiteUnderTest) -> None:
    post, other = write(site, "Un", "News"), write(site, "Deux", "News", status=PostStatus.DRAFT)
    site.disable("tags")
    with site.context():
        posts.set_status([post.id], PostStatus.TRASH)
        posts.set_status([other.id], PostStatus.PUBLISHED)
    site.enable("tags")
    site.work()

    assert counts(site) == {"News": 1}
    assert titles(site, "/category/news/") == ["Deux"]


def test_a_page_of_an_archive_is_found_by_its_index_alone(site: SiteUnderTest) -> None:
    write(site, "Un", "News")
    query = select(Use.post_id, Use.shown_at).where(Use.term_id == 1)
    with site.context():
        dialect = session.get_bind().dialect
        text = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        connection = session.connection()
        if dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
        else:  # so few rows are read without an index, unless it is told otherwise
            for way in ("seqscan", "bitmapscan"):
                connection.exec_driver_sql(f"SET enable_{way} = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {text}").all()

    name = "COVERING INDEX" if dialect.name == "sqlite" else "Index Only Scan using"
    assert f"{name} ix_tags_use_term_id_shown_at_post_id" in str(plan)
