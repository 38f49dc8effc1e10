"""Find the system's Chromium and drive it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    # Root, containers and machines without a graphics card.
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    # A browser under test talks to the server under test and to nobody else.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--disable-quic", "--no-first-run", "--no-pings"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE [::1]",
)
# Every rule of WCAG 2.2 AA and axe's best practices; target-size is off unless it is asked for.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def find() -> str | None:
    """Name the program of an installed Chromium, or ``None``."""
    named = os.environ.get("PALABRE_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


def can_drive() -> bool:
    """Say whether Playwright's driver starts; it needs a library that a bare system lacks."""
    return subprocess.run([sys.executable, "-m", "playwright", "--version"]).returncode == 0


@contextmanager
def launch(program: str) -> Iterator[Browser]:
    """Run a headless Chromium for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


def violations(page: Page) -> list[str]:
    """Ask axe for what hinders people on this page; one line for each element concerned."""
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {rule['help']}"
        for rule in found
        for node in rule["nodes"]
    ]
