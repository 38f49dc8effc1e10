"""Dispatch: what several plugins answer becomes one, and a failure stays with who failed."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, cast

import pytest
from sqlalchemy import select, text

from blog import Draft, PostRow, Verdict, hooks, lazy_gettext, session
from blog.db import Base, Database, leave, statements, writing
from blog.kinds import Kind, hookspec
from blog.models import StoredSettings
from blog.platform.answers import fits
from blog.platform.dispatch import Hook, HookTable, Implementation, UnknownHook
from blog.platform.report import Report
from blog.rows import Cursor, ThreadPage


@hookspec(kind=Kind.FILTER, since="1.0")
def changed(value: int, other: str) -> int:  # type: ignore[empty-body]
    """Change a value."""


@hookspec(kind=Kind.COLLECT, since="1.0")
def gathered(value: int) -> str:  # type: ignore[empty-body]
    """Answer a text."""


@hookspec(kind=Kind.FIRST, since="1.0")
def found(value: int) -> str | None:
    """Answer a text, or leave it to the next."""


@hookspec(kind=Kind.JUDGE, since="1.0")
def judged(value: int) -> Verdict | Sequence[Verdict] | None:
    """Judge a value."""


@hookspec(kind=Kind.RECORD, since="1.0")
def recorded(value: int) -> None:
    """Write rows."""


@hookspec(kind=Kind.EVENT, since="1.0")
def told(value: int) -> None:
    """Hear of a value."""


SPECS = (changed, gathered, found, judged, recorded, told)


class Unspeakable(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        raise ValueError("no words")


class Panic(BaseException):
    """What compiled code raises: no Exception."""


def table(report: Report, **implementations: Sequence[Callable[..., Any]]) -> HookTable:
    """Compile hooks; implementations are given in their order and named a, b, c."""

    def implemented(spec: Callable[..., Any]) -> Iterator[Implementation]:
        for name, function in zip("abcdef", implementations.get(spec.__name__, ()), strict=False):
            code = function.__code__
            yield Implementation(name, function, code.co_varnames[: code.co_argcount])

    return HookTable([Hook.declared(spec, implemented(spec)) for spec in SPECS], report)


def shown(value: int) -> str:
    return str(value)


def publish() -> Verdict:
    return Verdict.publish()


def failing(error: BaseException) -> Callable[..., Any]:
    def fail() -> Any:
        raise error

    return fail


ERRORS = [RuntimeError("no"), SystemExit(3), Panic("no"), Unspeakable(), ValueError("\0\ud800")]


@pytest.fixture
def report() -> Report:
    return Report()


def failures(report: Report) -> list[tuple[str, str]]:
    return sorted(report._waiting)


def test_a_filter_passes_a_value_through_everyone_in_order(report: Report) -> None:
    add, double = (lambda value: value + 1), (lambda other, value: value * len(other))

    assert table(report, changed=[add, double]).changed(4, "ab") == 10
    assert table(report, changed=[double, add]).changed(4, "ab") == 9


def test_a_filter_that_answers_none_changes_nothing(report: Report) -> None:
    assert table(report, changed=[lambda: None]).changed(4, "ab") == 4


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: type(one).__name__)
def test_the_value_before_a_failing_filter_goes_on(report: Report, error: BaseException) -> None:
    hooks = table(report, changed=[lambda value: value + 1, failing(error), lambda value: -value])

    assert hooks.changed(4, "ab") == -5
    assert failures(report) == [("b", "changed")]


def test_a_filter_that_answers_another_type_changes_nothing(report: Report) -> None:
    assert table(report, changed=[lambda: "five"]).changed(4, "") == 4
    ((_, failure),) = report._waiting.values()
    assert failure.message == "hook-answer: changed must answer int, not such a str"


def test_collected_answers_carry_the_names_of_their_plugins(report: Report) -> None:
    hooks = table(report, gathered=[lambda: "x", lambda: None, shown])

    assert [tuple(one) for one in hooks.gathered(3)] == [("a", "x"), ("c", "3")]


@pytest.mark.parametrize("bad", [*map(failing, ERRORS), lambda: 5], ids=range(6))
def test_a_failing_collector_is_missing_alone(report: Report, bad: Callable[..., Any]) -> None:
    hooks = table(report, gathered=[bad, lambda: "x"])

    assert [tuple(one) for one in hooks.gathered(3)] == [("b", "x")]
    assert failures(report) == [("a", "gathered")]


def test_the_first_answer_that_is_not_none_stands(report: Report) -> None:
    asked = []
    hooks = table(report, found=[lambda: None, lambda: "b", lambda: asked.append(1)])

    assert (hooks.found(3), asked) == ("b", [])


@pytest.mark.parametrize("bad", [*map(failing, ERRORS), lambda: 5], ids=range(6))
def test_after_a_failing_answer_the_next_is_asked(report: Report, bad: Callable[..., Any]) -> None:
    hooks = table(report, found=[bad, lambda: "b"])

    assert hooks.found(3) == "b"
    assert failures(report) == [("a", "found")]


def test_every_judge_is_asked(report: Report) -> None:
    two = [Verdict.hold("one"), Verdict.spam("two")]
    hooks = table(report, judged=[lambda: None, lambda: two, publish])

    assert [(one.plugin, one.value.reason) for one in hooks.judged(1)] == [
        ("b", "one"), ("b", "two"), ("c", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        *map(failing, ERRORS),
        lambda: 5,
        lambda: "spam",
        lambda: [1],
        lambda: Verdict(cast(Any, "spam")),
    ],
    ids=range(9),
)
def test_a_failing_judge_holds(report: Report, bad: Callable[..., Any]) -> None:
    hooks = table(report, judged=[bad, publish])

    assert [one.value.action.name for one in hooks.judged(1)] == ["HOLD", "PUBLISH"]
    assert failures(report) == [("a", "judged")]


def test_a_lazy_reason_is_said_when_judging(report: Report) -> None:
    hooks = table(report, judged=[lambda: Verdict.hold(lazy_gettext("carries many links"))])

    assert type(hooks.judged(1)[0].value.reason) is str


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: type(one).__name__)
def test_after_a_failing_listener_the_others_are_told(report: Report, error: BaseException) -> None:
    heard: list[int] = []

    def hear(value: int) -> None:
        heard.append(value)

    table(report, told=[failing(error), hear]).told(3)

    assert heard == [3]
    assert failures(report) == [("a", "told")]


def test_what_a_person_types_to_stop_stops(report: Report) -> None:
    with pytest.raises(KeyboardInterrupt):
        table(report, told=[failing(KeyboardInterrupt())]).told(3)


def test_calls_and_time_are_counted_by_plugin_and_hook(report: Report) -> None:
    hooks = table(report, found=[lambda: None, lambda: time.sleep(0.01)])
    hooks.found(1)
    hooks.found(1)

    assert report.stats()["b", "found"].calls == 2
    assert report.stats()["b", "found"].seconds >= 0.02


def test_a_misspelt_call_names_the_nearest_hook(report: Report) -> None:
    with pytest.raises(UnknownHook, match="did you mean 'gathered'"):
        table(report).gathred(1)


def test_nobody_is_needed_for_any_kind(report: Report) -> None:
    hooks = table(report)

    assert (hooks.changed(4, ""), list(hooks.gathered(1)), hooks.found(1)) == (4, [], None)
    assert (list(hooks.judged(1)), list(hooks.recorded(1)), hooks.told(1)) == ([], [], None)


PAGE: Any = ThreadPage([], None, None, True)


@pytest.mark.parametrize(
    ("answer", "declared", "expected"),
    [
        ([], list[PostRow], True),
        ([1], list[PostRow], False),
        ({1}, set[int], True),
        ({"1"}, set[int], False),
        ([1], set[int], False),
        ({1: "x"}, Mapping[int, str], True),
        ({"x": "x"}, Mapping[int, str], False),
        ("text", Sequence[str], False),
        (["text"], Sequence[str], True),
        ("text", str | None, True),
        (b"text", str | None, False),
        (PAGE, ThreadPage | None, True),
        (PAGE._replace(comments=None), ThreadPage | None, False),
        (PAGE._replace(comments=[3]), ThreadPage | None, False),
        (PAGE._replace(next="x"), ThreadPage | None, False),
        (Cursor(), Cursor, True),
        ({"x": len}, Mapping[str, Callable[..., None]], True),
        ({"x": 1}, Mapping[str, Callable[..., None]], False),
        ([1, "x"], Any, True),
    ],
)
def test_answers_fit_what_is_declared(answer: Any, declared: Any, expected: bool) -> None:
    assert fits(answer, declared) is expected


# Writing


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    Base.metadata.create_all(made.writer)
    with made.bound():
        yield made
    made.dispose()


def add(owner: str) -> None:
    session.add(StoredSettings(owner=owner, data={}))


def commit_then_raise() -> None:
    add("a")
    session.commit()
    add("a2")
    session.commit()
    raise RuntimeError("no")


def roll_back() -> None:
    add("a")
    session.flush()
    session.rollback()


def add_twice() -> None:
    add("a")
    session.flush()
    session.expunge_all()
    add("a")
    session.flush()


def break_and_hide() -> None:
    try:
        add_twice()
    except Exception:
        add("a3")


def fail_in_sql() -> None:
    add("a")
    session.flush()
    session.execute(text("SELECT * FROM no_such_table"))


def close() -> None:
    add("a")
    session.flush()
    session.close()


def write_a_write() -> None:
    with writing():
        add("a")


def fail_late() -> None:
    add("core")  # a row that is there: the constraint fails when the hook is over


BROKEN = [commit_then_raise, add_twice, break_and_hide, fail_in_sql, write_a_write, fail_late]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.__name__)
def test_a_failing_record_undoes_its_own_rows_alone(
    database: Database, report: Report, broken: Callable[..., None]
) -> None:
    hooks = table(report, recorded=[broken, lambda: add("b")])
    with writing() as write:
        write.add(StoredSettings(owner="core", data={}))
        assert hooks.recorded(1) == ["a"]

    assert set(session.scalars(select(StoredSettings.owner))) == {"core", "b"}
    assert failures(report) == [("a", "recorded")]


@pytest.mark.parametrize("odd", [roll_back, close], ids=lambda one: one.__name__)
def test_what_a_record_takes_back_itself_touches_nobody_else(
    database: Database, report: Report, odd: Callable[..., None]
) -> None:
    hooks = table(report, recorded=[odd, lambda: add("b")])
    with writing() as write:
        write.add(StoredSettings(owner="core", data={}))
        assert hooks.recorded(1) == []

    assert set(session.scalars(select(StoredSettings.owner))) == {"core", "b"}


def test_what_a_record_commits_ends_with_a_write_that_fails(
    database: Database, report: Report
) -> None:
    def commit() -> None:
        add("a")
        session.commit()

    hooks = table(report, recorded=[commit])
    with pytest.raises(ZeroDivisionError):
        write_and_fail(hooks)

    assert list(session.scalars(select(StoredSettings.owner))) == []


def write_and_fail(hooks: HookTable) -> None:
    with writing():
        hooks.recorded(1)
        raise ZeroDivisionError


def test_a_record_that_writes_nothing_costs_no_statement(
    database: Database, report: Report
) -> None:
    hooks = table(report, recorded=[lambda: None, lambda: None])
    with writing() as write:
        write.execute(text("SELECT 1"))
        before = statements()
        hooks.recorded(1)
        assert statements() == before


def test_a_record_reads_what_the_write_under_way_has_written(
    database: Database, report: Report
) -> None:
    seen: list[Any] = []
    look = lambda: seen.append(session.scalar(select(StoredSettings.owner)))  # noqa: E731
    with writing() as write:
        write.add(StoredSettings(owner="core", data={}))
        table(report, recorded=[look]).recorded(1)

    assert seen == ["core"]


# Reading


def spoil() -> None:
    session.add(StoredSettings(owner="x", data={}))
    session.flush()


def leave_dirt() -> None:
    session.add(StoredSettings(owner="x", data={}))


def fail_in_read() -> None:
    session.execute(text("SELECT * FROM no_such_table"))


def spoil_and_hide() -> None:
    try:
        spoil()
    except Exception:
        return


@pytest.mark.parametrize(
    "bad", [spoil, leave_dirt, fail_in_read, spoil_and_hide], ids=lambda one: one.__name__
)
def test_a_plugin_that_spoils_the_readers_session_spoils_no_later_read(
    database: Database, report: Report, bad: Callable[..., None]
) -> None:
    table(report, gathered=[bad]).gathered(1)

    assert list(session.scalars(select(StoredSettings.owner))) == []
    leave()


def test_hooks_outside_of_a_site_say_where_to_use_them() -> None:
    with pytest.raises(RuntimeError, match="use it in a request, a command, a job"):
        hooks.posts_loaded([])


def test_drafts_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Draft("x").body = "y"  # type: ignore[misc]


def test_a_judge_without_an_end_holds(report: Report) -> None:
    hooks = table(report, judged=[lambda: repeat(Verdict.publish())])

    assert [one.value.action.name for one in hooks.judged(4)] == ["HOLD"]
    assert failures(report) == [("a", "judged")]


# Calls inside calls

AGAIN = "CalledInside"


@pytest.mark.parametrize("size", [1, 2, 6])
def test_plugins_that_call_their_own_hook_end(report: Report, size: int) -> None:
    calls = []

    def again(value: int) -> int:
        calls.append(value)
        return int(hooks.changed(value, ""))

    hooks = table(report, changed=[again] * size)

    assert hooks.changed(4, "") == 4
    assert len(calls) <= size**2
    assert {name: times for (name, _), (times, _) in report._waiting.items()} == dict.fromkeys(
        "abcdef"[:size], 1
    )
    assert all(AGAIN in failure.message for _, failure in report._waiting.values())


def test_a_plugin_is_left_out_inside_its_own_call_alone(report: Report) -> None:
    def again(value: int) -> str:
        return f"[{''.join(str(one.value) for one in hooks.gathered(value))}]"

    hooks = table(report, gathered=[shown, again, shown])

    for _ in range(2):
        assert [one.value for one in hooks.gathered(4)] == ["4", "[44]", "4"]
    assert report._waiting["b", "gathered"][0] == 2


def test_asking_one_plugin_inside_its_own_answer_ends(report: Report) -> None:
    def again(value: int) -> str:
        return f"({hooks.ask('a', 'found', value)})"

    hooks = table(report, found=[again])

    assert hooks.found(4) == "(None)"
    assert hooks.ask("a", "found", 4) == "(None)"
