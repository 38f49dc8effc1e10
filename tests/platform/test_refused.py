"""A guard says what stands at the address of a post that who asks may not read."""

from collections.abc import Callable

import pytest

from blog import PostKind
from blog.testing import SiteUnderTest
from tests.platform.samples import put

IMPORTS = "from blog import Identity, SignIn, identity\n"
SHUT = IMPORTS + "@hookimpl\ndef may_read(posts):\n    return set()\n"
TEASER = (
    SHUT + "@hookimpl\ndef post_refused(post):\n"
    "    return post._replace(html=f'<p>How it begins [{post.html}|{post.excerpt}]</p>')"
)
WAY = "@hookimpl\ndef sign_in(path):\n    return SignIn('/in/?next=' + path)\n"
ASKS = SHUT + WAY + "@hookimpl\ndef post_refused(post):\n    return SignIn()"
CLOSED = {
    "raising": "    raise RuntimeError('no')",
    "exiting": "    raise SystemExit",
    "silent": "    return None",
    "wrong": "    return True",
    "text": "    return post._replace(html=5)",
    "list": "    return [post]",
}
SECRET = "Les chèvres dorment."
Make = Callable[..., SiteUnderTest]


@pytest.fixture
def site(make_site: Make) -> SiteUnderTest:
    return make_site(["feeds", "threads", "share"])


@pytest.mark.parametrize("name", CLOSED)
def test_an_answer_that_is_none_is_a_404(site: SiteUnderTest, name: str) -> None:
    put(site, "gate", f"{SHUT}@hookimpl\ndef post_refused(post):\n{CLOSED[name]}")
    post = site.write_post("Caché", body=SECRET, guard="gate")

    for path in (post.path, f"/?p={post.id}"):
        shown = site.get(path)
        assert shown.status_code == 404
        assert "Caché" not in shown.text


@pytest.mark.exact_site("a search form is on every page", beside=["search"])
def test_a_teaser_is_shown_without_what_must_not_leak(site: SiteUnderTest) -> None:
    put(site, "gate", TEASER)
    put(site, "loud", "@hookimpl\ndef slot_after_posts(posts):\n"
        "    from markupsafe import Markup\n    return {posts[0].id: Markup('LOUD')}")  # fmt: skip
    post = site.write_post("Titre", body=SECRET)
    site.write_comment(post, "Mot caché")
    assert "LOUD" in site.get(post.path).text
    post = site.write_post("Titre", body=SECRET, guard="gate")
    site.write_comment(post, "Mot caché")

    for path in (post.path, f"/?p={post.id}", f"{post.path}?comment=1&replytocom=1&after=0"):
        shown = site.get(path)
        assert shown.status_code == 200
        assert "<p>How it begins [|]</p>" in shown.text
        assert [one for one in (SECRET, "Mot caché", "LOUD", "<form") if one in shown.text] == []
    assert 'rel="prev"' in site.get(post.path).text
    assert '<h1 class="entry-title p-name">Titre</h1>' in site.get(post.path).text


def test_a_page_may_have_a_teaser(site: SiteUnderTest) -> None:
    put(site, "gate", TEASER)
    page = site.write_post("Titre", body=SECRET, kind=PostKind.PAGE, guard="gate")

    assert "How it begins" in site.get(page.path).text


def test_lists_feeds_and_comments_leave_a_teaser_out(site: SiteUnderTest) -> None:
    put(site, "gate", TEASER)
    post = site.write_post("Titre", body=SECRET, guard="gate")
    last = site.write_post("Après")

    for path in ("/", last.path, "/feed/"):
        shown = site.get(path, follow_redirects=True)
        assert [one for one in (SECRET, "Titre", "begins") if one in shown.text] == []
    assert site.get(f"{post.path}feed/", follow_redirects=True).status_code == 404
    assert site.post(f"/comments/{post.id}", {"comment": "Bonjour"}).status_code == 404
    assert site.get(f"/comments/{post.id}").status_code == 404


@pytest.mark.exact_site("the first way to sign in is taken", beside=["accounts"])
def test_strangers_are_sent_to_sign_in_and_back(site: SiteUnderTest) -> None:
    put(site, "gate", ASKS)
    post = site.write_post("Titre", body=SECRET, guard="gate")

    for path in (post.path, f"/?p={post.id}"):
        answer = site.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/in/?next={path}")
    assert site.post(post.path, {"a": "b"}).status_code == 405


def test_a_guard_may_know_a_way_of_its_own(site: SiteUnderTest) -> None:
    put(site, "gate", SHUT + WAY + "@hookimpl\ndef post_refused(post):\n    return SignIn('/pay/')")
    post = site.write_post("Titre", guard="gate")

    assert site.get(post.path).headers["Location"] == "/pay/"


def test_who_is_signed_in_is_not_sent_in_a_circle(site: SiteUnderTest) -> None:
    put(site, "gate", ASKS)
    post = site.write_post("Titre", body=SECRET, guard="gate")

    answer = site.as_person("Ama").get(post.path)

    assert answer.status_code == 403
    assert SECRET not in answer.text


def test_a_draft_of_a_guard_says_nothing(site: SiteUnderTest) -> None:
    put(site, "gate", TEASER)
    post = site.write_post("Titre", guard="gate", status="draft")

    assert site.get(f"/?p={post.id}").status_code == 404


def test_an_address_that_is_nearly_right_leads_nowhere(site: SiteUnderTest) -> None:
    put(site, "gate", TEASER)
    post = site.write_post("Titre", guard="gate")

    assert site.get(post.path.rstrip("/")).status_code == 404


def test_another_plugin_is_not_asked(site: SiteUnderTest) -> None:
    put(site, "gate", SHUT)
    put(site, "other", TEASER)
    post = site.write_post("Titre", guard="gate")

    assert site.get(post.path).status_code == 404
