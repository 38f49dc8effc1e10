"""Run the tests beside each bundled plugin alone, and beside all but each, and show a table.

``scripts/matrix.py spam all-but:spam -- -n auto`` runs these two only; pytest gets the rest.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from defusedxml import ElementTree

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.beside import ALL_BUT, BUNDLED  # noqa: E402 - it lies beside this folder

# A test of these groups measures time or brings means of its own; a plugin changes none of that.
UNCHANGED = "not slow and not alone and not browser and not html"


class Ran(NamedTuple):
    """Hold how the tests ended in one kind of site."""

    beside: str
    passed: int
    failed: list[str]
    skipped: int
    seconds: float


def main(words: list[str]) -> None:
    """Run every site that is asked for, and fail where a test failed."""
    own, more = cut(words)
    print(f"{'beside':<22} passed failed skipped seconds", flush=True)
    ran = [show(run(one, more)) for one in own or whole()]
    broken = [f"{one.beside}: {name}" for one in ran for name in one.failed]
    sys.exit("\n".join(["Failed:", *broken]) if broken else 0)


def cut(words: list[str]) -> tuple[list[str], list[str]]:
    """Part the sites that are asked for from what pytest gets."""
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def whole() -> list[str]:
    """Name each bundled plugin alone, and all but each."""
    return [*BUNDLED, *(f"{ALL_BUT}{name}" for name in BUNDLED)]


def places() -> list[str]:
    """Name the tests of core and platform; those of a plugin say themselves what it meets."""
    core = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/test_*.py"))
    return [*core, "tests/platform"]


def run(beside: str, more: list[str]) -> Ran:
    """Run the tests with these plugins on in every site."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        options = ["-q", "-m", UNCHANGED, "--beside", beside, f"--junitxml={report}", *more]
        command = [sys.executable, "-m", "pytest", *options, *places()]
        said = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if not report.exists():
            return Ran(beside, 0, [said.stdout[-2000:]], 0, 0.0)
        return read(beside, next(ElementTree.parse(report).iter("testsuite")))


def read(beside: str, suite: Element) -> Ran:
    """Read pytest's own report."""
    tests = suite.findall("testcase")
    failed = [
        f"{one.get('classname')}::{one.get('name')}"
        for one in tests
        if one.find("failure") is not None or one.find("error") is not None
    ]
    skipped = sum(one.find("skipped") is not None for one in tests)
    passed = len(tests) - len(failed) - skipped
    return Ran(beside, passed, failed, skipped, float(suite.get("time", "0")))


def show(ran: Ran) -> Ran:
    """Write the line of one site as soon as it is known, and what failed in it."""
    numbers = f"{ran.passed:>6} {len(ran.failed):>6} {ran.skipped:>7} {ran.seconds:>7.0f}"
    print(
        "\n".join([f"{ran.beside:<22} {numbers}", *(f"  {one}" for one in ran.failed)]), flush=True
    )
    return ran


if __name__ == "__main__":
    main(sys.argv[1:])
