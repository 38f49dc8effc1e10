"""A test may see a site as somebody who is signed in, with no plugin for accounts."""

from collections.abc import Callable

import pytest

from blog import identity
from blog.testing import SiteUnderTest


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return make_site(["admin"])


def test_a_person_may_what_was_granted_and_nothing_else(site: SiteUnderTest) -> None:
    person = site.as_person(permissions={identity.MODERATE})

    assert person.get("/admin/comments").status_code == 200
    assert person.get("/admin/posts").status_code == 403
    assert site.get("/admin/comments").status_code == 403


def test_a_person_comments_under_their_name(site: SiteUnderTest) -> None:
    post = site.write_post()

    assert site.as_person("Kodjo").comment(post, "Bonjour").status_code == 303
    with site.context():
        assert site.stored(1).author == "Kodjo"
        assert site.stored(1).identity == "test:Kodjo"


def test_no_header_says_who_asks(site: SiteUnderTest) -> None:
    headers = {"palabre.identity": "x", "palabre-identity": "x", "Palabre_Identity": "x"}

    assert site.get("/admin/comments", headers=headers).status_code == 403
