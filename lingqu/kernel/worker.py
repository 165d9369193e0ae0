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
from typing import Any

from asgiref.sync import async_to_sync
from django.db import close_old_connections, connection, transaction
from procrastinate.contrib.django import app as procrastinate_app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import TaskAlreadyRegistered
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from . import clock, feeds, sealing
from .jobs import JOBS, BackOff, Job
from .models import WorkerBeat
from .outbox import Dispatcher

log = logging.getLogger("lingqu.worker")
PULSE_SECONDS = 2.0
IDLE_SECONDS = 0.5
CONCURRENCY = 3
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 20.0
FINISH_SECONDS = 10.0
MOST_DEATHS = 10
"""A job that was running while its worker died so often is given up."""


class Pulse:
    """Knows which procrastinate worker lives in this process, so that its jobs are never taken for stalled."""

    def __init__(self) -> None:
        self.worker_id: int | None = None
        self.started_at = clock.now()

    async def remember_worker(self, call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
        self.worker_id = worker.worker_id
        return await call_next()

    def beat(self) -> None:
        self.sign_of_life()
        while sealing.seal_settled() == sealing.BATCH:
            self.sign_of_life()
        retry_stalled(own_worker=self.worker_id, seconds=STALLED_SECONDS)

    def sign_of_life(self) -> None:
        name, host = f"worker-{socket.gethostname()}-{os.getpid()}", socket.gethostname()
        WorkerBeat.objects.bulk_create(
            [WorkerBeat(name=name, pid=os.getpid(), host=host, started_at=self.started_at, beat_at=clock.now())],
            update_conflicts=True, unique_fields=["name"], update_fields=["beat_at"],
        )  # fmt: skip
        if self.worker_id is not None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %s", [self.worker_id]
                )


def retry_stalled(*, own_worker: int | None = None, seconds: float = STALLED_SECONDS) -> int:
    """Put jobs whose worker died back into the queue; returns how many. Procrastinate itself leaves them ``doing``."""
    manager = JobManager(connector=DjangoConnector(alias="default"))
    stalled = async_to_sync(manager.get_stalled_jobs)(seconds_since_heartbeat=seconds)
    put_back = 0
    for row in stalled:
        if row.id is None or (own_worker is not None and row.worker_id == own_worker):
            continue
        with transaction.atomic():
            if row.attempts + 1 >= MOST_DEATHS:
                async_to_sync(manager.finish_job_by_id_async)(job_id=row.id, status=Status.FAILED, delete_job=False)
            else:
                manager.retry_job_by_id(row.id, retry_at=clock.now())
        log.warning("job %d of %s was left by a dead worker", row.id, row.task_name)
        put_back += 1
    return put_back


def register_jobs() -> None:
    """Make every ``@job`` known to procrastinate; repeating it changes nothing."""
    for job in JOBS.values():
        try:
            task = procrastinate_app.task(
                name=job.name, queue=job.queue, retry=BackOff(job.retry) if job.retry else False, lock=job.lock or None
            )(_as_task(job))
        except TaskAlreadyRegistered:
            continue
        if job.every:
            procrastinate_app.periodic(cron=job.every, queueing_lock=f"every:{job.name}")(task)


def _as_task(job: Job) -> Callable[..., None]:
    def run(**arguments: Any) -> None:
        if job.every:
            arguments.pop("timestamp", None)
        job.run(**arguments)

    return run


def run_worker(concurrency: int = CONCURRENCY) -> None:
    """Work until SIGTERM or SIGINT; running jobs get ten seconds to finish, then start again elsewhere."""
    register_jobs()
    feeds.adopt_cluster()
    connection.close()
    stop, pulse, dispatcher = threading.Event(), Pulse(), Dispatcher()
    loops = [
        threading.Thread(target=_steadily, args=("pulse", pulse.beat, stop, PULSE_SECONDS), daemon=True),
        threading.Thread(target=_steadily, args=("dispatch", dispatcher.run_round, stop, IDLE_SECONDS), daemon=True),
    ]
    for loop in loops:
        loop.start()
    try:
        asyncio.run(_run_jobs(pulse, concurrency))
    finally:
        stop.set()
        for loop in loops:
            loop.join(timeout=FINISH_SECONDS)


async def _run_jobs(pulse: Pulse, concurrency: int) -> None:
    connector = procrastinate_app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with procrastinate_app.replace_connector(connector) as working:
        async with working.open_async():
            await working.run_worker_async(
                concurrency=concurrency,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=FINISH_SECONDS,
                worker_middleware=[pulse.remember_worker],
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
