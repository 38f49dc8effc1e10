"""Logging in and out."""

from blog.testing import SiteUnderTest


def test_an_owner_sees_name_and_way_out_in_the_footer(owner: SiteUnderTest) -> None:
    page = owner.get("/").text

    assert "Afi" in page
    assert 'action="/logout/"' in page


def test_a_moderator_is_somebody_else(moderator: SiteUnderTest, site: SiteUnderTest) -> None:
    assert "Kodjo" in moderator.get("/").text
    assert 'href="/login/"' in site.get("/").text
