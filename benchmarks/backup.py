"""Back a site with many comments up under load: `python -m benchmarks.backup [COMMENTS]`.

Prints how long the archive takes, the memory of the command, what readers and writers wait
meanwhile, and whether what was restored is equal by count and hash; then kills a backup half-way.
"""

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from benchmarks import sites
from benchmarks.serving import HOST, palabre
from blog.testing import hidden_fields

PROGRAM = str(Path(sys.executable).parent / "palabre")
# What says of the site itself what was done to it differs between it and its copy.
APART = ("site_state", "plugin", "plugin_cost", "plugin_error", "job")
KILLED_AFTER = 0.5


class Load(threading.Thread):
    """Ask for a page, or post comments, again and again, and note how long each answer takes."""

    def __init__(self, port: int, path: str, form: Mapping[str, str] | None = None) -> None:
        super().__init__(daemon=True)
        self.port, self.path, self.form = port, path, form
        self.times: list[tuple[float, float]] = []
        self.failed = 0
        self.stopped = threading.Event()

    def run(self) -> None:
        """Ask until it is stopped."""
        connection = HTTPConnection(HOST, self.port, timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if self.form else {}
        while not self.stopped.is_set():
            began = time.monotonic()
            words = f"Encore un mot {began}"
            body = urlencode({**self.form, "comment": words, "author": "Ama"}) if self.form else ""
            connection.request("POST" if self.form else "GET", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            self.failed += answer.status >= 400
            self.times.append((began, time.monotonic() - began))

    def waited(self, since: float, until: float) -> list[float]:
        """Give the seconds of the answers of some time."""
        return [took for began, took in self.times if since <= began < until]


def command(environ: Mapping[str, str], *words: str) -> float:
    """Run a command of the shell; give its seconds."""
    began = time.monotonic()
    subprocess.run([PROGRAM, *words], env=environ, check=True, capture_output=True)
    return time.monotonic() - began


def sums(path: Path) -> dict[str, Any]:
    """Read count and hash of each table from an archive."""
    with zipfile.ZipFile(path) as archive:
        owned = json.loads(archive.read("manifest.json"))["owned"]
    tables = (table for one in owned for table in one["tables"])
    return {one["name"]: (one["rows"], one["digest"]) for one in tables if one["name"] not in APART}


def under_load(folder: Path, environ: Mapping[str, str], path: str, post: int) -> Path:
    """Back up while pages are read and comments come; print what that costs."""
    target = folder / "one.zip"
    with palabre(environ, workers=2) as (port, _):
        connection = HTTPConnection(HOST, port)
        connection.request("GET", path)
        form = hidden_fields(connection.getresponse().read().decode())
        loads = [Load(port, path), Load(port, f"/comments/{post}", form)]
        for one in loads:
            one.start()
        time.sleep(5)
        began = time.monotonic()
        took = command(environ, "backup", str(target))
        ended = time.monotonic()
        for one in loads:
            one.stopped.set()
            one.join()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    size = target.stat().st_size / 2**20
    print(f"backup under load: {took:.1f} s, {size:.1f} MB, most memory {memory:.0f} MB")
    for name, one in zip(("readers", "writers"), loads, strict=True):
        before, during = one.waited(began - 4, began), one.waited(began, ended)
        print(
            f"{name}: {len(during)} answers meanwhile, {one.failed} failed;"
            f" median {median(before) * 1000:.0f} ms before, {median(during) * 1000:.0f} ms"
            f" during, longest {max(during) * 1000:.0f} ms"
        )
    return target


def killed(environ: Mapping[str, str], target: Path) -> bool:
    """Kill a backup over a file that is there; tell whether that is whole and as it was."""
    content = target.read_bytes()
    running = subprocess.Popen([PROGRAM, "backup", str(target)], env=environ)
    until = time.monotonic() + 30
    while not list(target.parent.glob(".*.part")) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(KILLED_AFTER)
    was_running = running.poll() is None
    running.kill()
    running.wait()
    return was_running and target.read_bytes() == content


def main() -> None:
    """Make the site, and measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with sites.fresh(folder / "site") as made:
            post = sites.write(made, "La place", count)
            made.housekeep()
        environ = sites.environment(folder / "site")
        first = under_load(folder, environ, post.path, post.id)
        there = {**environ, "BLOG_INSTANCE": str(folder / "new")}
        print(f"verified: {command(environ, 'backup', str(first), '--verify'):.1f} s")
        print(f"restored: {command(there, 'restore', str(first)):.1f} s")
        second = folder / "two.zip"
        command(there, "backup", str(second))
        print(f"equal by count and hash: {sums(first) == sums(second)}")
        print(f"killed half-way, the old archive is whole: {killed(environ, first)}")


if __name__ == "__main__":
    main()
