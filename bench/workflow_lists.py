"""Lists of processes beside many cases: filled by SQL in the order of time, measured in statements, buffers, milliseconds.

Finished cases of four years, of which those of the last 180 days still have their steps (the platform packs older ones); open
cases with a step on the desk of their school. Numbers, names and places are as many as a city has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

YEARS, UNPACKED_DAYS, NAMES = 4, 180, 20_000
FILTERS: dict[str, dict[str, str]] = {
    "cases": {}, "running": {"state": "running"}, "returned": {"state": "returned"},
    "done of a process": {"state": "done", "key": "bench"}, "by number": {"words": "BJ-2026-024000"},
    "by name": {"words": "申请人77"},
}  # fmt: skip
UUID7 = """(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(mark, 1, 3) || '8'
  || substr(mark, 4, 15))::uuid"""
FILL = (
    """CREATE TEMP TABLE bench_school ON COMMIT PRESERVE ROWS AS
    SELECT row_number() OVER (ORDER BY o.path) - 1 AS place, o.id, o.path, p.id AS post, h.person_id AS clerk, v.id AS version
    FROM registry_organisation o JOIN registry_post p ON p.organisation_id = o.id
    JOIN registry_postholder h ON h.post_id = p.id, workflow_definitionversion v WHERE v.key = 'bench'""",
    f"""CREATE TEMP TABLE bench_case ON COMMIT PRESERVE ROWS AS
    SELECT n, at, n > %(finished)s AS is_open, least(now(), at + (1 + n %% 12) * interval '1 day') AS ended_at, {UUID7} AS id,
      n %% (SELECT count(*) FROM bench_school) AS place
    FROM (SELECT n, md5(n || 'bench') AS mark, CASE WHEN n <= %(finished)s
        THEN now() - interval '1 day' - {YEARS} * interval '365 days' * (1 - n::float / %(finished)s)
        ELSE now() - interval '15 days' * random() END AS at
      FROM generate_series(1, %(finished)s + %(open)s) n) drawn""",
    f"""INSERT INTO workflow_case (id, version_id, number, title, organisation_id, path, starter_id, starter_name, state, was, reason,
      decision, engine, revision, saved, started_at, due_at, yellow_at, ended_at, archived_at)
    SELECT b.id, s.version, 'BJ-' || to_char(at, 'YYYY') || '-' || lpad((n / 40)::text, 6, '0'), '流程', s.id, s.path, s.clerk,
      '申请人' || n %% {NAMES}, CASE WHEN is_open THEN CASE n %% 100 WHEN 0 THEN 'stuck' WHEN 1 THEN 'returned'
        ELSE 'running' END ELSE 'done' END, '', '', CASE WHEN is_open THEN '' ELSE 'agree' END, '{{}}', 5, 2, at,
      at + interval '8 days', at + interval '6 days', CASE WHEN NOT is_open THEN b.ended_at END,
      CASE WHEN NOT is_open AND b.ended_at < now() - interval '{UNPACKED_DAYS} days' THEN now() END
    FROM bench_case b JOIN bench_school s USING (place) ORDER BY at""",
    "INSERT INTO workflow_casedata (case_id, fields) SELECT id, '{\"why\": \"x\"}' FROM bench_case ORDER BY at",
    f"""INSERT INTO workflow_task (id, case_id, token, node, name, kind, addresses, state, decision, comment, actor_id, actor_name,
      opened_at, due_at, yellow_at, ended_at, days_used)
    SELECT gen_random_uuid(), b.id, 1, k, k, 'step', ARRAY['post:' || s.post], CASE WHEN is_open THEN 'open' ELSE 'done' END,
      CASE WHEN is_open THEN '' ELSE 'agree' END, '', CASE WHEN NOT is_open THEN s.clerk END, '', at,
      at + interval '3 days', at + interval '2 days', CASE WHEN NOT is_open THEN b.ended_at END, CASE WHEN NOT is_open THEN 2 END
    FROM bench_case b JOIN bench_school s USING (place),
      unnest(CASE WHEN is_open THEN ARRAY['check'] ELSE ARRAY['check', 'seats', 'papers', 'rule'] END) k
    WHERE is_open OR b.ended_at >= now() - interval '{UNPACKED_DAYS} days' ORDER BY at""",
)  # fmt: skip


def fill(finished: int, open_cases: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for sql in FILL:
            cursor.execute(sql, {"finished": finished, "open": open_cases} if "%(" in sql or "%%" in sql else None)
        cursor.execute("VACUUM (ANALYZE) workflow_case, workflow_task, workflow_casedata")


def measure(school: Any, clerk: Any) -> dict[str, dict[str, float]]:
    """Each list as its page asks for it: the clerk's own, and a county's and a city's with every filter."""
    from lingqu.foundation.workflow import api as workflow
    from lingqu.foundation.workflow.selectors import worklist
    from lingqu.foundation.workflow.types import rights
    from lingqu.kernel.actor import Actor, Right

    def reader(path: str) -> Actor:
        held = tuple(Right(code, path) for code in rights.ALL)
        return Actor(kind="account", name="m", person_id=clerk.id, account_id=clerk.id, rights=held)

    own = str(school.path)
    person, county, city = reader("none"), reader(own.rpartition(".")[0]), reader(own.split(".")[0])
    lists: dict[str, Callable[[], Any]] = {
        "work list": lambda: worklist.list_tasks(person, worklist.Wanted()),
        "work list, red": lambda: worklist.list_tasks(person, worklist.Wanted(light="red")),
        "work list by number": lambda: worklist.list_tasks(person, worklist.Wanted(number="024")),
        "counts by light": lambda: worklist.count_tasks(person),
        "processes of the work list": lambda: worklist.keys_of_tasks(person),
        "done by a clerk": lambda: workflow.list_done(person), "own cases": lambda: workflow.list_own(person),
    }  # fmt: skip
    for label, actor in (("school", reader(own)), ("county", county), ("city", city)):
        for shown, wanted in FILTERS.items():
            lists[f"{label}: {shown}"] = partial(workflow.list_cases, actor, **wanted)
        lists[f"{label}: stuck"] = partial(workflow.list_stuck, actor)
        for days in (90, 365):
            lists[f"{label}: figures of {days} days"] = partial(figures, actor, days)
    return {name: cost_of(run) for name, run in lists.items()}


def figures(actor: Any, days: int) -> Any:
    from datetime import timedelta

    from lingqu.foundation.workflow import api as workflow
    from lingqu.foundation.workflow.types import rights
    from lingqu.kernel import clock

    return workflow.process_figures(actor, actor.paths(rights.CASE_VIEW)[0], clock.now() - timedelta(days=days))


def cost_of(run: Callable[[], Any]) -> dict[str, float]:
    """Statements, shared buffers and milliseconds, the worst of five."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    worst = 0.0
    run()
    for _turn in range(5):
        begun = time.perf_counter()
        run()
        worst = max(worst, time.perf_counter() - begun)
    with CaptureQueriesContext(connection) as seen:
        run()
    buffers = 0
    with connection.cursor() as cursor:
        for query in seen.captured_queries:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query["sql"])
            plan = cursor.fetchone()[0][0]["Plan"]
            buffers += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return {"statements": len(seen), "buffers": buffers, "ms": round(1000 * worst, 1)}
