"""The sitemap: all that everyone may read and nothing else, with true times, at any size."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from sqlalchemy import insert, text

from blog import Identity, Post, PostKind, PostRow, PostStatus, identity, now, posts
from blog.db import writing
from blog.testing import SiteUnderTest
from blog_plugins.sitemap import services

BASE = "https://palabre.example"
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
LATER = timedelta(hours=2)
LISTS = '''"""Add lists to the sitemap."""
# /// plugin
# title = "Shelves"
# version = "1.0"
# api = 1
# ///
from datetime import UTC, datetime

from blog import hookimpl

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@hookimpl(optionalhook=True)
def sitemap_files():
    return {"shelves": TIME, "shelves-old": None, "posts-1": TIME, "other": None}


@hookimpl(optionalhook=True)
def sitemap_addresses(file):
    if file == "shelves-old":
        raise RuntimeError("broken")
    return {f"/shelf/{n}/": TIME for n in range(MANY)}
'''
GUARD = '''"""Let everybody read what it guards."""
# /// plugin
# title = "Guard"
# version = "1.0"
# api = 1
# ///
from blog import hookimpl

@hookimpl
def may_read(posts):
    return {one.id for one in posts}
'''


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["sitemap"], site_url=BASE)


def read(site: SiteUnderTest, path: str = "/sitemap.xml") -> dict[str, str | None]:
    """Read a list as a search engine does: its addresses, each with what it says of its change."""
    response = site.get(path, base_url=BASE)
    assert response.status_code == 200, path
    assert response.content_type == "text/xml; charset=utf-8"
    items = ElementTree.fromstring(response.data)
    return {
        one.findtext("s:loc", "", NAMES): one.findtext("s:lastmod", None, NAMES) for one in items
    }


def addresses(site: SiteUnderTest) -> list[str]:
    """Follow the index to every file; give the paths of all addresses."""
    files = read(site)
    found = [one for file in files for one in read(site, file.removeprefix(BASE))]
    assert all(one.startswith(f"{BASE}/") for one in found)
    return [one.removeprefix(BASE) for one in found]


def change(site: SiteUnderTest, post: PostRow, status: PostStatus) -> None:
    with site.context(), identity.acting_as(Identity("", "t", frozenset())):
        posts.set_status([post.id], status)


@contextmanager
def clock(monkeypatch: pytest.MonkeyPatch, later: timedelta) -> Iterator[None]:
    """Let time pass for the plugin and for what it asks of the core."""
    with monkeypatch.context() as patch:
        for module in ("blog.columns", "blog_plugins.sitemap.services"):
            patch.setattr(f"{module}.now", lambda: now() + later)
        yield


def fill(site: SiteUnderTest, first: int, last: int) -> None:
    """Store many posts as fast as a database takes them."""
    past = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    rows = [
        {
            "id": number, "kind": "post", "status": "published", "live": True, "slug": f"p{number}",
            "path": f"/2024/05/p{number}/", "title": f"Billet {number}", "html": "<p>mot</p>" * 300,
            "body": "mot " * 300, "published_at": past, "updated_at": past,
        }
        for number in range(first, last + 1)
    ]  # fmt: skip
    with site.context():
        for start in range(0, len(rows), 500):
            with writing() as write:
                write.execute(insert(Post), rows[start : start + 500])
    site.disable("sitemap")
    site.enable("sitemap")


def test_home_posts_and_pages_are_listed(site: SiteUnderTest) -> None:
    post = site.write_post("Un")
    page = site.write_post("À propos", kind=PostKind.PAGE)

    assert addresses(site) == ["/", post.path, page.path]


def test_a_site_without_posts_lists_its_home_and_no_empty_file(site: SiteUnderTest) -> None:
    site.write_post("Brouillon", status=PostStatus.DRAFT)

    assert list(read(site)) == [f"{BASE}/sitemap-home.xml"]
    assert addresses(site) == ["/"]


def test_what_not_everyone_may_read_is_absent(site: SiteUnderTest) -> None:
    site.place("guard", GUARD)
    shown = site.write_post("Montré")
    site.write_post("Brouillon", status=PostStatus.DRAFT)
    site.write_post("Privé", status=PostStatus.PRIVATE)
    site.write_post("Gardé", guard="guard")
    site.write_post("Demain", published_at=now() + timedelta(days=1))
    change(site, site.write_post("Jeté"), PostStatus.TRASH)

    assert addresses(site) == ["/", shown.path]


def test_who_is_signed_in_sees_the_same_sitemap(site: SiteUnderTest) -> None:
    site.write_post("Privé", status=PostStatus.PRIVATE)
    shown = site.write_post("Montré")

    everybody = site.as_person(permissions={"posts.write", "posts.read_private"})
    assert addresses(everybody) == ["/", shown.path]


def test_a_scheduled_post_appears_at_its_minute(
    site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = site.write_post("Bientôt", published_at=now() + timedelta(hours=1))
    before = list(read(site))

    with clock(monkeypatch, LATER):
        assert before == [f"{BASE}/sitemap-home.xml"]
        assert soon.path in addresses(site)


def test_the_index_says_when_a_scheduled_post_appeared(
    site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write_post("Là")
    soon = site.write_post("Bientôt", published_at=now() + timedelta(hours=1))
    assert soon.published_at is not None

    with clock(monkeypatch, LATER):
        assert read(site)[f"{BASE}/sitemap-posts-1.xml"] == moment(soon.published_at)


def moment(found: datetime) -> str:
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_lastmod_is_when_the_post_changed(site: SiteUnderTest) -> None:
    post = site.write_post("Un", published_at=datetime(2020, 1, 2, tzinfo=UTC))

    assert read(site, "/sitemap-posts-1.xml") == {BASE + post.path: moment(post.updated_at)}
    assert read(site)[f"{BASE}/sitemap-posts-1.xml"] == moment(post.updated_at)


def test_a_draft_that_is_saved_changes_no_time(site: SiteUnderTest) -> None:
    fill(site, 1, 2)
    before = read(site)

    site.write_post("Brouillon", status=PostStatus.DRAFT)

    assert read(site) == before
    assert before[f"{BASE}/sitemap-posts-1.xml"] == "2024-05-06T07:08:09Z"


def test_a_post_that_goes_changes_the_time_of_its_file(site: SiteUnderTest) -> None:
    fill(site, 1, 2)
    began = moment(now())

    with site.context(), identity.acting_as(Identity("", "t", frozenset())):
        posts.set_status([2], PostStatus.TRASH)

    after = read(site)[f"{BASE}/sitemap-posts-1.xml"]
    assert after is not None
    assert after >= began


def test_times_stay_true_while_the_plugin_was_off(site: SiteUnderTest) -> None:
    site.write_post("Un")
    site.disable("sitemap")
    added = site.write_post("Deux")
    site.enable("sitemap")

    assert added.path in addresses(site)


def test_while_it_catches_up_every_file_is_there_without_a_time(site: SiteUnderTest) -> None:
    post = site.write_post("Un")
    with site.wsgi.database_only(), writing() as write:
        write.execute(text("UPDATE plugin SET behind = :yes WHERE name = 'sitemap'"), {"yes": True})
        write.execute(text("UPDATE site_state SET generation = generation + 1"))

    assert read(site)[f"{BASE}/sitemap-posts-1.xml"] is None
    assert addresses(site) == ["/", post.path]


def test_every_post_is_in_one_file_and_no_file_is_long(site: SiteUnderTest) -> None:
    fill(site, 1, 2 * services.PART + 1)

    files = list(read(site))
    lengths = [len(read(site, one.removeprefix(BASE))) for one in files]

    assert len(files) == 4
    assert lengths == [1, services.PART, services.PART, 1]


def test_addresses_are_ascii_and_their_signs_are_written_as_xml_wants(
    site: SiteUnderTest,
) -> None:
    post = site.write_post("L’été à Lomé")
    with site.context(), writing() as write:
        write.execute(text("UPDATE post SET path = '/a&b<é>/'"))

    assert list(read(site, "/sitemap-posts-1.xml")) == [f"{BASE}/a&b%3C%C3%A9%3E/"]
    assert post.path.endswith("/l-ete-a-lome/")


def test_without_site_url_addresses_have_the_host_that_was_asked(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site(["sitemap"])

    shown = site.get("/sitemap.xml", base_url="http://other.example").text

    assert "<loc>http://other.example/sitemap-home.xml</loc>" in shown


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-posts-1.xml", "/robots.txt"])
def test_whoever_asks_again_with_the_tag_is_answered_304(site: SiteUnderTest, path: str) -> None:
    site.write_post("Un")
    first = site.get(path, base_url=BASE)

    again = site.get(path, base_url=BASE, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert not again.data


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-posts-1.xml"])
def test_whoever_asks_again_with_the_date_is_answered_304(site: SiteUnderTest, path: str) -> None:
    site.write_post("Un")
    date = site.get(path, base_url=BASE).headers["Last-Modified"]

    again = site.get(path, base_url=BASE, headers={"If-Modified-Since": date})

    assert again.status_code == 304


def test_an_older_date_is_answered_with_the_list(site: SiteUnderTest) -> None:
    fill(site, 1, 2)
    with site.context(), identity.acting_as(Identity("", "t", frozenset())):
        posts.set_status([2], PostStatus.TRASH)
    date = format_datetime(datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC), usegmt=True)

    for path in ("/sitemap.xml", "/sitemap-posts-1.xml"):
        again = site.get(path, base_url=BASE, headers={"If-Modified-Since": date})
        assert again.status_code == 200


@pytest.mark.parametrize("path", ["/wp-sitemap.xml", "/sitemap_index.xml"])
def test_old_addresses_lead_there_for_ever(site: SiteUnderTest, path: str) -> None:
    response = site.get(path, base_url=BASE)

    assert response.status_code == 301
    assert response.headers["Location"] == "/sitemap.xml"


@pytest.mark.parametrize(
    "name", ["posts-2", "posts-0", "posts-", "posts-²", "posts-99999999999999999999", "x", "%00"]
)
def test_a_file_that_is_not_in_the_index_is_not_there(site: SiteUnderTest, name: str) -> None:
    site.write_post("Un")

    assert site.get(f"/sitemap-{name}.xml", base_url=BASE).status_code == 404


def test_robots_are_told_where_the_sitemap_is_and_what_to_leave_alone(
    site: SiteUnderTest,
) -> None:
    found = RobotFileParser()
    found.parse(site.get("/robots.txt", base_url=BASE).text.splitlines())

    assert found.site_maps() == [f"{BASE}/sitemap.xml"]
    assert found.can_fetch("Any", f"{BASE}/2026/01/un/")
    assert not found.can_fetch("Any", f"{BASE}/admin/")


def test_the_owners_lines_are_in_robots(site: SiteUnderTest) -> None:
    site.set("sitemap", robots="User-agent: Greedy\r\nDisallow: /\r\n\x00\x1b")

    shown = site.get("/robots.txt", base_url=BASE)

    assert shown.text == (f"User-agent: Greedy\nDisallow: /\n\nSitemap: {BASE}/sitemap.xml\n")
    assert shown.content_type == "text/plain; charset=utf-8"


def test_an_owner_may_want_no_lines(site: SiteUnderTest) -> None:
    site.set("sitemap", robots="")

    assert site.get("/robots.txt", base_url=BASE).text == f"Sitemap: {BASE}/sitemap.xml\n"


def test_another_plugin_adds_files_of_its_own_name(site: SiteUnderTest) -> None:
    site.place("shelves", LISTS.replace("MANY", "3"))
    site.write_post("Un")

    files = read(site)

    assert files[f"{BASE}/sitemap-shelves.xml"] == "2026-01-02T03:04:05Z"
    assert f"{BASE}/sitemap-other.xml" not in files
    assert files[f"{BASE}/sitemap-posts-1.xml"] != "2026-01-02T03:04:05Z"
    assert list(read(site, "/sitemap-shelves.xml")) == [f"{BASE}/shelf/{n}/" for n in range(3)]


def test_a_plugin_that_fails_costs_its_own_addresses_alone(site: SiteUnderTest) -> None:
    site.place("shelves", LISTS.replace("MANY", "3"))

    assert read(site, "/sitemap-shelves-old.xml") == {}
    assert "/" in addresses(site)


def test_no_file_has_more_addresses_than_the_protocol_allows(site: SiteUnderTest) -> None:
    site.place("shelves", LISTS.replace("MANY", "50_010"))

    assert len(read(site, "/sitemap-shelves.xml")) == 50_000


@pytest.mark.slow
def test_a_site_a_hundred_times_as_large_costs_as_many_statements(site: SiteUnderTest) -> None:
    fill(site, 1, services.PART)
    paths = ("/sitemap.xml", "/sitemap-posts-1.xml", "/robots.txt")
    few = {one: site.statements(one) for one in paths}
    fill(site, services.PART + 1, 100 * services.PART)

    assert {one: site.statements(one) for one in paths} == few
    assert len(read(site)) == 101
