"""A phone far from a mast: 400 kbit/s, 400 ms away, a processor six times slower."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from blog.rows import PostRow
from blog.testing import SiteUnderTest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alone]
LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
SLOWER = 6
SECONDS = 3
BYTES = 30_000
ATTEMPTS = 3
WORDS = "La place est calme à cette heure, et chacun prend la parole quand il veut. " * 4
OBSERVE = """
window.__shift = 0; window.__paint = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.__shift += one.value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.__paint = one.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""
MEASURE = """() => {
  const asked = performance.getEntriesByType("resource");
  const page = performance.getEntriesByType("navigation")[0];
  const first = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  return {
    paint: Math.max(first, window.__paint),
    shift: window.__shift,
    text: document.querySelector(".entry-content p").getBoundingClientRect().top,
    comments: document.querySelectorAll("li.comment").length,
    bytes: [page, ...asked.filter((one) => /[.](css|js)$/.test(one.name))]
      .reduce((sum, one) => sum + one.transferSize, 0),
  };
}"""


@pytest.fixture
def talk(site: SiteUnderTest) -> PostRow:
    """Give a post that fifty people talk about, some answering others."""
    post = site.write_post("Sous l’arbre", "\n\n".join([WORDS] * 4), author="Afi")
    parent = None
    for number in range(50):
        answered = parent if number % 3 else None
        parent = site.write_comment(
            post, f"{number} {WORDS[: 40 + number * 3]}", parent=answered, author=f"Ama {number}"
        )
    return post


@pytest.fixture
def measured(browser: Browser, address: str, talk: PostRow) -> Callable[[], dict[str, float]]:
    """Open the post for the first time on a slow line, and tell how it went."""

    def measure() -> dict[str, float]:
        context = browser.new_context(viewport={"width": 360, "height": 740})
        page = context.new_page()
        page.add_init_script(OBSERVE)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(f"{address}{talk.path}", wait_until="networkidle")
        page.wait_for_timeout(300)
        found: dict[str, float] = page.evaluate(MEASURE)
        context.close()
        return found

    return measure


def test_the_text_can_be_read_within_three_seconds(
    measured: Callable[[], dict[str, float]],
) -> None:
    """A shared machine may be busy: the best of a few attempts counts."""
    best = 60.0
    for _attempt in range(ATTEMPTS):
        found = measured()
        assert found["comments"] == 50
        assert found["text"] < 740, "the text is not on the first screen"
        best = min(best, found["paint"] / 1000)
        if best < SECONDS:
            break

    print(f"text painted after {best:.2f} s")
    assert best < SECONDS


def test_nothing_moves_while_it_loads(measured: Callable[[], dict[str, float]]) -> None:
    assert measured()["shift"] == 0


def test_the_page_with_style_and_script_is_small(
    measured: Callable[[], dict[str, float]],
) -> None:
    found = measured()

    print(f"{found['bytes']:.0f} bytes over the wire")
    assert found["bytes"] <= BYTES
