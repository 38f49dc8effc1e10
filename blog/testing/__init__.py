"""Test plugins and sites: a plugin for pytest that builds real sites with real databases.

Ask for it with ``pytest -p blog.testing``, or in the settings of pytest.
"""

from blog.testing.browser import browser_page, palabre_browser, site_address
from blog.testing.clock import Clock, clock
from blog.testing.contract import Contract, contract
from blog.testing.fixtures import (
    comment,
    database_url,
    make_site,
    new_site_file,
    post,
    site_database_url,
    site_under_test,
)
from blog.testing.outgoing import OutgoingStub, loopback_allowed, outgoing_stub
from blog.testing.sites import EVERYTHING, SiteUnderTest, hidden_fields, prepare

__all__ = [
    "EVERYTHING",
    "Clock",
    "Contract",
    "OutgoingStub",
    "SiteUnderTest",
    "browser_page",
    "clock",
    "comment",
    "contract",
    "database_url",
    "hidden_fields",
    "loopback_allowed",
    "make_site",
    "new_site_file",
    "outgoing_stub",
    "palabre_browser",
    "post",
    "prepare",
    "site_address",
    "site_database_url",
    "site_under_test",
]
