"""Processes through the service: steps a second with every row a step writes, the engine's bytes of a case, task lists.

    python bench/workflow.py [--cases 2000] [--seconds 20] [--workers 4] [--finished 1000000] [--open 10000] [--no-rival]

One definition of twelve nodes (three steps of people, an exclusive and a parallel gateway, a boundary timer), about 1 KB of
form data a step. Each worker process acts as clerks who hold posts: ``complete`` with permission, clock in working days, form,
history, to-dos of the inbox, audit and change row, in one transaction a step. SpiffWorkflow (LGPL, in an environment of its
own that is thrown away, never linked) runs the same definition beside it: restore the state from PostgreSQL, complete one
task, save it; it writes nothing of the rest, and no step is missing from its advantage. Lists: open steps of a clerk and
the cases of a county over finished ones, in buffers and milliseconds. Bars: 400 steps/s, 8 KB, 2,000 buffers.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
import workflow_lists  # noqa: E402 - the folder has to be on the path first
from databases import server_seconds  # noqa: E402

RIVAL = "SpiffWorkflow==3.2.0"
SCHOOLS, COUNTIES = 40, 8
READY = 10
"""Seconds in which all workers have started."""
WARM = 20
"""Steps of a worker before its figures count: the plan is read, statements are prepared, the expression library is loaded."""


def draw() -> Any:
    """Three steps of people, two of them side by side behind a choice; the last one has a timer."""
    from lingqu.foundation.workflow.testing import Drawing
    from lingqu.foundation.workflow.types.graph import NodeKind
    from lingqu.foundation.workflow.types.participants import Place, Rule, RuleKind

    office = (Rule(kind=RuleKind.POST, code="school_office", place=Place.SCHOOL),)
    drawn = Drawing("bench")
    for name in ("check", "seats", "papers", "rule"):
        drawn.user(name, participants=office, days=3, writes=(f"{name}_note",), reads=("why",))
    drawn.node("choice", NodeKind.EXCLUSIVE)
    drawn.node("split", NodeKind.PARALLEL)
    drawn.node("join", NodeKind.PARALLEL)
    drawn.node("reminder", NodeKind.THROW_NONE)
    drawn.timer("late", "rule", days=5, is_working=True)
    drawn.line("start", "check", "choice")
    drawn.flow("choice", "split", 'decision == "agree"')
    drawn.flow("choice", "end", is_default=True)
    drawn.line("split", "seats", "join", "rule", "end")
    drawn.line("split", "papers", "join")
    drawn.line("late", "reminder", "end")
    return drawn.graph(days=20)


def build() -> list[Any]:
    from lingqu.foundation.registry import api as registry
    from lingqu.foundation.registry import testing as people
    from lingqu.foundation.workflow.testing import make_version

    registry.prepare()
    root = people.make_root()
    counties = [people.make_organisation(root, "region", name=f"县{number}") for number in range(COUNTIES)]
    schools = []
    for number in range(SCHOOLS):
        school = people.make_school(counties[number % COUNTIES], name=f"学校{number}")
        clerk = people.make_teacher(school, f"文书{number}")
        people.make_post(school, "school_office", clerk)
        schools.append((school, clerk, people.make_teacher(school, f"申请{number}")))
    make_version(root, draw())
    return schools


def actor_of(person: Any) -> Any:
    from lingqu.kernel.actor import Actor

    return Actor(kind="account", name=person.name, account_id=person.id, person_id=person.id)


def start_cases(schools: list[Any], count: int) -> float:
    from lingqu.foundation.workflow import api as workflow

    begun = time.perf_counter()
    for number in range(count):
        school, _clerk, applicant = schools[number % len(schools)]
        workflow.start(
            actor=actor_of(applicant),
            key="bench",
            organisation_id=school.id,
            fields={"why": "搬家", "long": "文" * 300},
        )
    return count / (time.perf_counter() - begun)


def work(part: int, parts: int, seconds: float, at: float) -> None:
    """One worker: clerks of some schools do whatever waits for them from a moment on; prints what came of it."""
    import django

    django.setup()
    from lingqu.foundation.registry import testing as people
    from lingqu.foundation.workflow import api as workflow
    from lingqu.foundation.workflow.engine import expressions
    from lingqu.kernel.errors import Conflict

    rows = people.Person.objects.filter(name__startswith="文书").order_by("number")
    clerks = [actor_of(person) for place, person in enumerate(rows) if place % parts == part]
    waiting: list[tuple[Any, Any]] = []
    spent: list[float] = []
    refused: list[str] = []
    expressions.holds("1 == 1", {})  # loads the library
    time.sleep(max(0.0, at - time.time()))
    end, burnt = time.perf_counter() + seconds, 0.0
    while time.perf_counter() < end:
        if not waiting:
            waiting = [(clerk, line) for clerk in clerks for line in workflow.list_open(clerk).items]
            random.shuffle(waiting)
            if not waiting:
                break
        clerk, line = waiting.pop()
        begun, cpu = time.perf_counter(), time.process_time()
        try:
            workflow.complete(actor=clerk, task_id=line.id, decision="agree", fields={f"{line.name}_note": "文" * 300})
        except Conflict as error:
            refused.append(repr(error))
            continue
        spent.append(time.perf_counter() - begun)
        burnt += time.process_time() - cpu if len(spent) > WARM else 0.0
    if len(spent) <= WARM:
        raise SystemExit(f"only {len(spent)} steps, refused: {refused[-3:]}")
    done, spent = len(spent), sorted(spent[WARM:])
    middle, late = spent[len(spent) // 2], spent[int(len(spent) * 0.95)]
    print(json.dumps({"done": done, "cpu": burnt * done / len(spent), "p50": middle, "p95": late}))


def run_workers(parts: int, seconds: float) -> dict[str, float]:
    server, at = server_seconds(os.environ["DATABASE_URL"]), time.time() + READY
    given = ["--workers", str(parts), "--seconds", str(seconds), "--at", str(at)]
    started = [
        subprocess.Popen(
            [sys.executable, __file__, "--part", str(part), *given],
            env=os.environ, stdout=subprocess.PIPE, text=True,
        )
        for part in range(parts)
    ]  # fmt: skip
    told = [json.loads(process.communicate()[0].strip().splitlines()[-1]) for process in started]
    wall = min(time.time() - at, seconds)
    server = server_seconds(os.environ["DATABASE_URL"]) - server
    return figures_of(told, server) | {
        "steps_s": round(sum(one["done"] for one in told) / wall, 1), "p50_ms": round(1000 * max(one["p50"] for one in told), 1),
        "p95_ms": round(1000 * max(one["p95"] for one in told), 1), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def figures_of(told: list[dict[str, float]], server: float) -> dict[str, float]:
    """Processor milliseconds a step, which a busy machine does not change, and what two idle cores would do with them."""
    done = sum(one["done"] for one in told)
    client = 1000 * sum(one["cpu"] for one in told) / done
    both = client + 1000 * server / done
    return {
        "steps": done, "client_cpu_ms": round(client, 2), "server_cpu_ms": round(1000 * server / done, 2),
        "steps_s_of_two_idle_cores": round(2000 / both),
    }  # fmt: skip


ENGINE_BYTES = """
SELECT avg(pg_column_size(c.engine)), max(pg_column_size(c.engine)),
  avg((SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM workflow_task t WHERE t.case_id = c.id)
    + (SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM workflow_timer t WHERE t.case_id = c.id) + pg_column_size(c.*))
