from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from lingqu.kernel import clock, jobs, worker
from lingqu.kernel.errors import NotFound
from lingqu.kernel.jobs import JOBS, BackOff, JobRow
from lingqu.kernel.models import WorkerBeat
from lingqu.kernel.testing import run_jobs, waiting_jobs

SEEN: list[int] = []


@pytest.fixture(autouse=True)
def remember(monkeypatch):
    SEEN.clear()
    monkeypatch.setitem(JOBS, "kernel.remember", jobs.Job("kernel.remember", _remember, "default", 2, "", ""))
    return JOBS["kernel.remember"]


def _remember(*, number: int) -> None:
    SEEN.append(number)


def set_status(job_id: int, status: str, attempts: int = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE id = %s", [attempts, job_id]
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s", [status, job_id]
        )


def statuses() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text, attempts FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def test_a_job_commits_and_rolls_back_with_its_writer(transactional_db, remember):
    with pytest.raises(RuntimeError), transaction.atomic():
        remember.defer(number=1)
        raise RuntimeError
    assert waiting_jobs() == []
    with transaction.atomic():
        remember.defer(number=2)
    assert waiting_jobs() == [("kernel.remember", {"number": 2})]
    assert run_jobs() == ["kernel.remember"]
    assert SEEN == [2]


def test_once_waits_once_and_leaves_the_transaction_usable(db, remember):
    with transaction.atomic():
        assert remember.defer(number=1, _once="reading") is not None
        assert remember.defer(number=2, _once="reading") is None
        assert remember.defer(number=3, _once="other") is not None
    assert [arguments["number"] for _name, arguments in waiting_jobs()] == [1, 3]


def test_a_job_is_deferred_by_name(db):
    jobs.defer("kernel.remember", number=6, _lock="x")
    jobs.defer(JOBS["kernel.remember"], number=7)
    assert run_jobs() == ["kernel.remember"] * 2
    assert SEEN == [6, 7]
    with pytest.raises(KeyError):
        jobs.defer("kernel.no_such_job")


