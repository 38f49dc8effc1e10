"""Show a test's site to a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from blog.testing.sites import SiteUnderTest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")


class Quiet(WSGIRequestHandler):
    """Serve without a line for each request."""

    def log_request(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def site_address(site: SiteUnderTest) -> Iterator[str]:
    """Serve the test's site on this machine for as long as the test lasts; give its address."""
    server = make_server("127.0.0.1", 0, site.wsgi, threaded=True, request_handler=Quiet)
    running = Thread(target=server.serve_forever, daemon=True)
    running.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    running.join()
    server.server_close()


@pytest.fixture(scope="session")
def palabre_browser() -> Iterator[Browser]:
    """Run a browser for tests whose suite brings none; skip where there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - few tests need it
    except ImportError:
        pytest.skip("there is no Playwright: pip install playwright")
    program = os.environ.get("PALABRE_CHROMIUM") or next(
        filter(None, map(shutil.which, PROGRAMS)), None
    )
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=program)
        except Error as error:
            pytest.skip(f"there is no browser: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def browser_page(site_address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a page of the test's site: ``browser_page.goto("/")``; skip where no browser is.

    A fixture ``browser``, of the suite or of pytest-playwright, is used where there is one.
    """
    try:
        browser = request.getfixturevalue("browser")  # Playwright runs once in a process
    except pytest.FixtureLookupError:
        browser = request.getfixturevalue("palabre_browser")
    context = browser.new_context(base_url=site_address)
    yield context.new_page()
    context.close()