FROM workflow_case c
"""


def engine_bytes() -> dict[str, int]:
    """Of a case: tokens and decisions alone, and with its row, steps and timers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(ENGINE_BYTES)
        mean, most, whole = cursor.fetchone()
    return {"state_mean": int(mean), "state_most": int(most), "with_steps_and_timers": int(whole)}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--no-rival", action="store_true")
    parser.add_argument("--part", type=int, default=None)
    parser.add_argument("--at", type=float, default=0)
    return parser.parse_args()


RIVAL_SCRIPT = """
import json, sys, time, random, psycopg
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.bpmn.specs.mixins.user_task import UserTask
from SpiffWorkflow.bpmn.specs.defaults import UserTask as Drawn
url, bpmn, cases, seconds, part = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
parser = BpmnParser(); parser.add_bpmn_file(bpmn)
spec = parser.get_spec('bench')
serializer = BpmnWorkflowSerializer()
link = psycopg.connect(url)
table = f'spiff_{part}'
link.execute(f'CREATE TABLE {table} (id int PRIMARY KEY, state jsonb, done bool DEFAULT false)')
for number in range(cases):
    flow = BpmnWorkflow(spec); flow.do_engine_steps()
    link.execute(f'INSERT INTO {table} VALUES (%s, %s)', (number, serializer.serialize_json(flow)))
link.commit()
size = link.execute(f'SELECT avg(pg_column_size(state)) FROM {table}').fetchone()[0]
open_ids = list(range(cases)); done = 0; spent = []; burnt = 0.0
end = time.perf_counter() + seconds
while open_ids and time.perf_counter() < end:
    number = random.choice(open_ids); begun = time.perf_counter(); cpu0 = time.process_time()
    state = link.execute(f'SELECT state::text FROM {table} WHERE id = %s FOR UPDATE', (number,)).fetchone()[0]
    flow = serializer.deserialize_json(state)
    ready = [t for t in flow.get_tasks(state=TaskState.READY) if isinstance(t.task_spec, Drawn)]
    if not ready:
        open_ids.remove(number); link.rollback(); continue
    ready[0].data.update(decision='agree', note=chr(25991) * 300)
    ready[0].run(); flow.do_engine_steps()
    link.execute(f'UPDATE {table} SET state = %s WHERE id = %s', (serializer.serialize_json(flow), number)); link.commit()
    spent.append(time.perf_counter() - begun); done += 1; burnt += time.process_time() - cpu0
spent.sort()
size_after = link.execute(f'SELECT avg(pg_column_size(state)) FROM {table}').fetchone()[0]
print(json.dumps({'done': done, 'cpu': burnt, 'p50': spent[len(spent)//2], 'p95': spent[int(len(spent)*.95)], 'size': int(size), 'size_after': int(size_after),
  'wall': seconds if time.perf_counter() >= end else sum(spent)}))
"""

