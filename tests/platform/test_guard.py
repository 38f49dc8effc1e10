"""Guards: who may see a post fails closed, everywhere that a post shows."""

from collections.abc import Callable

import pytest

from blog import Post, PostKind, identity, posts, session
from blog.commands.posts import draft_of
from blog.testing import EVERYTHING, SiteUnderTest
from tests.platform.samples import put, turn_on

GUARDS: dict[str, str | None] = {
    "raising": "@hookimpl\ndef may_read(posts):\n    raise RuntimeError('no')",
    "exiting": "@hookimpl\ndef may_read(posts):\n    raise SystemExit",
    "wrong": "@hookimpl\ndef may_read(posts):\n    return [one.id for one in posts]",
    "texts": "@hookimpl\ndef may_read(posts):\n    return {str(one.id) for one in posts}",
    "silent": "@hookimpl\ndef may_read(posts):\n    return None",
    "yes": "@hookimpl\ndef may_read(posts):\n    return True",
    "deaf": "",
    "absent": None,
    "broken": "1 / 0",
}
SECRET = "Sous le sceau"
OPENLY = "@hookimpl\ndef may_read(posts):\n    return {one.id for one in posts}"


QUICK = ("raising", "wrong", "absent")
PARAMS = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in GUARDS]


@pytest.fixture(params=PARAMS)
def guarded(request: pytest.FixtureRequest, make_site: Callable[..., SiteUnderTest]):
    """Give a site with feeds, an open post on either side of a guarded one, and its guard."""
    site = make_site(["feeds", "threads", "markdown"])
    put(site, "other", OPENLY)
    code = GUARDS[request.param]
    if code is not None:
        try:
            put(site, "gate", code)
        except Exception:
            turn_on(site, "gate")
    site.write_post("Avant")
    post = site.write_post(SECRET, guard="other")
    site.write_post("Après")
    site.write_comment(post, "Secret aussi")
    assert SECRET in site.get("/").text
    return site, site.write_post(SECRET, guard="gate"), site.write_post("Au bout")


def test_a_guarded_post_is_hidden_wherever_its_guard_does_not_answer_yes(guarded) -> None:
    site, post, last = guarded
    site.write_comment(post, "Mot caché")
    page = site.write_post("Page cachée", kind=PostKind.PAGE, position=1, guard="gate")

    assert site.get(post.path).status_code == 404
    assert site.get(f"/?p={post.id}").status_code == 404
    assert site.get(page.path).status_code == 404
    assert site.get(f"/comments/{post.id}").status_code == 404
    assert site.post(f"/comments/{post.id}", {"comment": "Bonjour"}).status_code == 404
    for path in ("/", f"/{post.published_at:%Y}/", f"/{post.published_at:%Y/%m}/", last.path):
        shown = site.get(path)
        assert shown.status_code == 200
        assert post.path not in shown.text
        assert "Page cachée" not in shown.text
    for path in ("/feed/", "/comments/feed/"):
        shown = site.get(path, follow_redirects=True)
        assert shown.status_code == 200
        assert post.path not in shown.text
        assert "Mot caché" not in shown.text
    assert site.get(f"{post.path}feed/", follow_redirects=True).status_code == 404


def test_a_guard_that_says_yes_opens(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site([])
    put(site, "gate", OPENLY)
    post = site.write_post(SECRET, guard="gate")

    assert SECRET in site.get(post.path).text
    assert SECRET in site.get("/").text


def test_another_plugin_cannot_open_what_it_does_not_guard(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    put(site, "other", OPENLY)
    put(site, "gate", "@hookimpl\ndef may_read(posts):\n    return set()")
    post = site.write_post(SECRET, guard="gate")

    assert site.get(post.path).status_code == 404


def test_a_guard_that_is_turned_off_closes(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site([])
    put(site, "gate", OPENLY)
    post = site.write_post(SECRET, guard="gate")
    site.disable("gate")

    assert site.get(post.path).status_code == 404


def test_a_former_address_of_a_guarded_post_leads_nowhere(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    site = make_site([])
    put(site, "gate", OPENLY)
    post = site.write_post("Ancien", guard="gate")
    with site.context(), identity.acting_as(EVERYTHING):
        posts.save(draft_of(session.get_one(Post, post.id), slug="nouveau"), post.id)
    assert site.get(post.path).status_code == 301
    site.disable("gate")

    assert site.get(post.path).status_code == 404
