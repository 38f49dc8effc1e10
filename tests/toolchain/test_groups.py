"""A run closes by naming the groups of tests that did not run."""

from pathlib import Path

import pytest

from tests.groups import MENDS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TESTS = """
import pytest
from tests.groups import lacking

@pytest.mark.html
def test_checked():
    lacking("html", "there is no Java")

@pytest.mark.slow
def test_slow():
    pass
"""
CONFTEST = """
import os
from tests.groups import Groups, required_groups

def pytest_configure(config):
    for name in ("html", "slow"):
        config.addinivalue_line("markers", name)
    config.pluginmanager.register(Groups(required_groups()))
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Make a project whose HTML tests lack their means."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PALABRE_REQUIRE_GROUPS", raising=False)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)
    return pytester


def test_last_line_names_the_group_and_its_mend(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess()

    assert result.outlines[-1] == (
        f"Did not run: html (there is no Java). To mend it: {MENDS['html']}"
    )


def test_a_group_that_did_not_run_passes_unless_required(project: pytest.Pytester) -> None:
    assert project.runpytest_subprocess().ret == 0


def test_a_required_group_that_was_skipped_fails_the_run(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALABRE_REQUIRE_GROUPS", "html")

    assert project.runpytest_subprocess().ret == 1


def test_a_required_group_without_a_test_fails_the_run(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALABRE_REQUIRE_GROUPS", "wheel")

    assert project.runpytest_subprocess().ret == 1


def test_a_required_group_that_ran_passes(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALABRE_REQUIRE_GROUPS", "slow")

    assert project.runpytest_subprocess().ret == 0
