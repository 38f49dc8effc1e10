"""A plugin that was written for API 1 goes on to work: every hook, and the contract."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from blog.testing import SiteUnderTest, contract
from tests.calls import arguments, call, declared
from tests.conftest import signed_in

HERE = Path(__file__).parent / "chronicle"
# Hooks that came with API 1; of later ones this plugin knows nothing.
API_1 = """
    routes commands jobs permissions startup_lines catch_up who_is_asking sign_in may_read
    posts_loaded comments_loaded thread_page render_body posts_saved comment_form_fields
    check_comment comments_stored comment_submitted comments_changed import_leftovers slot_head
    slot_header slot_before_posts slot_after_posts slot_under_comments slot_comment_form
    slot_reply_title slot_footer admin_pages
""".split()
WRITTEN = "e8e6ae2159610e9ead1052fd517b017c9bfe0506ef392be6d9d463c3fd08fe95"

TestContract = pytest.mark.slow(contract(HERE))


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["threads", "accounts", "admin", HERE])


def test_nobody_has_edited_it() -> None:
    texts = [
        one for one in sorted(HERE.rglob("*")) if one.suffix in (".py", ".toml", ".html", ".po")
    ]
    digest = sha256(b"".join(one.read_bytes() for one in texts)).hexdigest()

    assert digest == WRITTEN, "a plugin for API 1 is never edited: mend the core instead"


def test_every_hook_of_api_1_is_still_declared() -> None:
    assert set(API_1) <= set(declared())


def test_it_takes_part_in_every_hook_of_api_1(site: SiteUnderTest) -> None:
    with site.context() as current:
        assert current.failures == {}
        missing = [one for one in API_1 if not current.table.implements("chronicle", one)]

    assert missing == []


def test_every_hook_of_it_runs_and_is_believed(site: SiteUnderTest) -> None:
    given = arguments(site)
    for hook in sorted(set(API_1) - {"slot_comment_form"}):
        call(site, "chronicle", hook, given)
    site.work()

    assert [(one.hook, one.message) for one in site.errors()] == []


def test_the_site_shows_and_keeps_what_it_adds(site: SiteUnderTest) -> None:
    owner = signed_in(site, "Afi", "owner")
    post = site.write_post("Bonjour")
    held = site.comment(post, "BONJOUR", author="Ama", chronicle_town="Lomé")
    spam = site.comment(post, "casino", author="Ama")
    site.comment(post, "Un mot", author="Ama Mensah")
    site.write_comment(post, "Un autre mot")
    site.work()

    shown = site.get(f"{post.path}?replytocom=4").text
    for place in ("header", "before", "after", "under", "form", "reply", "footer"):
        assert f"chronicle-{place}" in shown, place
    assert "Bonjour *" in shown
    assert held.status_code == spam.status_code == 303
    assert site.get("/chronicle/").text.count("<li>job</li>") == 4
    assert "comment from Lomé" in site.get("/chronicle/").text
    assert "Chronicle" in owner.get("/admin/").text
    assert [(one.hook, one.message) for one in site.errors()] == []


def test_what_it_guards_is_hidden(site: SiteUnderTest) -> None:
    assert site.get(site.write_post("Caché", guard="chronicle").path).status_code == 404
    assert "Caché" not in site.get("/").text
