"""``make soak`` for processes: workers that do steps are killed between any two statements; every case must go on.

    python tools/soak_cases.py [--kills 120] [--cases 60] [--workers 2] [--seed N]

A database of its own. Worker processes act as clerks: they start cases, do, return and hand on steps, fire timers, all at random.
Each is killed (SIGKILL, or its database connection is ended) after a random moment. After each kill the rows are read: no open case
without a token, no step of people without an open task, no task or timer of a token that is gone, no to-do without its task and none
missing, every history row beside its case. At the end every case is brought to its end undisturbed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
LOST = {
    "open cases without a token": """SELECT c.id FROM workflow_case c WHERE c.ended_at IS NULL
        AND jsonb_array_length(coalesce(c.engine->'tokens', '[]')) = 0""",
    "ended cases with something open": """SELECT c.id FROM workflow_case c WHERE c.ended_at IS NOT NULL AND (
        jsonb_array_length(coalesce(c.engine->'tokens', '[]')) > 0
        OR EXISTS (SELECT 1 FROM workflow_task t WHERE t.case_id = c.id AND t.state = 'open')
        OR EXISTS (SELECT 1 FROM workflow_timer t WHERE t.case_id = c.id))""",
    "waiting steps of people without a task": """SELECT c.id FROM workflow_case c,
        jsonb_array_elements(c.engine->'tokens') k WHERE c.ended_at IS NULL
        AND k->>1 IN ('check', 'seats', 'papers', 'rule') AND coalesce(k->>2, 'w') = 'w'
        AND NOT EXISTS (SELECT 1 FROM workflow_task t WHERE t.case_id = c.id AND t.token = (k->>0)::int AND t.state = 'open')""",
    "open tasks of tokens that are gone": """SELECT t.id FROM workflow_task t JOIN workflow_case c ON c.id = t.case_id
        WHERE t.state = 'open' AND NOT EXISTS (
          SELECT 1 FROM jsonb_array_elements(c.engine->'tokens') k WHERE (k->>0)::int = t.token)""",
    "timers of tokens that are gone": """SELECT t.id FROM workflow_timer t JOIN workflow_case c ON c.id = t.case_id
        WHERE NOT EXISTS (SELECT 1 FROM jsonb_array_elements(c.engine->'tokens') k WHERE (k->>0)::int = t.token)""",
    "open tasks without a to-do": """SELECT t.id FROM workflow_task t WHERE t.state = 'open' AND NOT EXISTS (
        SELECT 1 FROM inbox_todo d WHERE d.module = 'workflow' AND d.state = 'open' AND d.key = t.id || '/' || t.addresses[1])""",
    "to-dos without an open task": """SELECT d.id FROM inbox_todo d WHERE d.module = 'workflow' AND d.state = 'open'
        AND NOT EXISTS (SELECT 1 FROM workflow_task t WHERE t.state = 'open' AND d.key = t.id || '/' || t.addresses[1])""",
    "done tasks that the history does not know": """SELECT t.id FROM workflow_task t WHERE t.state = 'done'
        AND NOT EXISTS (SELECT 1 FROM workflow_caselog l WHERE l.task = t.id)""",
    "cases without form data": """SELECT c.id FROM workflow_case c WHERE NOT EXISTS (
        SELECT 1 FROM workflow_casedata d WHERE d.case_id = c.id)""",
    "steps without an audit row": """SELECT t.id FROM workflow_task t WHERE t.state = 'done' AND NOT EXISTS (
        SELECT 1 FROM kernel_audit a WHERE a.action = 'workflow.task.completed' AND a.data->>'task' = t.id::text)""",
}


class SoakFailed(Exception):
    pass


def look() -> dict[str, int]:
    """Counts of what must not be; all zero when nothing is lost."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for name, sql in LOST.items():
            cursor.execute(f"SELECT count(*) FROM ({sql}) lost")  # noqa: S608 - the table above
            found[name] = int(cursor.fetchone()[0])
    return {name: count for name, count in found.items() if count}


