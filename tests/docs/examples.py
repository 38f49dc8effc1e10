"""Read the examples of a page in their order.

Examples are fenced blocks. A title names the file that a block is; ``shell`` blocks hold commands
that run, ``sh`` blocks those that a person runs. Comments that readers do not see say what must
be true then: ``GET PATH shows: TEXT``, ``COMMENT on PATH becomes STATUS (REASON): TEXT``.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference"),
]
STEP = re.compile(
    r'^(?P<indent> *)```(?P<kind>\w+)(?P<mark> refused)?(?: title="(?P<title>[^"]*)")?\n'
    r"(?P<text>.*?)^(?P=indent)```$"
    r"|^<!-- (?P<check>(?:GET|COMMENT|given) .*?) -->$",
    re.MULTILINE | re.DOTALL,
)


class Step(NamedTuple):
    """Hold a block or a check: its kind, the file it is, its text, and its line in the page."""

    kind: str
    title: str
    text: str
    line: int
    refused: bool = False


def steps(page: Path) -> Iterator[Step]:
    """Give the blocks and checks of a page as they stand."""
    source = page.read_text("utf-8")
    for found in STEP.finditer(source):
        line = source.count("\n", 0, found.start()) + 1
        if found["check"]:
            yield Step("check", "", found["check"], line)
        else:
            text = re.sub(f"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
            yield Step(found["kind"], found["title"] or "", text, line, bool(found["mark"]))


def blocks(kind: str) -> list[tuple[Path, Step]]:
    """Give every block of a kind with its page."""
    return [(page, step) for page in PAGES for step in steps(page) if step.kind == kind]
