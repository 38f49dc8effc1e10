"""Keep work that must not be lost after a commit, and do it at least once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from blog.db import is_out_of_order, now, session, take_turns, writing
from blog.models import Job
from blog.parts import JOB_NAME, Nightly, is_job_name
from blog.parts import Job as Work
from blog.platform.context import config, generation, hooks
from blog.platform.report import described

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
NIGHT_HOUR = 3
KEPT = timedelta(days=30)
# Less than the lease, so that a job that hangs is given up before another process takes it.
PATIENCE = 285.0
TELL_SECONDS = 10.0


class JobOverran(RuntimeError):
    """A job was past its lease and did not say how far it had come."""


@dataclass(slots=True)
class Task:
    """Say which job a thread does and until when, for whoever looks after that thread."""

    job_id: int = 0
    plugin: str = ""
    name: str = ""
    until: float = inf

    def is_late(self) -> bool:
        """Tell whether the job took too long."""
        return monotonic() > self.until


def add(write: Session, plugin: str, name: str, payload: Mapping[str, Any]) -> int:
    """Put work into the outbox, in the transaction that makes it necessary.

    Raise ``ValueError`` for what cannot be the name of a job.
    """
    if not is_job_name(name):
        raise ValueError(f"not {name!r}: {JOB_NAME}")
    job = Job(plugin=plugin, job=name, payload=dict(payload))
    write.add(job)
    write.flush()
    return job.id


def work(task: Task | None = None, without: Collection[str] = ()) -> bool:
    """Take one job that is due and do it; ``False`` when there is none.

    A job is leased before it runs, so one that dies with its process is taken again.
    ``without`` names plugins whose jobs wait.
    """
    job = _take(without)
    if job is None or job.done_at is not None:
        return job is not None
    task = task or Task()
    task.job_id, task.plugin, task.name = job.id, job.plugin, job.job
    task.until = monotonic() + PATIENCE
    token = _current.set(task)
    try:
        with generation().table.measuring(job.plugin, f"job {job.job}"):
            _function(job)(job.payload)
    except BaseException as error:
        generation().table.failed(job.plugin, f"job {job.job}", error)
        _put_back(job, described(error))
    else:
        _finish(job.id, done_at=now(), error="")
    finally:
        _current.reset(token)
        task.until = inf
    return True


def give_up(task: Task) -> None:
    """Take a job that is past its lease from everybody: whoever came next would hang as well.

    It is noted as done after all where it still ends.
    """
    error = JobOverran(f"has not ended within {LEASE} nor told how far it is, and was given up")
    generation().table.failed(task.plugin, f"job {task.name}", error)
    with writing() as write:
        is_open = (Job.id == task.job_id, Job.done_at.is_(None))
        write.execute(update(Job).where(*is_open).values(done_at=now(), error=described(error)))


def begin_night() -> None:
    """Put the nightly work of each plugin into the outbox, once a night over all processes.

    What is not done yet from a night before is not asked for again; what was done long ago goes.
    """
    with writing() as write:
        write.execute(delete(Job).where(Job.done_at < night() - KEPT))
    for answer in hooks.jobs():
        names = [name for name, one in answer.value.items() if isinstance(one, Nightly)]
        try:
            _ask_for(answer.plugin, names, night())
        except Exception as error:
            if is_out_of_order(error):
                raise
            generation().table.failed(answer.plugin, "jobs", error)


def night() -> datetime:
    """Give the time at which the latest night of the site began."""
    here = now().astimezone(ZoneInfo(config().timezone))
    began = here.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return began if began <= here else began - timedelta(days=1)


def tell(**progress: Any) -> None:
    """Say how far the job that runs has come, and keep it from being taken again."""
    task = _current.get()
    if task is not None:
        _finish(task.job_id, progress=progress, run_at=now() + LEASE)
        task.until = monotonic() + PATIENCE


def telling() -> Callable[[], None]:
    """Give what may be called again and again while a job works, and tells now and then."""
    last = monotonic()

    def tell_now_and_then() -> None:
        nonlocal last
        if monotonic() - last > TELL_SECONDS:
            tell()
            last = monotonic()

    return tell_now_and_then


def state(job_id: int) -> Job | None:
    """Give a job with its progress."""
    return session.get(Job, job_id, populate_existing=True)


_current: ContextVar[Task | None] = ContextVar("job", default=None)


def _ask_for(plugin: str, names: Collection[str], began: datetime) -> None:
    if all(_is_asked(session, plugin, name, began) for name in names):
        return
    with writing() as write:
        take_turns(write, "nightly work")
        for name in names:
            if not _is_asked(write, plugin, name, began):
                add(write, plugin, name, {})


def _is_asked(reading: Session, plugin: str, name: str, began: datetime) -> bool:
    is_open_or_new = or_(Job.done_at.is_(None), Job.created_at >= began)
    query = select(Job.id).where(Job.plugin == plugin, Job.job == name, is_open_or_new).limit(1)
    return reading.scalar(query) is not None


def _take(without: Collection[str]) -> Job | None:
    # The work of a plugin that is off waits until it is on again.
    on = [one.name for one in generation().plugins if one.name not in without]
    due = (Job.done_at.is_(None), Job.run_at <= now(), Job.plugin.in_(on))
    if session.scalar(select(Job.id).where(*due).limit(1)) is None:
        return None
    with writing() as write:
        query = select(Job).where(*due).order_by(Job.run_at, Job.id).limit(1)
        job = write.scalar(query.with_for_update(skip_locked=True))
        if job is not None:
            job.attempts += 1
            job.run_at = now() + LEASE
            if job.attempts > MOST_ATTEMPTS:
                job.done_at, job.error = now(), "it ended its process each time"
    return job


def _function(job: Job) -> Work:
    for answer in hooks.jobs():
        if answer.plugin == job.plugin and job.job in answer.value:
            found: Work = answer.value[job.job]
            return found
    raise LookupError(f"{job.plugin} has no job {job.job!r}")


def _put_back(job: Job, error: str) -> None:
    if job.attempts >= MOST_ATTEMPTS:
        _finish(job.id, done_at=now(), error=error)
    else:
        _finish(job.id, run_at=now() + timedelta(seconds=2**job.attempts * 5), error=error)


def _finish(job_id: int, **values: Any) -> None:
    with writing() as write:
        write.execute(update(Job).where(Job.id == job_id).values(**values))