def act(schools: list[Any], chance: random.Random, most: int) -> None:
    """One thing that clerks, applicants or the clock do."""
    from workflow import actor_of

    from lingqu.foundation.workflow import api as workflow
    from lingqu.foundation.workflow.models import Case, Task, Timer
    from lingqu.foundation.workflow.services import timing
    from lingqu.kernel import clock
    from lingqu.kernel.errors import DomainError

    school, clerk, applicant = chance.choice(schools)
    task = Task.objects.filter(state="open", case__organisation=school).order_by("?").first()
    way = chance.random()
    actor = actor_of(applicant if task is not None and task.kind == "correction" else clerk)
    try:
        if task is None or (way < 0.15 and Case.objects.filter(ended_at=None).count() < most):
            workflow.start(actor=actor_of(applicant), key="bench", organisation_id=school.id, fields={"why": "搬家"})
        elif way < 0.2:
            Timer.objects.filter(case__organisation=school).update(due_at=clock.now())
            timing.fire_due()
        elif way < 0.3 and task.kind == "step":
            workflow.return_back(actor=actor, task_id=task.id, comment="x")
        elif way < 0.36 and task.kind == "step":
            workflow.countersign(actor=actor, task_id=task.id, to=[f"person:{clerk.number}"])
        else:
            workflow.complete(
                actor=actor, task_id=task.id, decision="" if task.kind == "correction" else chance.choice(("agree",) * 4 + ("refuse",)),
                comment="x",
            )  # fmt: skip
    except DomainError:
        return


def spawn(schools: list[Any], seed: int, most: int) -> int:
    """A worker that acts until it is killed: a fork, so that it begins at once."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    chance = random.Random(seed)
    try:
        while True:
            act(schools, chance, most)
    finally:
        os._exit(3)


def finish(schools: list[Any]) -> int:
    """Every case to its end, undisturbed."""
    from workflow import actor_of

    from lingqu.foundation.workflow import api as workflow
    from lingqu.foundation.workflow.models import Case, Task

    doers = {school.id: (actor_of(clerk), actor_of(applicant)) for school, clerk, applicant in schools}
    for _turn in range(10_000):
        task = Task.objects.filter(state="open").exclude(asked__state="open").select_related("case").first()
        if task is None:
            break
        is_correction = task.kind == "correction"
        actor = doers[task.case.organisation_id][is_correction]
        workflow.complete(actor=actor, task_id=task.id, decision="" if is_correction else "agree")
    return Case.objects.filter(ended_at=None).count()


def soak(kills: int, most: int, workers: int, seed: int) -> dict[str, Any]:
    from workflow import build

    schools = build()[:6]
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    for _turn in range(30):  # what a worker would load first is there before it is forked
        act(schools, chance, most)
    for number in range(-(-kills // workers)):
        pids = [spawn(schools, chance.randrange(10**9), most) for _worker in range(workers)]
        time.sleep(chance.uniform(0.2, 3.0))
        for pid in pids:
            if chance.random() < 0.3:
                done["connection"] += end_connections()
                time.sleep(0.05)
            os.kill(pid, signal.SIGKILL)
            _pid, status = os.waitpid(pid, 0)
            if not os.WIFSIGNALED(status) and done["connection"] == 0:
                raise SoakFailed(f"a worker ended by itself with {status}")
            done["worker"] += 1
        wait_for_quiet()
        if lost := look():
            raise SoakFailed(f"after kill {done['worker']} (seed {seed}): {lost}")
        if number % 10 == 0:
            print(f"  {done['worker']} kills, nothing lost", flush=True)
    if totals()["acts"] < kills:
        raise SoakFailed(f"the workers did hardly anything: {totals()}")
    left = finish(schools)
    lost = look()
    if left or lost:
        raise SoakFailed(f"{left} cases did not come to their end; {lost}")
    return {"kills": dict(done), "seed": seed} | totals()


def totals() -> dict[str, int]:
    from lingqu.foundation.workflow.models import Case, CaseLog, Task

    return {"cases": Case.objects.count(), "tasks": Task.objects.count(), "acts": CaseLog.objects.count()}


def end_connections() -> int:
    """Every other connection of this database, as when a server process dies."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(cursor.fetchone()[0])


def wait_for_quiet() -> None:
    """Until the server has noticed that its clients are dead."""
    from django.db import connection

    end = time.monotonic() + 30
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND state <> 'idle' AND backend_type = 'client backend'"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.05)
    raise SoakFailed("connections of dead workers stay")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=120)
    parser.add_argument("--cases", type=int, default=60, help="open at a time at most")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6)
    asked = parser.parse_args()
    from databases import platform

    with platform():
        try:
            print(json.dumps(soak(asked.kills, asked.cases, asked.workers, asked.seed)), flush=True)
        except SoakFailed as failure:
            print(f"✗ {failure}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
