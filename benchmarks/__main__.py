"""Run every measurement and print each figure beside its bound."""

import re
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
from http.client import HTTPConnection
from pathlib import Path

from benchmarks import dispatch, serving, sites
from benchmarks.figures import MISSED, say
from blog import PostRow
from blog.folder import DATABASE
from blog.testing import SiteUnderTest, hidden_fields

PAIRS = 5
SECONDS = 4.0
MANY = 100_000


def main() -> None:
    """Measure speed, start, memory, bytes, statements and comments taken."""
    many = 5_000 if "--quick" in sys.argv else MANY
    with tempfile.TemporaryDirectory() as name, sites.fresh(Path(name) / "site") as made:
        folder = made.instance
        post = sites.write(made, "Sous l’arbre", 50)
        sites.settle(made)
        compare(folder, post.path)
        start(folder)
        memory(folder, post.path)
        wire(folder, post.path)
        statements(folder, many)
        comments(folder, post)
    dispatch.measure(quick="--quick" in sys.argv)
    if MISSED:
        sys.exit(f"Missed: {', '.join(MISSED)}.")


def compare(folder: Path, path: str) -> None:
    """Serve the post with 50 comments, beside the by-hand reference."""
    environ = sites.environment(folder)
    ratios, rates = [], []
    with (
        serving.palabre(environ) as (ours, _),
        serving.reference(environ, folder / DATABASE) as (theirs, _),
    ):
        same(serving.fetch(ours, path).decode(), serving.fetch(theirs, path).decode())
        for port in (ours, theirs):
            serving.requests_a_second(port, path, 1)
        for _ in range(PAIRS):
            mine = serving.requests_a_second(ours, path, SECONDS)
            other = serving.requests_a_second(theirs, path, SECONDS)
            ratios.append(mine / other)
            rates.append((mine, other))
    mine, other = (statistics.median(one) for one in zip(*rates, strict=True))
    say("50 comments, requests a second", f"{mine:.0f} to {other:.0f} of the reference")
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    say("of the reference", f"{statistics.median(ratios):.2f} ({spread})", least=0.65)


def same(ours: str, theirs: str) -> None:
    """Say how far the reference's page is from ours, element by element."""
    mine, other = (re.findall(r"<(\w+)", one) for one in (ours, theirs))
    say("elements of the page", f"{len(mine)} and {len(other)} in the reference")
    say("bytes of the page", f"{len(ours.encode())} and {len(theirs.encode())}")


def start(folder: Path) -> None:
    """Time a server from nothing to its first answer; most of it is importing the libraries."""
    environ = sites.environment(folder)
    ours, theirs = [], []
    for _ in range(PAIRS):
        started = time.monotonic()
        with serving.palabre(environ):
            ours.append(time.monotonic() - started)
        started = time.monotonic()
        with serving.reference(environ, folder / DATABASE):
            theirs.append(time.monotonic() - started)
    say("start of the reference", f"{statistics.median(theirs):.2f} s")
    say("start to first answer", f"{statistics.median(ours):.2f} s", most=1)


def memory(folder: Path, path: str) -> None:
    """Weigh two workers that have answered."""
    with serving.palabre(sites.environment(folder), workers=2) as (port, pid):
        serving.requests_a_second(port, path, 3, clients=4)
        say("memory with two workers", f"{serving.memory(pid):.0f} MB", most=120)


def wire(folder: Path, path: str) -> None:
    """Add up the page, its style and its scripts, compressed."""
    gzip = {"Accept-Encoding": "gzip"}
    with serving.palabre(sites.environment(folder)) as (port, _):
        page = serving.fetch(port, path).decode()
        found = re.findall(r'(?:src|href)="(/assets/[^"#]+\.(?:js|css|svg))', page)
        sizes = {name: len(serving.fetch(port, name, gzip)) for name in dict.fromkeys(found)}
        total = len(serving.fetch(port, path, gzip)) + sum(sizes.values())
    say("page, style, scripts and signs over the wire", f"{total / 1000:.1f} kB", most=35)


def statements(folder: Path, many: int) -> None:
    """Count the SQL statements of the page at 10 comments and at very many."""
    under_test = SiteUnderTest(folder, {})
    few = sites.write(under_test.wsgi, "Peu", 10)
    lots = sites.write(under_test.wsgi, "Beaucoup", many)
    counts = {size: under_test.statements(post.path) for size, post in ((10, few), (many, lots))}
    times = {size: _milliseconds(under_test, post.path) for size, post in ((10, few), (many, lots))}
    under_test.close()
    for size, count in counts.items():
        say(f"statements at {size} comments", f"{count}, {times[size]:.1f} ms", most=8)


def comments(folder: Path, post: PostRow) -> None:
    """Send comments as readers do and count those taken, with the spam plugin on."""
    with serving.palabre(sites.environment(folder)) as (port, _):
        form = hidden_fields(serving.fetch(port, post.path).decode())
        taken = [0, 0]
        until = time.monotonic() + 8

        def send(index: int) -> None:
            connection = HTTPConnection(serving.HOST, port)
            while time.monotonic() < until:
                text = f"Bonjour {index} {taken[index]} {sites.SENTENCE}"
                body = urllib.parse.urlencode({**form, "comment": text, "author": f"Afi {index}"})
                headers = {"Content-Type": "application/x-www-form-urlencoded"}
                connection.request("POST", f"/comments/{post.id}", body, headers)
                answer = connection.getresponse()
                answer.read()
                taken[index] += answer.status == 303

        threads = [threading.Thread(target=send, args=(index,)) for index in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    say("comments taken a second, spam plugin on", f"{sum(taken) / 8:.0f}")


def _milliseconds(under_test: SiteUnderTest, path: str) -> float:
    times = []
    for _ in range(20):
        started = time.perf_counter()
        under_test.get(path, buffered=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
