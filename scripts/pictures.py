"""Make the pictures of the documentation: our own article, in a browser, in its light colours.

Run it as ``python -m scripts.pictures``; it needs a Chromium.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import FloatRect, Page
from werkzeug.serving import make_server

from blog.site import Site
from tests.services import chromium

ROOT = Path(__file__).resolve().parent.parent
EXPORT = ROOT / "tests" / "material" / "article.wxr.xml"
PICTURE = ROOT / "docs" / "images" / "post.png"
ADDRESS = "/2026/10/une-bibliotheque-sous-le-fromager/"
WIDTH = 760
MOST_BYTES = 150_000


def main() -> None:
    """Take a picture of the article with its thread."""
    program = chromium.find()
    if program is None:
        sys.exit("there is no Chromium on this machine")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(make(Path(folder))) as address,
        chromium.launch(program) as browser,
    ):
        page = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme="light")
        page.goto(address + ADDRESS)
        take(page)
    size = PICTURE.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{PICTURE.name} has {size} bytes; at most {MOST_BYTES}")


def take(page: Page) -> None:
    """Take the page down to the form, which is long and empty."""
    form = page.locator("#respond").bounding_box()
    if form is None:
        sys.exit(f"no form at {page.url}")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    whole: FloatRect = {"x": 0, "y": 0, "width": WIDTH, "height": form["y"]}
    page.screenshot(path=PICTURE, full_page=True, clip=whole)


def make(folder: Path) -> Path:
    """Make a French site that holds the article."""
    instance = folder / "instance"
    palabre(instance, "init", "--no-input", "--language", "fr", "--title", "Sous l’arbre")
    palabre(instance, "import", "wordpress", str(EXPORT))
    return instance


def palabre(instance: Path, *words: str) -> None:
    """Run a command of the program."""
    command = [sys.executable, "-c", "from blog.cli import main; main()"]
    subprocess.run([*command, "--instance", str(instance), *words], check=True, cwd=ROOT)


@contextmanager
def served(instance: Path) -> Iterator[str]:
    """Serve a site on a free port for as long as the block lasts."""
    site = Site(instance, environ={})
    server = make_server("127.0.0.1", 0, site, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    site.close()


if __name__ == "__main__":
    main()
