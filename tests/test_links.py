"""Absolute links begin with the address of the site, where that is known."""

from collections.abc import Callable

import pytest

from blog import links
from blog.testing import SiteUnderTest


def test_without_a_request_the_setting_tells_where_the_site_is(
    make_site: Callable[..., SiteUnderTest],
) -> None:
    with make_site([], site_url="https://baobab.example.org/").context():
        assert links.absolute("/hello/") == "https://baobab.example.org/hello/"


def test_without_request_and_setting_the_error_names_the_setting(site: SiteUnderTest) -> None:
    with site.context(), pytest.raises(LookupError, match="set site_url"):
        links.absolute("/hello/")


@pytest.mark.needs("feeds")
def test_a_request_tells_where_the_site_is(site: SiteUnderTest) -> None:
    with site.context():
        site.write_post("Hello")

    assert 'href="http://localhost/comments/' in site.get("/feed.atom").text
