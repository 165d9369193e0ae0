"""The worker process: jobs, and beside them two steady loops in threads of their own.

*Pulse*, every two seconds: sign of life, seal the audit trail, put jobs of dead workers back. *Dispatch*: deliver
events as they settle. A loop that fails logs, drops its connection and goes on; when PostgreSQL is away for long,
procrastinate's own tasks end ``run_worker`` with an error, and the supervisor starts a new process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from asgiref.sync import async_to_sync
from django.db import close_old_connections, connection, transaction
from procrastinate.contrib.django import app as procrastinate_app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import TaskAlreadyRegistered, UniqueViolation
from procrastinate.job_context import AbortReason, JobContext
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from . import clock, feeds, sealing
from .jobs import JOBS, BackOff, Job, Stopped, running
from .models import WorkerBeat
from .outbox import Dispatcher

log = logging.getLogger("lingqu.worker")
PULSE_SECONDS = 2.0
IDLE_SECONDS = 0.5
CONCURRENCY = 3
HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 20.0
"""A worker silent for so long is taken for dead."""
LOST_SECONDS = 5.0
"""So long must a worker be silent whose lock is free, or a job be ``doing`` that no thread of ours knows."""
FINISH_SECONDS = 6.0
MOST_DEATHS = 10
"""A job that was running while its worker died so often, without a checkpoint between, is given up."""
LIFE_LOCK = 0x4C51_0003
"""Advisory lock (this, worker id) that a worker's session holds: free at once when its process is gone."""


class Pulse:
    """Knows which procrastinate worker lives in this process and what it runs, and shows both to the others."""

    def __init__(self) -> None:
        self.worker_id: int | None = None
        self.started_at = clock.now()
        self.contexts: dict[int, JobContext] = {}
        self._orphans: dict[int, float] = {}
        self._locked_on: Any = None
        self._ends_at = 0.0

    async def accompany(self, call_next: Callable[[], Any], context: JobContext, worker: Any) -> Any:
        """Around every run of a job."""
        self.worker_id, job_id = worker.worker_id, context.job.id or 0
        self.contexts[job_id] = context
        try:
            return await call_next()
        finally:
            del self.contexts[job_id]

    def beat(self) -> None:
        self.sign_of_life()
        while sealing.seal_settled() == sealing.BATCH:
            self.sign_of_life()
        retry_stalled(own_worker=self.worker_id, seconds=STALLED_SECONDS)
        self.retry_orphans()

    def sign_of_life(self) -> None:
        name, host = f"worker-{socket.gethostname()}-{os.getpid()}", socket.gethostname()
        WorkerBeat.objects.bulk_create(
            [WorkerBeat(name=name, pid=os.getpid(), host=host, started_at=self.started_at, beat_at=clock.now())],
            update_conflicts=True, unique_fields=["name"], update_fields=["beat_at"],
        )  # fmt: skip
        if self.worker_id is not None:
            with connection.cursor() as cursor:
                if self._locked_on is not connection.connection:
                    cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LIFE_LOCK, self.worker_id])
                    self._locked_on = connection.connection
                cursor.execute(
                    "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %s", [self.worker_id]
                )

    def retry_orphans(self) -> int:
        """Put back our own jobs whose end could not be noted because the database was away just then."""
        if self.worker_id is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, task_name, attempts FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s",
                [self.worker_id],
            )
            unknown = {row[0]: row for row in cursor.fetchall() if row[0] not in self.contexts}
        self._orphans = {job_id: self._orphans.get(job_id, monotonic()) for job_id in unknown}
        lost = [job_id for job_id, since in self._orphans.items() if monotonic() - since >= LOST_SECONDS]
        for job_id in lost:
            _put_back(*unknown[job_id])
        return len(lost)

    def end_in_time(self) -> None:
        """End the process when its jobs ignore for too long that the worker is stopping: the next one repeats them."""
        is_stopping = any(one.abort_reason() is AbortReason.SHUTDOWN for one in list(self.contexts.values()))
        if not is_stopping:
            self._ends_at = 0.0
        elif not self._ends_at:
            self._ends_at = monotonic() + FINISH_SECONDS
        elif monotonic() > self._ends_at:
            log.warning("jobs did not end in time and are left to the next worker")
            os._exit(1)


