"""Change a site again and again under load: nothing fails, nothing is mixed, memory stays."""

import http.client
import itertools
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import serving, sites
from blog.db import writing
from blog.platform import lifecycle, states
from blog.site import WAIT_SECONDS, Site

WORKERS = 4
MARK = re.compile(r"mark:(\d+):([^:]*):([a-z-]*):(\d+)!")
TITLE = re.compile(r"<title>.*?(title-\d+)</title>", re.DOTALL)
# The same words from two ends of a page, with what only one generation can have together.
PLUGIN = """# /// plugin
# title = "{title}"
# version = "1.0"
# api = 1
# reach.routes = ["/{name}/stream"]
# ///
import os
import time

from flask import Blueprint, Response
from markupsafe import Markup
from wtforms import StringField

from blog import SettingsForm, generation, hookimpl, settings

bp = Blueprint("{name}", __name__)


class Settings(SettingsForm):
    word = StringField("Word", default="none")


def mark():
    current = generation()
    order = "-".join(one.name for one in current.plugins if one.name in ("marks", "more"))
    return f"mark:{{current.number}}:{{settings['{name}'].word}}:{{order}}:{{os.getpid()}}!"


@bp.get("/{name}/stream")
def stream():
    def pieces():
        for _ in range(8):
            yield mark() + "\\n"
            time.sleep(0.02)
    return Response(pieces(), mimetype="text/plain")


@hookimpl
def routes():
    return bp


@hookimpl
def slot_head(post):
    return Markup(f'<meta name="{name}" content="{{mark()}}">')


@hookimpl
def slot_footer(post):
    return Markup(f"<p>{{mark()}}</p>")
"""


@dataclass(frozen=True)
class Shown:
    """Hold what one answer showed, from each place where it showed it."""

    numbers: frozenset[int]
    words: frozenset[tuple[str, str]]
    title: str


@dataclass
class Figures:
    """Hold what was measured."""

    changes: int = 0
    answers: int = 0
    failed: list[str] = field(default_factory=list)
    shown: set[Shown] = field(default_factory=set)
    mixed: int = 0
    late: list[float] = field(default_factory=list)
    firsts: int = 0
    memory: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Changes:
    """Change the site by turns, and remember which number has what."""

    def __init__(self, made: Site) -> None:
        self.made = made
        self.word, self.title, self.first, self.on = "none", "title-0", "marks", True
        self.known: dict[int, tuple[str, str, str]] = {}
        turns = (self._set, self._toggle, self._name, self._toggle, self._sort)
        self._turns = itertools.cycle(turns)

    def begin(self) -> None:
        """Bring the site into the state that the first change starts from."""
        for name in ("marks", "more"):
            source = PLUGIN.format(name=name, title=name.title()).replace("['more']", "['marks']")
            (self.made.instance / "plugins" / f"{name}.py").write_text(source, "utf-8")
            with self.made.database_only():
                lifecycle.enable(self.made.database, self.made.instance, name, probing=False)
        with self.made.database_only():
            lifecycle.store("core", {"title": self.title})
            self._sort(0)
            self._sort(0)
            self.remember(states.current_number())
        self.made.housekeep()

    def next(self, index: int) -> int:
        """Make one change; give the number that it has."""
        with self.made.database_only():
            next(self._turns)(index)
            number = states.current_number()
            self.remember(number)
        return number

    def remember(self, number: int) -> None:
        """Keep what pages of this number show."""
        both = ("marks", "more") if self.first == "marks" else ("more", "marks")
        self.known[number] = self.title, self.word, "-".join(both if self.on else ("marks",))

    def is_mixed(self, shown: Shown) -> bool:
        """Tell whether an answer is not of one generation as it was made."""
        if len(shown.numbers) != 1 or len(shown.words) != 1:
            return True
        number = max((one for one in self.known if one <= min(shown.numbers)), default=0)
        word, order = next(iter(shown.words))
        title = shown.title or self.known[number][0]
        return (title, word, order) != self.known[number]

    def _set(self, index: int) -> None:
        self.word = f"word-{index}"
        lifecycle.store("marks", {"word": self.word})

    def _name(self, index: int) -> None:
        self.title = f"title-{index}"
        lifecycle.store("core", {"title": self.title})

    def _toggle(self, _index: int) -> None:
        self.on = not self.on
        if self.on:
            lifecycle.enable(self.made.database, self.made.instance, "more", probing=False)
        else:
            lifecycle.disable(self.made.instance, "more")

    def _sort(self, _index: int) -> None:
        self.first = "more" if self.first == "marks" else "marks"
        with writing() as write:
            for name in ("marks", "more"):
                states.of(write, name).position = 1 if name == self.first else 2
            states.bump(write)


