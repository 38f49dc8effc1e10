"""Tell which groups of tests did not run, and how to mend that.

A group is a marker.
A test that lacks its means (a browser, Java, …) is skipped through ``lacking``.
A group ran when at least one of its tests was called and none was skipped.
"""

import os
from collections.abc import Mapping
from typing import NoReturn

import pytest

MENDS: Mapping[str, str] = {
    "browser": "apt-get install chromium libatomic1 (or name a Chromium in PALABRE_CHROMIUM)",
    "html": "apt-get install default-jre-headless (or any Java from version 11 on)",
    "material": "lay the real material at ../shared/data, beside the repository",
    "postgres": "make install",
    "slow": "make test",
    "wheel": "make test",
}


def lacking(group: str, what: str) -> NoReturn:
    """Skip a test whose group lacks its means."""
    pytest.skip(f"{group}: {what}; to mend it: {MENDS[group]}")


class Groups:
    """A pytest plugin that counts what ran and closes with what did not."""

    def __init__(self, required: set[str]) -> None:
        self.required = required
        self.ran: set[str] = set()
        self.skipped: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one phase of a test: a skip in any of them, a run when it was called."""
        for group in MENDS.keys() & report.keywords.keys():
            if report.skipped and not hasattr(report, "wasxfail"):
                self.skipped.setdefault(group, _reason(report))
            elif report.when == "call":
                self.ran.add(group)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail where a required group did not run."""
        is_worker = hasattr(session.config, "workerinput")
        if self.required & self.missing().keys() and not is_worker:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self) -> None:
        """Write the last lines of the run, below pytest's own."""
        for group, reason in sorted(self.missing().items()):
            print(f"Did not run: {group} ({reason}). To mend it: {MENDS[group]}")

    def missing(self) -> dict[str, str]:
        """Name the groups that did not run, each with the reason."""
        unselected = dict.fromkeys(self.required - self.ran, "none of its tests was called")
        return unselected | self.skipped


def required_groups() -> set[str]:
    """Read which groups must run: ``all``, or names with commas, in PALABRE_REQUIRE_GROUPS."""
    names = os.environ.get("PALABRE_REQUIRE_GROUPS", "")
    return set(MENDS) if names == "all" else set(filter(None, names.split(",")))


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    own = text.removeprefix("Skipped: ").partition("; to mend it: ")[0]
    return own.partition(": ")[2] or own