_STALLED = """
SELECT j.id, j.task_name, j.attempts FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
WHERE j.status = 'doing' AND (%(own)s::bigint IS NULL OR j.worker_id IS DISTINCT FROM %(own)s) AND (w.id IS NULL
  OR w.last_heartbeat < now() - make_interval(secs => %(silent)s)
  OR w.last_heartbeat < now() - make_interval(secs => %(lost)s) AND NOT EXISTS (
    SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.classid = %(lock)s AND l.objid = w.id AND l.objsubid = 2))
"""


def retry_stalled(*, own_worker: int | None = None, seconds: float = STALLED_SECONDS) -> int:
    """Put jobs whose worker died back into the queue; returns how many. Procrastinate itself leaves them ``doing``."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STALLED,
            {"own": own_worker, "silent": seconds, "lost": min(LOST_SECONDS, seconds), "lock": LIFE_LOCK},
        )
        stalled = cursor.fetchall()
    for row in stalled:
        _put_back(*row)
    return len(stalled)


def _put_back(job_id: int, name: str, attempts: int) -> None:
    """Back into the queue; a job that may wait only once (``_once``) ends here when another one waits already."""
    manager = JobManager(connector=DjangoConnector(alias="default"))

    def finish(status: Status) -> None:
        async_to_sync(manager.finish_job_by_id_async)(job_id=job_id, status=status, delete_job=False)

    if attempts + 1 >= MOST_DEATHS:
        finish(Status.FAILED)
    else:
        try:
            with transaction.atomic():
                manager.retry_job_by_id(job_id, retry_at=clock.now())
        except UniqueViolation:
            finish(Status.ABORTED)
    log.warning("job %d of %s was left behind", job_id, name)


def register_jobs() -> None:
    """Make every ``@job`` known to procrastinate; repeating it changes nothing."""
    for job in JOBS.values():
        try:
            task = procrastinate_app.task(
                name=job.name,
                queue=job.queue,
                retry=BackOff(job.retry) if job.retry else False,
                lock=job.lock or None,
                pass_context=True,
            )(_as_task(job))
        except TaskAlreadyRegistered:
            continue
        if job.every:
            procrastinate_app.periodic(cron=job.every, queueing_lock=f"every:{job.name}")(task)


def _as_task(job: Job) -> Callable[..., None]:
    def run(context: JobContext, **arguments: Any) -> None:
        if job.every:
            arguments.pop("timestamp", None)
        row = context.job
        with running(row.id or 0, attempts=row.attempts, has_to_stop=context.should_abort):
            try:
                job.run(**arguments)
            except Stopped:
                log.info("job %d of %s gives up between two steps: the worker ends", row.id, job.name)
                raise

    return run


def run_worker(concurrency: int = CONCURRENCY) -> None:
    """Work until SIGTERM or SIGINT. Running jobs see it at their next checkpoint; what has not ended after six seconds
    is left to the next worker."""
    register_jobs()
    feeds.adopt_cluster()
    connection.close()
    stop, pulse, dispatcher = threading.Event(), Pulse(), Dispatcher()
    loops = [
        threading.Thread(target=_steadily, args=("pulse", pulse.beat, stop, PULSE_SECONDS), daemon=True),
        threading.Thread(target=_steadily, args=("dispatch", dispatcher.run_round, stop, IDLE_SECONDS), daemon=True),
        threading.Thread(target=_steadily, args=("deadline", pulse.end_in_time, stop, 1.0), daemon=True),
    ]
    for loop in loops:
        loop.start()
    try:
        asyncio.run(_run_jobs(pulse, concurrency))
    finally:
        stop.set()
        for loop in loops:
            loop.join(timeout=2.0)


async def _run_jobs(pulse: Pulse, concurrency: int) -> None:
    connector = procrastinate_app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with procrastinate_app.replace_connector(connector) as working:
        async with working.open_async():
            await working.run_worker_async(
                concurrency=concurrency,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=0,
                worker_middleware=[pulse.accompany],
            )


def _steadily(name: str, step: Callable[[], int | None], stop: threading.Event, pause: float) -> None:
    """Run a step again and again; at once while it reports work, with growing pauses while it fails."""
    failures = 0
    while not stop.is_set():
        try:
            worked, failures = bool(step()), 0
        except Exception:
            failures += 1
            worked = False
            log.exception("the %s loop failed", name)
            connection.close()
        close_old_connections()
        if not worked:
            stop.wait(min(30.0, pause * 2 ** min(failures, 6)))
    connection.close()