def measure(folder: Path, changes: int) -> Figures:
    """Serve a site with four workers, and change it while it is read."""
    figures = Figures(changes)
    with sites.fresh(folder) as made:
        post = sites.write(made, "Sous l’arbre", 20)
        change = Changes(made)
        change.begin()
        with (
            serving.palabre(sites.environment(folder), WORKERS) as (port, _),
            _reading(port, ("/", post.path, "/marks/stream"), figures),
        ):
            _change(port, change, changes, figures)
    figures.mixed = sum(change.is_mixed(one) for one in figures.shown)
    return figures


@contextmanager
def _reading(port: int, paths: Iterable[str], figures: Figures) -> Iterator[None]:
    stopped = threading.Event()
    readers = [
        threading.Thread(target=_read, args=(port, path, stopped, figures)) for path in paths
    ]
    for one in readers:
        one.start()
    try:
        yield
    finally:
        stopped.set()
        for one in readers:
            one.join()


def _change(port: int, change: Changes, changes: int, figures: Figures) -> None:
    """Change, and look at the first answer of each worker after that."""
    workers = Workers(port)
    started = time.monotonic()
    for index in range(1, changes + 1):
        number = change.next(index)
        changed = time.monotonic()
        for pid in list(workers.connections):
            figures.firsts += 1
            workers.asked = 0
            while workers.number(pid) < number:
                time.sleep(0.01)
                if time.monotonic() > changed + 30:
                    raise TimeoutError(f"worker {pid} never had {number}")
            # Within the first answer, or after one that was older.
            if workers.asked > 1:
                figures.late.append(time.monotonic() - changed)
        if index % max(1, changes // 10) == 0:
            time.sleep(2.5)  # housekeeping, which gives back what is not needed
            figures.memory.append(sum(_resident(pid) for pid in workers.connections))
    figures.seconds = time.monotonic() - started
    workers.close()


class Workers:
    """Hold a connection to each worker."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked = 0
        self.connections: dict[int, http.client.HTTPConnection] = {}
        self._find()

    def number(self, pid: int) -> int:
        """Ask a worker for a page; give the number that it shows."""
        self.asked += 1
        try:
            _, page = _ask(self.connections[pid], "/")
        except (OSError, http.client.HTTPException):
            self._find()  # it closes a connection that was not used for a while
            _, page = _ask(self.connections[pid], "/")
        return min(int(one[0]) for one in MARK.findall(page))

    def close(self) -> None:
        """Close the connections."""
        for one in self.connections.values():
            one.close()

    def _find(self) -> None:
        until = time.monotonic() + 30
        found: dict[int, http.client.HTTPConnection] = {}
        while len(found) < WORKERS:
            connection = http.client.HTTPConnection(serving.HOST, self.port, timeout=30)
            _, page = _ask(connection, "/")
            pid = int(MARK.findall(page)[0][3])
            if pid in found:
                connection.close()
            else:
                found[pid] = connection
            if time.monotonic() > until:
                raise TimeoutError("not every worker answers")
        self.connections = found


def _read(port: int, path: str, stopped: threading.Event, figures: Figures) -> None:
    connection = http.client.HTTPConnection(serving.HOST, port, timeout=30)
    while not stopped.is_set():
        try:
            status, page = _ask(connection, path)
        except (OSError, http.client.HTTPException) as error:
            figures.failed.append(f"{path}: {error!r}")
            connection.close()
            continue
        figures.answers += 1
        marks = MARK.findall(page)
        if status != 200 or not marks or not page.rstrip().endswith(("</html>", "!")):
            figures.failed.append(f"{path}: {status}")
            continue
        title = TITLE.search(page)
        figures.shown.add(
            Shown(
                frozenset(int(one[0]) for one in marks),
                frozenset((one[1], one[2]) for one in marks),
                title[1] if title else "",
            )
        )
    connection.close()


def _ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def report(figures: Figures) -> Iterator[str]:
    """Give the figures, one a line."""
    yield f"{figures.changes} changes in {figures.seconds:.0f} s, {WORKERS} workers"
    yield f"answers {figures.answers}, failed {len(figures.failed)} {figures.failed[:3]}"
    yield f"pages that mix generations {figures.mixed} of {len(figures.shown)} kinds"
    worst = f", the last after {max(figures.late):.2f} s" if figures.late else ""
    yield f"first answers of a worker {figures.firsts}, older {len(figures.late)}{worst}"
    shown = " ".join(f"{one:.0f}" for one in figures.memory)
    yield f"memory of the workers in MB, by tenths of the changes: {shown}"


def is_good(figures: Figures) -> bool:
    """Tell whether the figures are what is promised."""
    return (
        not figures.failed
        and not figures.mixed
        and all(one <= WAIT_SECONDS for one in figures.late)
    )


def main() -> None:
    """Measure 1,000 changes; 100 with ``--quick``."""
    changes = 100 if "--quick" in sys.argv else 1000
    with tempfile.TemporaryDirectory() as name:
        figures = measure(Path(name) / "site", changes)
    for line in report(figures):
        print(line)
    if not is_good(figures):
        sys.exit("Missed.")


if __name__ == "__main__":
    main()
