"""Work outside the request. A thin layer over procrastinate: rows in PostgreSQL, no extra server.

    @job(queue="imports", retry=3)
    def read_files(*, import_id: str) -> None: ...              # in a module's jobs.py

    jobs.defer("intake.read_files", import_id=str(row.id), _lock=f"import:{scope}")     # in a service
    read_files.defer(import_id=str(row.id), _once=f"read:{row.id}")                     # beside it

``defer`` writes the job row in the transaction that is open, so the job exists exactly if the writer commits. Jobs
run at least once and may be killed at any moment: they take ids, re-read state and finish what is half done. Work that
takes long calls ``checkpoint()`` between its steps, so that a stopping worker need not wait for its end.
Arguments are JSON values and stand in logs, so never personal data. The name of a job is ``<app label>.<function>``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued, JobAborted
from procrastinate.jobs import Job as JobRow
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from . import clock
from .errors import NotFound

DEFAULT_RETRY = 5
LONGEST_WAIT = 3600
JOBS: dict[str, Job] = {}
_ADVANCED: set[int] = set()
"""Jobs whose latest run in this process passed a checkpoint."""


class Stopped(JobAborted):
    """The worker ends: a job gave up at a checkpoint and waits for the next worker."""


@dataclass(slots=True)
class Running:
    """The run that a worker has given to this thread."""

    job_id: int
    attempts: int
    has_to_stop: Callable[[], bool]


_running: ContextVar[Running | None] = ContextVar("lingqu_running_job", default=None)


@contextmanager
def running(job_id: int, *, attempts: int, has_to_stop: Callable[[], bool]) -> Iterator[None]:
    """Inside, :func:`checkpoint` knows which job runs and whether its worker is to end."""
    _ADVANCED.discard(job_id)
    token = _running.set(Running(job_id, attempts, has_to_stop))
    try:
        yield
    finally:
        _running.reset(token)


def checkpoint() -> None:
    """Between two steps of long work that are committed each: raises :class:`Stopped` when the worker is to end.

    A job that gets this far has not failed in vain: its tries start anew. Outside a worker nothing happens.
    """
    run = _running.get()
    if run is None:
        return
    _ADVANCED.add(run.job_id)
    if run.attempts:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET attempts = 0 WHERE id = %s", [run.job_id])
        run.attempts = 0
    stop_if_asked()


def stop_if_asked() -> None:
    """For a job that waits: raises :class:`Stopped` when the worker is to end."""
    run = _running.get()
    if run is not None and run.has_to_stop():
        raise Stopped


class BackOff(BaseRetryStrategy):
    """Try again after 2, 4, 8 … seconds (at most an hour, jittered) until ``tries`` retries are used.

    A stopped worker's jobs wait for nothing and use up no try; nor does a run that passed a checkpoint.
    """

    def __init__(self, tries: int) -> None:
        self.tries = tries

    def get_retry_decision(self, *, exception: BaseException, job: JobRow) -> RetryDecision | None:
        if isinstance(exception, Stopped):
            return RetryDecision(retry_in={"seconds": 0})
        attempts = 0 if job.id in _ADVANCED else job.attempts
        if attempts >= self.tries:
            return None
        return RetryDecision(retry_in={"seconds": int(wait_before(attempts + 1))})


def wait_before(attempt: int) -> float:
    """Seconds before the ``attempt``-th retry, jittered so that failures do not march in step."""
    return float(min(LONGEST_WAIT, 2**attempt)) * random.uniform(0.8, 1.2)


@dataclass(frozen=True, slots=True)
class Job:
    """A registered function. Calling it runs it here and now; ``defer`` leaves it to the worker."""

    name: str
    run: Callable[..., Any]
    queue: str
    retry: int
    every: str
    lock: str

    def __call__(self, **arguments: Any) -> Any:
        return self.run(**arguments)

    def defer(
        self,
        *,
        _lock: str = "",
        _once: str = "",
        _at: datetime | None = None,
        _in_seconds: float = 0,
        _priority: int = 0,
        **arguments: Any,
    ) -> int | None:
        """Queue one run in the open transaction and return its id.

        ``_lock``: jobs with the same lock run one after the other, in order. ``_once``: while one with this name
        waits, a second is not queued and None is returned. ``_at``/``_in_seconds``: not before. Higher ``_priority``
        runs first.
        """
        at = _at or (clock.now() + timedelta(seconds=_in_seconds) if _in_seconds else None)
        row = JobRow(
            id=None, queue=self.queue, task_name=self.name, priority=_priority, lock=_lock or self.lock or None,
            queueing_lock=_once or None, task_kwargs=arguments, scheduled_at=at,
        )  # fmt: skip
        if not _once:
            return _manager().defer_job(row).id
        try:
            with transaction.atomic():
                return _manager().defer_job(row).id
        except AlreadyEnqueued:
            return None

    def defer_each(self, runs: Iterable[Mapping[str, Any]]) -> None:
        """Queue a run with each of some arguments in the open transaction; one statement."""
        rows = [
            JobRow(
                id=None, queue=self.queue, task_name=self.name, priority=0, lock=self.lock or None, queueing_lock=None,
                task_kwargs=dict(arguments), scheduled_at=None,
            )
            for arguments in runs
        ]  # fmt: skip
        if rows:
            _manager().batch_defer_jobs(rows)


def job(
    *, queue: str = "default", retry: int = DEFAULT_RETRY, every: str = "", lock: str = ""
) -> Callable[[Callable[..., Any]], Job]:
    """Register a function as a job. ``every`` is a cron line in UTC (``*/5 * * * *``); then it takes no arguments."""

    def register(run: Callable[..., Any]) -> Job:
        config = apps.get_containing_app_config(run.__module__)
        name = f"{config.label if config else 'lingqu'}.{run.__name__}"
        made = Job(name=name, run=run, queue=queue, retry=retry, every=every, lock=lock)
        JOBS[name] = made
        return made

    return register


def defer(target: Job | str, **arguments: Any) -> int | None:
    """``target.defer(…)``. Services name a job (``"intake.read_files"``), since a module's jobs stand above them.

    Raises ``KeyError`` for a name that no installed module registers.
    """
    return (JOBS[target] if isinstance(target, str) else target).defer(**arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """A job whose tries are used up: the dead letter of the queue."""

    id: int
    name: str
    queue: str
    attempts: int
    arguments: dict[str, Any]
    failed_at: datetime | None


def list_failed(limit: int = 100) -> tuple[FailedJob, ...]:
    """The latest failures, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, queue_name, attempts, args::text, (SELECT max(at) FROM procrastinate_events e WHERE"
            " e.job_id = j.id) FROM procrastinate_jobs j WHERE status = 'failed' ORDER BY id DESC LIMIT %s",
            [limit],
        )
        rows = cursor.fetchall()
    return tuple(
        FailedJob(id=i, name=name, queue=queue, attempts=tries, arguments=_arguments(args), failed_at=at)
        for i, name, queue, tries, args, at in rows
    )


def retry_failed(job_id: int) -> None:
    """Queue a failed job again; its attempts start from zero."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'failed' FOR UPDATE", [job_id])
        if cursor.fetchone() is None:
            raise NotFound()
        _manager().retry_job_by_id(job_id, retry_at=clock.now())
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 0 WHERE id = %s", [job_id])


def count_waiting(name: str = "") -> int:
    """Jobs that wait or run, of one name or of all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND (%s = '' OR task_name = %s)",
            [name, name],
        )
        return int(cursor.fetchone()[0])


@cache
def _manager() -> JobManager:
    """Always through Django's connection: inside a worker the app's own connector would leave the transaction."""
    return JobManager(connector=DjangoConnector(alias="default"))


def _arguments(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found
