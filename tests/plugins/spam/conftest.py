"""A site with nothing but the spam plugin, and ways to ask it."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from blog import Draft, PostRow, Verdict, settings
from blog.testing import SiteUnderTest

Judge = Callable[..., Sequence[Verdict]]


@pytest.fixture
def site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with this plugin alone, where authors need not be known."""
    made = make_site(["spam"], site_url="http://localhost")
    made.set("spam", first_time_held=False)
    return made


@pytest.fixture
def judge(site: SiteUnderTest, post: PostRow) -> Judge:
    """Judge a text by the rules alone: ``judge("Bonjour", links_hold=1)``."""
    from blog_plugins.spam import services

    def ask(body: str, draft: Draft | None = None, **rules: object) -> Sequence[Verdict]:
        with site.context():
            chosen = SimpleNamespace(**{**vars(settings["spam"]), **rules})
            return services.judge(post, draft or Draft(body), chosen)

    return ask
