"""Changes under load: nothing fails, nothing is mixed, and each worker follows."""

from pathlib import Path

import pytest

from benchmarks import changes
from blog.site import WAIT_SECONDS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> changes.Figures:
    """Change a site under load, fewer times than the benchmark does."""
    folder: Path = tmp_path_factory.mktemp("changes")
    return changes.measure(folder / "site", 20)


def test_no_answer_fails(figures: changes.Figures) -> None:
    assert figures.answers > 100
    assert figures.failed == []


def test_no_page_or_stream_mixes_two_generations(figures: changes.Figures) -> None:
    assert len(figures.shown) > 20
    assert figures.mixed == 0


def test_every_worker_is_current_within_the_bound(figures: changes.Figures) -> None:
    assert figures.firsts == 20 * changes.WORKERS
    assert [one for one in figures.late if one > WAIT_SECONDS] == []