def test_a_job_carries_lock_time_and_priority(db, remember):
    remember.defer(number=1, _lock="import:7", _in_seconds=60, _priority=5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock, priority, scheduled_at, queue_name FROM procrastinate_jobs")
        lock, priority, at, queue = cursor.fetchone()
    assert (lock, priority, queue) == ("import:7", 5, "default")
    assert timedelta(seconds=55) < at - clock.now() < timedelta(seconds=65)


def test_the_decorator_names_a_job_after_its_app_and_a_job_is_callable():
    assert JOBS["kernel.purge_limits"].every == "17 * * * *"
    made = jobs.job(queue="q")(_remember)
    try:
        assert made.name == "kernel._remember"
        made(number=4)
        assert SEEN == [4]
    finally:
        del JOBS["kernel._remember"]


def test_retries_wait_longer_each_time_and_end():
    strategy = BackOff(3)

    def decide(attempts: int):
        row = JobRow(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        return strategy.get_retry_decision(exception=ValueError(), job=row)

    assert [decide(attempts) is None for attempts in range(5)] == [False, False, False, True, True]
    assert [1.6 <= jobs.wait_before(1) <= 2.4, 6.4 <= jobs.wait_before(3) <= 9.6, jobs.wait_before(40) <= 4320] == [
        True
    ] * 3


def test_failed_jobs_are_listed_and_retried_from_zero(db, remember):
    job_id = remember.defer(number=9)
    set_status(job_id, "failed", attempts=3)
    assert [(one.id, one.name, one.attempts, one.arguments) for one in jobs.list_failed()] == [
        (job_id, "kernel.remember", 3, {"number": 9})
    ]
    jobs.retry_failed(job_id)
    assert statuses() == [("todo", 0)]
    with pytest.raises(NotFound):
        jobs.retry_failed(job_id)


@pytest.mark.parametrize(("attempts", "after"), [(0, ("todo", 1)), (8, ("todo", 9)), (9, ("failed", 10))])
def test_jobs_of_dead_workers_go_back_into_the_queue(db, remember, attempts, after):
    set_status(remember.defer(number=1), "doing", attempts=attempts)
    assert worker.retry_stalled() == 1
    assert statuses() == [after]


def test_a_dead_workers_job_does_not_go_beside_one_that_waits_in_its_place(db, remember):
    """As after a minute in which the schedule queued the next one."""
    first = remember.defer(number=1, _once="only")
    set_status(first, "doing")
    remember.defer(number=2, _once="only")
    other = remember.defer(number=3)
    set_status(other, "doing")
    assert worker.retry_stalled() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'number', status::text FROM procrastinate_jobs ORDER BY id")
        assert cursor.fetchall() == [("1", "aborted"), ("2", "todo"), ("3", "todo")]


def test_a_living_workers_jobs_are_left_alone(db, remember):
    job_id = remember.defer(number=1)
    set_status(job_id, "doing")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker_id = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET worker_id = %s", [worker_id])
        assert worker.retry_stalled() == 0
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    assert worker.retry_stalled(own_worker=worker_id) == 0
    assert worker.retry_stalled() == 1


def test_the_pulse_leaves_a_sign_of_life(db):
    pulse = worker.Pulse()
    pulse.beat()
    pulse.beat()
    assert WorkerBeat.objects.count() == 1
    assert clock.now() - WorkerBeat.objects.get().beat_at < timedelta(seconds=5)


def test_every_job_is_known_to_procrastinate_once():
    from procrastinate.contrib.django import app

    worker.register_jobs()
    worker.register_jobs()
    assert {name for name in JOBS if name != "kernel.remember"} <= set(app.tasks)
    crons = {(task.task.name, task.cron) for task in app.periodic_registry.periodic_tasks.values()}
    assert ("kernel.purge_trail", "10 18 * * *") in crons
    app.tasks.pop("kernel.remember", None)


def test_a_stopped_job_waits_for_nothing_and_uses_up_no_try():
    row = JobRow(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=3)
    decision = BackOff(3).get_retry_decision(exception=jobs.Stopped(), job=row)
    assert decision is not None
    assert decision.retry_at is None or decision.retry_at <= clock.now()


def test_a_checkpoint_outside_a_worker_does_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        jobs.checkpoint()


def test_a_checkpoint_starts_the_tries_anew(db, remember):
    job_id = remember.defer(number=1)
    set_status(job_id, "doing", attempts=3)
    row = JobRow(id=job_id, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=3)
    with jobs.running(job_id, attempts=3, has_to_stop=lambda: False):
        jobs.checkpoint()
    assert statuses() == [("doing", 0)]
    assert BackOff(3).get_retry_decision(exception=ValueError(), job=row) is not None
    with jobs.running(job_id, attempts=3, has_to_stop=lambda: False):
        pass
    assert BackOff(3).get_retry_decision(exception=ValueError(), job=row) is None


def test_a_checkpoint_ends_the_job_of_a_stopping_worker(db, remember):
    job_id = remember.defer(number=1)
    with jobs.running(job_id, attempts=0, has_to_stop=lambda: True), pytest.raises(jobs.Stopped):
        jobs.checkpoint()


def test_a_worker_whose_lock_is_free_is_dead_at_once(transactional_db, remember):
    """Silent for six seconds: with the lock held it may be busy, without it its process is gone."""
    job_id = remember.defer(number=1)
    set_status(job_id, "doing")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '6 seconds') RETURNING id"
        )
        worker_id = cursor.fetchone()[0]
        cursor.execute("UPDATE procrastinate_jobs SET worker_id = %s", [worker_id])
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [worker.LIFE_LOCK, worker_id])
        assert worker.retry_stalled() == 0
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [worker.LIFE_LOCK, worker_id])
    assert worker.retry_stalled() == 1
    assert statuses() == [("todo", 1)]


def test_our_own_job_whose_end_was_not_noted_is_put_back(db, remember, monkeypatch):
    pulse = worker.Pulse()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        pulse.worker_id = cursor.fetchone()[0]
    job_id = remember.defer(number=1)
    set_status(job_id, "doing")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET worker_id = %s", [pulse.worker_id])
    assert pulse.retry_orphans() == 0
    monkeypatch.setattr(worker, "LOST_SECONDS", 0.0)
    pulse.contexts[job_id] = object()
    assert pulse.retry_orphans() == 0
    del pulse.contexts[job_id]
    assert pulse.retry_orphans() == 1
    assert statuses() == [("todo", 1)]
