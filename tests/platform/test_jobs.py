"""The outbox: work is done at least once, by one at a time, and waits for its plugin."""

import threading
from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import select, update

from blog import Job, jobs, now, session, writing
from blog.jobs import LEASE, MOST_ATTEMPTS
from blog.models import PluginError
from blog.testing import SiteUnderTest
from tests.platform.samples import put

CODE = """
from time import sleep
from blog import jobs as outbox
done = []

def remember(payload):
    done.append(payload["text"])

def fail(payload):
    raise RuntimeError("no")

def leave(payload):
    raise SystemExit

def tell(payload):
    outbox.tell(done=3, of=7)

def doze(payload):
    sleep(0.05)
    done.append(payload["text"])

@hookimpl
def jobs():
    return {"remember": remember, "fail": fail, "leave": leave, "tell": tell, "doze": doze}
"""


HANGING = """
from threading import Event
go = Event()

def hang(payload):
    go.wait(60)

@hookimpl
def jobs():
    return {"hang": hang}
"""


@pytest.fixture
def worker(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """Give a site with a plugin that has jobs."""
    site = make_site([])
    declared = ["remember", "fail", "leave", "tell", "doze"]
    put(site, "links", CODE, reach={"jobs": declared})
    return site


def ask(site: SiteUnderTest, name: str, text: str = "x") -> int:
    with site.context(), writing() as write:
        return jobs.add(write, "links", name, {"text": text})


def done(site: SiteUnderTest) -> list[str]:
    with site.context() as current:
        found: list[str] = current.plugin("links").module.done  # type: ignore[union-attr]
        return found


def row(site: SiteUnderTest, job: int) -> Job:
    with site.context():
        return session.get_one(Job, job)


def change(site: SiteUnderTest, job: int, **values: object) -> None:
    with site.context(), writing() as write:
        write.execute(update(Job).where(Job.id == job).values(**values))


def test_work_is_done_in_the_order_in_which_it_came(worker: SiteUnderTest) -> None:
    for text in "abc":
        ask(worker, "remember", text)
    worker.work()

    assert done(worker) == ["a", "b", "c"]
    assert not worker.wsgi.work()


def test_work_that_was_undone_with_its_transaction_is_never_done(worker: SiteUnderTest) -> None:
    with worker.context(), pytest.raises(ZeroDivisionError):
        add_and_fail()
    worker.work()

    assert done(worker) == []


def add_and_fail() -> None:
    with writing() as write:
        jobs.add(write, "links", "remember", {"text": "x"})
        raise ZeroDivisionError


@pytest.mark.parametrize("name", ["fail", "leave", "unheard"])
def test_work_that_fails_is_put_back_with_the_reason_and_waits_longer_each_time(
    worker: SiteUnderTest, name: str
) -> None:
    job, waits = ask(worker, name), []
    for _ in range(3):
        change(worker, job, run_at=now())
        assert worker.wsgi.work()
        found = row(worker, job)
        assert found.done_at is None
        assert found.error
        waits.append(found.run_at - now())
    assert not worker.wsgi.work()

    assert waits == sorted(waits)
    assert waits[2] > 2 * waits[0]
    worker.wsgi.housekeep()
    with worker.context():
        assert session.scalar(select(PluginError.hook)) == f"job {name}"


def test_work_that_fails_too_often_is_given_up_with_the_reason(worker: SiteUnderTest) -> None:
    job = ask(worker, "fail")
    change(worker, job, attempts=MOST_ATTEMPTS - 1)
    worker.work()

    found = row(worker, job)
    assert found.done_at is not None
    assert "no" in found.error


def test_work_that_ended_its_process_each_time_is_given_up(worker: SiteUnderTest) -> None:
    job = ask(worker, "remember")
    change(worker, job, attempts=MOST_ATTEMPTS)
    worker.work()

    assert done(worker) == []
    assert "ended its process" in row(worker, job).error


def test_work_under_way_is_leased_and_taken_again_when_its_lease_ends(
    worker: SiteUnderTest,
) -> None:
    job = ask(worker, "remember")
    change(worker, job, run_at=now() + LEASE, attempts=1)  # as a process that died leaves it
    worker.work()
    assert done(worker) == []

    change(worker, job, run_at=now() - timedelta(seconds=1))
    worker.work()

    assert done(worker) == ["x"]


def test_work_says_how_far_it_has_come(worker: SiteUnderTest) -> None:
    job = ask(worker, "tell")
    worker.work()

    assert row(worker, job).progress == {"done": 3, "of": 7}


def test_the_work_of_a_plugin_that_is_off_waits_until_it_is_on(worker: SiteUnderTest) -> None:
    job = ask(worker, "remember")
    worker.disable("links")
    for _ in range(MOST_ATTEMPTS + 1):
        assert not worker.wsgi.work()
    assert row(worker, job).attempts == 0

    worker.enable("links")
    worker.work()

    assert done(worker) == ["x"]


def test_two_workers_take_each_piece_once(worker: SiteUnderTest) -> None:
    texts = [str(number) for number in range(12)]
    for text in texts:
        ask(worker, "doze", text)
    others = [SiteUnderTest(worker.instance, worker.environ) for _ in range(2)]

    def run(site: SiteUnderTest) -> None:
        while site.wsgi.work():
            pass

    threads = [threading.Thread(target=run, args=(one,)) for one in others]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(done(worker), key=int) == texts
    for other in others:
        other.close()


def test_a_job_that_hangs_is_given_up_and_the_work_of_others_goes_on(
    worker: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.jobs.PATIENCE", 0.3)
    monkeypatch.setattr("blog.bench.PAUSE_SECONDS", 0.02)
    monkeypatch.setattr("blog.site.HOUSEKEEPING_SECONDS", 0.05)
    put(worker, "ties", HANGING, reach={"jobs": ["hang"]})
    with worker.context() as current, writing() as write:
        first = jobs.add(write, "ties", "hang", {})
        second = jobs.add(write, "ties", "hang", {})
        module = current.plugin("ties").module  # type: ignore[union-attr]
    ask(worker, "remember")
    stopped = threading.Event()
    house = threading.Thread(target=worker.wsgi.keep_house, args=(stopped,), daemon=True)
    house.start()
    wait_for(lambda: done(worker) == ["x"] and row(worker, first).done_at is not None)
    wait_for(lambda: [one.hook for one in worker.errors()] == ["job hang"])

    assert "was given up" in row(worker, first).error
    assert row(worker, second).attempts == 0  # it waits: a plugin hangs one thread at most

    module.go.set()
    wait_for(lambda: row(worker, second).done_at is not None)
    stopped.set()
    house.join()


def wait_for(is_so: Callable[[], bool]) -> None:
    until = monotonic() + 20
    while not is_so():
        assert monotonic() < until
        sleep(0.05)
