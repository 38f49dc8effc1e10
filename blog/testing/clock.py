"""Move the time of a site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from blog import db


class Clock:
    """Move the time that ``blog.now()`` gives; it goes on from there."""

    def move(self, **by: float) -> None:
        """Go forward, or back: ``clock.move(days=1)``, in the words of ``timedelta``."""
        db.clock.ahead += timedelta(**by)

    def set(self, when: datetime) -> None:
        """Go to a time, which has a zone."""
        db.clock.ahead = when - datetime.now(UTC)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Give the clock of the test's sites; it is right again after the test."""
    yield Clock()
    db.clock.ahead = timedelta()
