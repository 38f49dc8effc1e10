"""Make the pictures of the documentation: our own article, in a browser, in its light colours.

Run it as ``python -m scripts.pictures``; it needs a Chromium.
"""

import subprocess
import sys
import tempfile
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Response, ViewportSize
from werkzeug.serving import make_server

from blog.site import Site
from tests.services import chromium

ROOT = Path(__file__).resolve().parent.parent
EXPORT = ROOT / "tests" / "material" / "article.wxr.xml"
PICTURE = ROOT / "docs" / "images" / "post.png"
ADDRESS = "/2026/10/une-bibliotheque-sous-le-fromager/"
PHONE: ViewportSize = {"width": 400, "height": 680}
SHEET = """
body { margin: 0 }
div { display: inline-flex; gap: 20px; padding: 20px; background: #e7e1d6 }
img { display: block; border-radius: 12px }
"""
MOST_BYTES = 150_000


def main() -> None:
    """Take a picture of the article and, beside it, of its thread."""
    program = chromium.find()
    if program is None:
        sys.exit("there is no Chromium on this machine")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(make(Path(folder))) as address,
        chromium.launch(program) as browser,
    ):
        phone = browser.new_page(viewport=PHONE, color_scheme="light")
        phone.on("response", require_well)
        phone.goto(address + ADDRESS, wait_until="networkidle")
        text = phone.screenshot()
        phone.locator("#comments").evaluate("one => one.scrollIntoView()")
        write(lay_out(browser.new_page(), text, phone.screenshot()))


def require_well(response: Response) -> None:
    """Refuse a picture of a page that lacks something."""
    if not response.ok:
        sys.exit(f"{response.status}: {response.url}")


def lay_out(sheet: Page, *pictures: bytes) -> bytes:
    """Put pictures side by side on a sheet."""
    sources = [f"data:image/png;base64,{b64encode(one).decode()}" for one in pictures]
    images = "".join(f'<img src="{source}" alt="">' for source in sources)
    sheet.set_content(f"<style>{SHEET}</style><div>{images}</div>")
    return sheet.locator("div").screenshot()


def write(picture: bytes) -> None:
    """Keep the picture, if it is small enough to be loaded with a page."""
    if len(picture) > MOST_BYTES:
        sys.exit(f"{PICTURE.name} would have {len(picture)} bytes; at most {MOST_BYTES}")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_bytes(picture)


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
