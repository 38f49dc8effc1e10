"""What plugins cost, in figures and as a picture, and what needs attention."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete

from blog.db import now, writing
from blog.models import PluginCost
from blog.platform.costs import full_hour
from blog.testing import SiteUnderTest

from .test_plugins import FRAGILE

BAR = re.compile(r'<rect x="([\d.]+)" y="([\d.]+)" width="0.8" height="([\d.]+)">')


@pytest.fixture
def spent(site: SiteUnderTest):
    """Note what a plugin spent, some hours ago."""

    def spent(plugin: str, seconds: float, *, hours: int = 0, overruns: int = 0) -> None:
        counts = {"calls": 1234, "statements": 56, "errors": 7, "overruns": overruns}
        hour = full_hour(now()) - timedelta(hours=hours)
        times = {"hour": hour, "seconds": seconds, "slowest": 0.5}
        with site.wsgi.database_only(), writing() as write:
            write.add(PluginCost(plugin=plugin, hook="slot_footer", **times, **counts))

    return spent


def test_figures_of_each_plugin_and_hook_are_shown(owner, spent) -> None:
    spent("ledger", 2.5)
    page = owner.get("/admin/plugin-cost").text
    for shown in ("ledger", "<code>slot_footer</code>", "2,500", "1,234"):
        assert shown in page


def test_the_last_hour_leaves_out_what_was_before(owner, spent) -> None:
    spent("ledger", 2.5, hours=5)
    assert ">ledger<" in owner.get("/admin/plugin-cost").text
    assert ">ledger<" not in owner.get("/admin/plugin-cost?over=hour").text


def test_numbers_are_written_as_the_language_does(site, owner, spent) -> None:
    spent("ledger", 2.5)
    site.set("core", language="fr")
    assert "2\u202f500" in owner.get("/admin/plugin-cost").text


def test_the_picture_has_a_bar_for_each_hour_and_the_same_as_words(owner, spent) -> None:
    spent("ledger", 2000.0, hours=1)
    spent("ledger", 1000.0, hours=4)
    page = owner.get("/admin/plugins/ledger").status_code
    assert page == 404  # what is gone has no page, but its cost is counted
    bars = BAR.findall(owner.get("/admin/plugin-cost").text)
    assert ("22.1", "0.0", "100.0") in bars
    assert any(x == "19.1" and float(height) == pytest.approx(50, abs=1) for x, _, height in bars)
    assert 'role="img"' in owner.get("/admin/plugin-cost").text


def test_a_plugin_page_shows_its_own_cost(owner, spent) -> None:
    spent("threads", 3.0)
    page = owner.get("/admin/plugins/threads").text
    assert "3,0" in page
    assert "<svg" in page


def test_nothing_counted_is_said(owner: SiteUnderTest) -> None:
    with owner.wsgi.database_only(), writing() as write:
        write.execute(delete(PluginCost))
    assert "Nothing was counted in this time." in owner.get("/admin/plugin-cost").text


def test_what_needs_attention_is_listed_with_its_mend(owner, spent) -> None:
    spent("threads", 3.0, overruns=4)
    page = owner.get("/admin/plugin-attention").text
    assert "It took too long 4 times in the hook slot_footer" in page
    assert 'href="/admin/plugins/threads#cost"' in page


def test_the_overview_names_the_worst_first(site, owner, spent) -> None:
    spent("accounts", 3.0, overruns=4)
    site.place("fragile", FRAGILE)
    site.get("/")
    site.wsgi.housekeep()
    page = owner.get("/admin/").text
    assert page.index("a broken footer") < page.index("It took too long")


def test_nothing_to_attend_to_is_said(owner: SiteUnderTest) -> None:
    assert "every plugin that is on does its work" in owner.get("/admin/plugin-attention").text