RIVAL_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench" id="d">
<process id="bench" isExecutable="true">
<startEvent id="start"/><userTask id="check"/><userTask id="seats"/><userTask id="papers"/><userTask id="rule"/>
<exclusiveGateway id="choice" default="no"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="end"/>
<boundaryEvent id="late" attachedToRef="rule"><timerEventDefinition><timeDuration>"P5D"</timeDuration></timerEventDefinition></boundaryEvent>
<endEvent id="over"/>
<sequenceFlow id="a" sourceRef="start" targetRef="check"/><sequenceFlow id="b" sourceRef="check" targetRef="choice"/>
<sequenceFlow id="c" sourceRef="choice" targetRef="split"><conditionExpression>decision == "agree"</conditionExpression></sequenceFlow>
<sequenceFlow id="no" sourceRef="choice" targetRef="end"/><sequenceFlow id="e" sourceRef="split" targetRef="seats"/>
<sequenceFlow id="f" sourceRef="split" targetRef="papers"/><sequenceFlow id="g" sourceRef="seats" targetRef="join"/>
<sequenceFlow id="h" sourceRef="papers" targetRef="join"/><sequenceFlow id="i" sourceRef="join" targetRef="rule"/>
<sequenceFlow id="j" sourceRef="rule" targetRef="end"/><sequenceFlow id="k" sourceRef="late" targetRef="over"/>
</process></definitions>"""


def run_rival(parts: int, cases: int, seconds: float) -> dict[str, float]:
    """The same definition in SpiffWorkflow, as many processes; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="lingqu-rival-") as folder:
        place = Path(folder)
        python = place / "venv" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", str(place / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", RIVAL, "psycopg[binary]"], check=True)
        (place / "rival.py").write_text(RIVAL_SCRIPT)
        (place / "bench.bpmn").write_text(RIVAL_BPMN)
        url = os.environ["DATABASE_URL"]
        server = server_seconds(url)
        started = [
            subprocess.Popen(
                [str(python), str(place / "rival.py"), url, str(place / "bench.bpmn"), str(cases // parts), str(seconds), str(part)],
                stdout=subprocess.PIPE, text=True,
            )
            for part in range(parts)
        ]  # fmt: skip
        told = [json.loads(process.communicate()[0].strip().splitlines()[-1]) for process in started]
        server = server_seconds(url) - server
    return figures_of(told, server) | {
        "steps_s": round(sum(one["done"] / one["wall"] for one in told), 1),
        "p50_ms": round(1000 * max(one["p50"] for one in told), 1), "p95_ms": round(1000 * max(one["p95"] for one in told), 1),
        "state_start": told[0]["size"], "state_later": told[0]["size_after"], "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def compare(ours: dict[str, float], theirs: dict[str, float]) -> dict[str, Any]:
    """How many times as fast we are, by the clock and by processor time of client and server."""
    cpu = [one["client_cpu_ms"] + one["server_cpu_ms"] for one in (theirs, ours)]
    return {
        "rival": theirs, "ratio_of_steps_s": round(ours["steps_s"] / theirs["steps_s"], 2), "ratio_of_cpu": round(cpu[0] / cpu[1], 2),
    }  # fmt: skip


def main() -> int:
    asked = options()
    if asked.part is not None:
        work(asked.part, asked.workers, asked.seconds, asked.at)
        return 0
    from databases import platform

    with platform():
        schools = build()
        found: dict[str, Any] = {"starts_s": round(start_cases(schools, asked.cases), 1)}
        print(json.dumps(found), flush=True)
        found["service"] = run_workers(asked.workers, asked.seconds)
        print(json.dumps(found["service"]), flush=True)
        found["bytes"] = engine_bytes()
        if not asked.no_rival:
            found |= compare(found["service"], run_rival(asked.workers, min(asked.cases, 1000), asked.seconds))
            print(json.dumps(found), flush=True)
        if asked.finished:
            workflow_lists.fill(asked.finished, asked.open)
            found["lists"] = workflow_lists.measure(*schools[5][:2])
        print(json.dumps(found, indent=1, ensure_ascii=False), flush=True)
        is_good = (
            found["service"]["steps_s_of_two_idle_cores"] >= 400 and found["bytes"]["with_steps_and_timers"] <= 8192
        )
        return 0 if is_good and all(one["buffers"] <= 2000 for one in found.get("lists", {}).values()) else 1


if __name__ == "__main__":
    sys.exit(main())
