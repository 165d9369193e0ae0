"""The worker as a process of its own, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from lingqu.kernel import audit, events, lags, sealing
from lingqu.kernel.actor import Actor
from lingqu.kernel.jobs import Job
from lingqu.kernel.models import AuditSeal, WorkerBeat
from lingqu.kernel.tests.things import ThingLost

pytestmark = pytest.mark.process
SLOW = Job("lingqu.slow", lambda **arguments: None, "default", 3, "", "")


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the worker did not get there"
        time.sleep(0.1)


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


@pytest.fixture
def start(transactional_db, tmp_path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    parameters = connection.get_connection_params()
    host = f"?host={parameters['host']}&port={parameters.get('port', '')}"
    address = f"postgresql://{parameters['user']}:{parameters.get('password', '')}@/{parameters['dbname']}{host}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
        "LINGQU_ROLE": "worker",
    }
    running: list[subprocess.Popen[bytes]] = []

    def run() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "lingqu.kernel.tests.worker_child", str(tmp_path)]
        running.append(subprocess.Popen(command, env=environment, stderr=(tmp_path / "log").open("ab")))
        return running[-1]

    yield run
    for process in running:
        process.kill()
        process.wait()


def test_a_killed_workers_job_runs_again_and_a_stop_is_clean(start, tmp_path):
    first = start()
    SLOW.defer(number=1)
    wait_for(lambda: lines(tmp_path / "slow.txt") == ["1"])
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start()
    wait_for(lambda: lines(tmp_path / "slow.txt") == ["1", "1"])
    (tmp_path / "go").touch()
    wait_for(lambda: lines(tmp_path / "done.txt") == ["1"])
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0


def test_the_worker_delivers_seals_and_shows_that_it_lives(start, tmp_path):
    start()
    events.publish(ThingLost(thing_id=5))
    audit.record(Actor.system("test"), "test.done")
    wait_for(lambda: lines(tmp_path / "heard.txt") == ["5"], 120)
    wait_for(lambda: AuditSeal.objects.exists(), 120)
    assert sealing.verify().ok
    wait_for(lambda: WorkerBeat.objects.exists())
    assert lags.is_worker_alive()


def is_registered() -> bool:
    """Whether procrastinate has begun too: a connection lost before that ends the process, which its supervisor restarts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        return bool(cursor.fetchone()[0])


def test_after_a_lost_database_connection_events_go_on(start, tmp_path):
    """The loops live on. A connection lost while a job is fetched ends the process; then it is started again, as its
    supervisor does."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    process = start()
    wait_for(lambda: WorkerBeat.objects.exists() and is_registered())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'lingqu-worker' AND query NOT LIKE 'LISTEN%%'"
        )
        assert cursor.fetchone()[0] >= 3
    events.publish(ThingLost(thing_id=6))

    def is_heard() -> bool:
        nonlocal process
        if process.poll() is not None:
            process = start()
        return "6" in lines(tmp_path / "heard.txt")

    wait_for(is_heard, 120)
