"""The report: failures of every process add up, whatever they say."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, text

from blog.db import Base, Database, session, writing
from blog.models import PluginError
from blog.platform.report import LOAD, Report


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    Base.metadata.create_all(made.writer)
    with made.bound():
        yield made
    made.dispose()


def counts() -> dict[tuple[str, str], int]:
    rows = session.execute(select(PluginError.plugin, PluginError.hook, PluginError.count))
    return {(plugin, hook): count for plugin, hook, count in rows}


def test_failures_of_several_processes_add_up(database: Database) -> None:
    for _ in range(3):
        report = Report()
        for _ in range(2):
            report.failed("links", "slot_head", RuntimeError("no"))
        report.flush()

    assert counts() == {("links", "slot_head"): 6}


def test_the_last_message_and_traceback_are_kept(database: Database) -> None:
    report = Report()
    for word in ("first", "last"):
        try:
            raise RuntimeError(word)
        except RuntimeError as error:
            report.failed("links", "slot_head", error)
    report.flush()

    row = session.scalars(select(PluginError)).one()
    assert row.message == "RuntimeError: last"
    assert "test_report.py" in row.traceback


def test_nothing_that_an_error_says_keeps_it_from_being_written(database: Database) -> None:
    report = Report()
    report.failed("links", "route " + "x" * 200, RuntimeError("\0 \ud800 " + "é" * 9000))
    report.flush()

    assert list(counts().values()) == [1]


def test_what_cannot_be_written_now_is_written_later(database: Database) -> None:
    report = Report()
    report.failed("links", "slot_head", RuntimeError("no"))
    with writing() as write:
        write.execute(text("ALTER TABLE plugin_error RENAME TO elsewhere"))
    with pytest.raises(Exception, match="plugin_error"):
        report.flush()
    with writing() as write:
        write.execute(text("ALTER TABLE elsewhere RENAME TO plugin_error"))
    report.failed("links", "slot_head", RuntimeError("no"))
    report.flush()

    assert counts() == {("links", "slot_head"): 2}


def test_a_plugin_that_loads_again_is_forgotten_as_left_out(database: Database) -> None:
    report = Report()
    report.failed("links", "slot_head", RuntimeError("no"))
    report.loaded({"links": "cannot be imported", "ties": "cannot be imported"})
    report.flush()
    report.loaded({"ties": "cannot be imported"})
    report.flush()

    assert set(counts()) == {("links", "slot_head"), ("ties", LOAD)}


def test_a_flush_without_news_writes_nothing(database: Database) -> None:
    report = Report()
    report.loaded({})
    with writing() as write:
        write.execute(delete(PluginError))
        report.flush()  # a write inside a write would be refused


class Noted(Exception):
    """Cannot say what was noted beside it."""

    @property
    def __notes__(self) -> list[str]:  # type: ignore[override]
        raise ValueError("no words")


UNSHOWN = [Noted("no"), SyntaxError("x", ("f", 1, 2, 12345))]  # type: ignore[arg-type]


@pytest.mark.parametrize("error", UNSHOWN, ids=lambda one: type(one).__name__)
def test_an_error_that_cannot_be_shown_is_recorded_by_its_name(
    database: Database, error: Exception
) -> None:
    report = Report()
    try:
        raise error
    except Exception as raised:
        report.failed("links", "slot_head", raised)
    report.flush()

    row = session.scalars(select(PluginError)).one()
    assert type(error).__name__ in row.message
    assert "test_report.py" in row.traceback
