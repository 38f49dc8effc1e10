"""Posts for members: strangers never see what is inside, wherever they look."""

from collections.abc import Callable

import pytest

from blog import Post, session
from blog.testing import SiteUnderTest, hidden_fields
from tests.conftest import signed_in

SECRET = "Les chèvres dorment sous le fromager."
WORD = "Un mot entre nous"
Make = Callable[..., SiteUnderTest]


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    return make_site(["members", "accounts", "admin", "feeds", "threads", "share"])


@pytest.fixture
def owner(site: SiteUnderTest) -> SiteUnderTest:
    return signed_in(site, "Afi", "owner")


def seen_by_strangers(site: SiteUnderTest) -> str:
    """Read every page, list and feed that a stranger may ask for, as one text."""
    posts = [f"/?p={number}" for number in (1, 2, 3)]
    own = ["/", "/2026/", "/feed.atom", "/comments.atom", "/feed/", "/comments/2.atom"]
    paths = [*own, *posts, "/comments/2", "/comments/feed/", "/?p=2&comment=1&replytocom=1"]
    return "".join(site.get(one, follow_redirects=True).text for one in paths)


def with_secret(site: SiteUnderTest, **values: str) -> str:
    """Write a post for members between two others, and give its address."""
    site.write_post("Avant", published_at=None)
    post = site.write_post("Entre nous", body=SECRET, guard="members", **values)
    site.write_comment(post, WORD)
    site.write_post("Après")
    return post.path


def test_strangers_see_nothing_and_are_led_to_log_in(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    path = with_secret(site)

    answer = site.get(path)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/login/?next={path}"
    text = seen_by_strangers(site)
    assert [one for one in (SECRET, "chèvres", WORD, "Entre nous", path) if one in text] == []


def test_strangers_see_the_excerpt_that_was_typed(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    path = with_secret(site, excerpt="Comment elles dorment <ici>.")

    shown = site.get(path)

    assert shown.status_code == 200
    assert '<p class="members-excerpt">Comment elles dorment &lt;ici&gt;.</p>' in shown.text
    assert f'<a href="/login/?next={path}" rel="nofollow">Log in to read on</a>' in shown.text
    text = seen_by_strangers(site)
    assert [one for one in (SECRET, "chèvres", WORD) if one in text] == []
    assert "Comment elles" not in site.get("/").text


def test_who_logs_in_comes_back_and_reads(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    path = with_secret(site)
    signed_in(site, "Kofi", "member")
    way = site.get(path).headers["Location"]
    form = hidden_fields(site.get(way).text)

    back = site.post("/login/", {**form, "name": "Kofi", "password": "sous l’arbre à palabres"})

    assert back.headers["Location"] == path
    shown = site.get(path)
    assert SECRET in shown.text
    assert WORD in shown.text
    assert "Entre nous" in site.get("/").text
    assert shown.headers["Cache-Control"] == "private, no-store"


def test_a_member_may_comment_and_nothing_else(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    path = with_secret(site)
    member = signed_in(site, "Kofi", "member")

    assert 'href="/admin/"' not in member.get(path).text
    for one in ("/admin/", "/admin/posts", "/admin/comments", "/admin/plugins"):
        assert member.get(one).status_code == 403
    with site.context():
        post = session.get_one(Post, 2)
    page = member.get(path)
    form = {**hidden_fields(page.text), "comment": "Moi aussi"}
    assert member.post(f"/comments/{post.id}", form).status_code == 303
    assert site.stored(2).author == "Kofi"


def test_who_is_signed_in_without_the_permission_is_told_no(site: SiteUnderTest) -> None:
    path = with_secret(site, excerpt="Un début.")

    answer = site.as_person("Ama").get(path)

    assert answer.status_code == 403
    assert SECRET not in answer.text


def test_the_box_in_the_editor_keeps_a_post_and_opens_it(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    form = {**hidden_fields(owner.get("/admin/posts/new").text), "title": "A", "body": SECRET}
    owner.post("/admin/posts/new", {**form, "do": "publish", "members_guard": "y"})
    assert site.get("/?p=1").status_code == 303

    form = {**hidden_fields(owner.get("/admin/posts/1").text), "title": "A", "body": SECRET}
    owner.post("/admin/posts/1", {**form, "do": "keep"})
    assert SECRET in site.get("/?p=1", follow_redirects=True).text


def test_a_moderator_sees_it_in_the_admin_as_ever(
    site: SiteUnderTest, owner: SiteUnderTest
) -> None:
    with_secret(site)

    page = signed_in(site, "Kodjo", "moderator").get("/admin/comments?status=published").text

    assert WORD in page
    assert "Entre nous" in page


def test_without_the_plugin_nobody_reads_it(site: SiteUnderTest, owner: SiteUnderTest) -> None:
    path = with_secret(site, excerpt="Un début.")
    site.disable("members")

    assert site.get(path).status_code == 404
    assert owner.get(path).status_code == 404
    assert SECRET not in seen_by_strangers(site)


def test_without_a_way_to_log_in_the_teaser_says_for_whom_it_is(make_site: Make) -> None:
    site = make_site(["members"])
    path = with_secret(site, excerpt="Un début.")

    assert "The rest is for people who are signed in." in site.get(path).text
    bare = site.write_post("Sans début", body=SECRET, guard="members")
    assert site.get(bare.path).status_code == 403


def test_a_page_of_an_open_post_costs_what_it_did(make_site: Make) -> None:
    site = make_site(["members", "threads"])
    post = site.write_post()
    site.write_comment(post)
    before = site.statements(post.path)
    site.disable("members")

    assert before == site.statements(post.path) <= 6


def test_teaser_and_box_are_valid(
    site: SiteUnderTest, owner: SiteUnderTest, vnu: Callable[[str | bytes], list[str]]
) -> None:
    path = with_secret(site, excerpt="Un début.")

    assert vnu(site.get(path).data) == []
    assert vnu(owner.get("/admin/posts/2").data) == []
