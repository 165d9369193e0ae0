"""A comparison that is killed anywhere comes to the same end: at every kind of statement here, by a real worker's death below."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, transaction

from lingqu.foundation.quality import api as quality
from lingqu.foundation.quality.models import DayScore, Evaluation, Finding
from lingqu.foundation.reconciliation.models import Case, FileEntry, Run
from lingqu.foundation.reconciliation.services import running
from lingqu.foundation.reconciliation.services.running import perform, start_run
from lingqu.foundation.registry.testing import make_class, make_school
from lingqu.kernel import jobs

from .worlds import SYSTEM, World, latest_file, load, row


class Killed(BaseException):
    """As sudden as SIGKILL for whoever catches only ordinary errors."""


class Killer:
    """Lets so many statements pass, then strikes once."""

    def __init__(self, after: int = -1) -> None:
        self.after, self.seen = after, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen += 1
        if self.seen == self.after:
            raise Killed
        return execute(sql, params, many, context)


def fill(children: int) -> World:
    """Children of several schools with something wrong in every seventh row of the file."""
    world = World()
    schools = [world.school, world.second, world.beyond, *(make_school(world.county) for _n in range(4))]
    rows = []
    for n in range(children):
        serial, school = 2 * n, schools[n % len(schools)]
        if n % 7 != 3:
            world.child(serial, f"孩子{n}", school, attendance="guest" if n % 11 == 5 else "registered")
        if n % 13 != 6:
            other = schools[(n + 1) % len(schools)] if n % 17 == 8 else school
            state = "休学" if n % 19 == 9 else "在读"
            rows.append(row(serial, f"孩子{n}", str(other.code), 学籍状态=state))
    load("2026-11-01", rows[:-3], compare=False)
    first = start_run(actor=SYSTEM, import_id=latest_file().import_id, queued=False)
    perform(first.id)
    load("2026-11-15", [*rows[2:], row(2 * children + 2, "新空挂")], compare=False)
    for school in schools[1:]:
        make_class(school, name="空班")
    return world


def picture() -> tuple[Any, ...]:
    """What a comparison leaves, without ids and moments."""
    cases = Case.objects.values_list(
        "key", "bucket", "cause", "state", "owner_id", "school_id", "other_school_id", "due_on", "since", "seen_on", "closed_on",
        "times", "entries", "last_run__as_of",
    )  # fmt: skip
    runs = Run.objects.values_list("as_of", "state", "rows", "people", "mismatched", "new_cases", "closed_cases")
    tallies = Run.objects.exclude(tallies=None).values_list(
        "as_of",
        "tallies__path",
        "tallies__bucket",
        "tallies__cause",
        "tallies__entries",
        "tallies__people",
        "tallies__cases",
    )
    marks = FileEntry.objects.exclude(group_key=None).values_list("id", "group_key", "person_id")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reconciliation_work_entry")
        left = cursor.fetchone()
    return (*(sorted(map(tuple, rows), key=str) for rows in (cases, runs, tallies, marks)), left)


@pytest.mark.django_db
def test_killed_at_any_statement_it_comes_to_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE_ROWS", 20)
    fill(60)
    run = start_run(actor=SYSTEM, import_id=latest_file().import_id, queued=False)
    with transaction.atomic():
        counter = Killer()
        with connection.execute_wrapper(counter):
            perform(run.id)
        wanted = picture()
        transaction.set_rollback(True)
    assert len(wanted[0]) > 10
    assert wanted[-1] == (0,)
    for after in sorted(random.Random(7).sample(range(1, counter.seen), 25)):
        with transaction.atomic():
            with pytest.raises(Killed), connection.execute_wrapper(Killer(after)):
                perform(run.id)
            assert run.tallies.count() == 0, "nothing is shown before the end"
            perform(run.id)
            assert picture() == wanted, after
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_what_another_run_left_half_done_is_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE_ROWS", 20)
    fill(60)
    run = start_run(actor=SYSTEM, import_id=latest_file().import_id, queued=False)
    with transaction.atomic():
        perform(run.id)
        wanted = picture()
        transaction.set_rollback(True)
    running._next_step(run.id)
    running._next_step(run.id)
    other = Run.objects.exclude(id=run.id).get()
    Run.objects.filter(id=other.id).update(state="waiting")
    running._next_step(other.id)
    Run.objects.filter(id=other.id).update(state="done")
    perform(run.id)
    assert picture() == wanted


WORKER = """
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from lingqu.foundation.quality.services import evaluating
from lingqu.foundation.reconciliation.services import running
running.SLICE_ROWS, evaluating.BATCH = 5, 1
from lingqu.kernel.worker import run_worker
run_worker()
"""


def start_worker() -> subprocess.Popen[bytes]:
    given = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(given._replace(path=f"/{connection.settings_dict['NAME']}"))
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "lingqu.config.settings.test"}
    return subprocess.Popen([sys.executable, "-c", WORKER], env=environment)


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def _doing() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")
        return int(cursor.fetchone()[0])


def findings() -> tuple[Any, ...]:
    rows = Finding.objects.values_list("rule_id", "subject_id", "school_id", "path", "detail", "state", "since")
    scores = DayScore.objects.values_list("school_id", "day", "checked", "blocks", "reviews", "hints", "score")
    return sorted(map(tuple, rows), key=str), sorted(map(tuple, scores), key=str)


@pytest.fixture
def worker() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for one in started:
        if one.poll() is None:
            one.kill()
            one.wait(10)


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_again_and_again_ends_where_an_undisturbed_one_does(
    worker: list[subprocess.Popen[bytes]],
) -> None:
    world, chance = fill(150), random.Random()
    path = str(world.root.path)
    quality.evaluate(actor=SYSTEM, path=path)
    wanted_findings = findings()
    Finding.objects.all().delete()
    DayScore.objects.all().delete()
    Evaluation.objects.all().delete()
    run = start_run(actor=SYSTEM, import_id=latest_file().import_id)
    with transaction.atomic():
        perform(run.id)
        wanted = picture()
        transaction.set_rollback(True)
    jobs.defer("quality.evaluate", path=path, _once=f"quality:{path}")
    struck = 0
    while struck < 4 and _waiting():
        worker.append(start_worker())
        wait_until(lambda: _doing() > 0 or not _waiting(), 60)
        time.sleep(chance.uniform(0, 0.8))
        worker[-1].send_signal(signal.SIGKILL)
        worker[-1].wait(10)
        struck += 1
    worker.append(start_worker())
    wait_until(lambda: not _waiting(), 90)
    assert Run.objects.get(id=run.id).state == "done"
    assert picture() == wanted
    assert findings() == wanted_findings
    assert set(Evaluation.objects.values_list("state", flat=True)) == {"done"}


def _waiting() -> bool:
    is_compared = not Run.objects.exclude(state="done").exists()
    return not is_compared or not Evaluation.objects.filter(state="done").exists()
