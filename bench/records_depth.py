"""Reading at depth: by id, and pages by agent and activity at the front and far back, with many statements in the database.

    python bench/records_depth.py 5000000 [home]

Starts a throwaway PostgreSQL (or uses DATABASE_URL), fills it with statements in the form in which they are stored, and
asks through the view, as the web process does. Prints p50 and p95 of the time that a request takes, the processor
time of both sides, and the disk a statement needs.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingqu.config.settings.test")

AGENTS, ACTIVITIES, STEP = 20_000, 10_000, 250_000
TABLES = ("records_statement", "records_mark", "records_statementid")
FILL = """WITH s AS MATERIALIZED (
  SELECT n, %(begin)s + n::bigint * 4096 * 200000 AS seq, 1 + (n * 7919::bigint) %% %(agents)s AS a,
    1 + (n * 104729::bigint) %% %(activities)s AS t, md5(n::text)::uuid AS id
  FROM generate_series(%(first)s, %(last)s) n),
i AS (INSERT INTO records_statementid (id, tenant_id, seq) SELECT id, %(tenant)s, seq FROM s),
b AS (INSERT INTO records_statement (tenant_id, seq, id, credential, version, body)
  SELECT %(tenant)s, seq, id, %(credential)s, 1, json_build_object('actor', json_build_object('$', (%(faces)s::bigint[])[a]),
    'verb', json_build_object('id', 'http://adlnet.gov/expapi/verbs/answered', 'display', json_build_object('en-US', 'answered')),
    'object', json_build_object('objectType', 'Activity', 'id', 'https://edu.example.cn/activity/' || t, 'definition',
      json_build_object('type', 'http://adlnet.gov/expapi/activities/assessment', 'name', json_build_object('zh-CN', '单元练习 ' || t))),
    'result', json_build_object('score', json_build_object('scaled', 0.5, 'raw', n %% 100, 'min', 0, 'max', 100), 'success', true,
      'completion', true, 'duration', 'PT90S'),
    'context', json_build_object('registration', md5('r' || n), 'platform', 'bench', 'language', 'zh-CN', 'contextActivities',
      json_build_object('parent', json_build_array(json_build_object('objectType', 'Activity', 'id', 'https://edu.example.cn/course/' || (t %% 200))))),
    'timestamp', '2026-03-01T00:00:00.000Z')::text FROM s)
INSERT INTO records_mark (mark, seq)
SELECT m, seq FROM s, LATERAL (VALUES ((%(actors)s::bigint[])[a] << 4), ((%(terms)s::bigint[])[t] << 4 | 2),
  ((%(terms)s::bigint[])[1 + t %% 200] << 4 | 3), (%(verb)s::bigint << 4 | 4), (-(n::bigint << 4) - 1)) v(m)
ON CONFLICT DO NOTHING"""


def main(count: int) -> None:
    from lingqu.config.throwaway import start_throwaway

    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = start_throwaway()
    import django

    django.setup()
    from django.core.management import call_command

    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    ask, names = prepare()
    done = 0
    for goal in [one for one in (100_000, 1_000_000, count) if one <= count]:
        while done < goal:
            step = min(STEP, goal - done)
            fill(names, done, done + step - 1)
            done += step
            print(f"{done} at {time.monotonic():.0f}", file=sys.stderr, flush=True)
        analyse()
        print(json.dumps({"statements": done, **measure(ask, names, done), **disk(done)}), flush=True)


def prepare() -> tuple[Any, dict[str, Any]]:
    from django.db import connection
    from django.test import Client

    from lingqu.kernel.actor import Actor
    from lingqu.kernel.clock import now
    from lingqu.learning.records import api as records
    from lingqu.learning.records.models import Credential
    from lingqu.learning.records.services import actors, partitions, terms
    from lingqu.learning.records.types.marks import moment_at, months_from, seq_at

    made = records.create_credential(actor=Actor.system("bench"), name="bench")
    row = Credential.objects.get(key=made.key)
    home = "https://id.example.edu.cn"
    agents = [{"name": f"学生{n:05}", "account": {"homePage": home, "name": f"stu-{n:05}"}} for n in range(AGENTS)]
    known = actors.resolve(row.tenant_id, agents)
    pairs = [known[actors.face_json(one)] for one in agents]
    iris = [f"https://edu.example.cn/activity/{n}" for n in range(1, ACTIVITIES + 1)]
    ids = terms.resolve(row.tenant_id, [(1, iri, None) for iri in iris])
    verb = terms.resolve(row.tenant_id, [(2, "http://adlnet.gov/expapi/verbs/answered", None)])
    begin = seq_at(now()) - 5_200_000 * 4096 * 200_000
    partitions.make_partitions()
    with connection.cursor() as cursor:
        for name, first, last in months_from(moment_at(begin), 14):
            for table in TABLES[:2]:
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {table}_{name} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({last})"
                )
    pair = base64.b64encode(f"{made.key}:{made.secret}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "X-Experience-API-Version": "1.0.3"}
    client = Client(headers=headers)
    values = {
        "tenant": row.tenant_id, "credential": row.pk, "agents": AGENTS, "activities": ACTIVITIES, "begin": begin,
        "faces": [face for face, _actor in pairs], "actors": [actor for _face, actor in pairs],
        "terms": [ids[1, iri] for iri in iris], "verb": next(iter(verb.values())),
    }  # fmt: skip
    return client, values


def fill(names: dict[str, Any], first: int, last: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(FILL, {**names, "first": first, "last": last})


def analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")


def measure(client: Any, names: dict[str, Any], count: int) -> dict[str, Any]:
    from hashlib import md5
    from uuid import UUID

    rng = random.Random(7)

    def by_id() -> str:
        return f"statementId={UUID(md5(str(rng.randrange(count)).encode()).hexdigest())}"

    def timed(question: str) -> tuple[float, Any]:
        at = time.perf_counter()
        answer = client.get("/xapi/statements?" + question)
        took = (time.perf_counter() - at) * 1000
        assert answer.status_code == 200, answer.content[:300]
        return took, json.loads(answer.content)

    from urllib.parse import quote

    def agent() -> str:
        who = {"account": {"homePage": "https://id.example.edu.cn", "name": f"stu-{rng.randrange(AGENTS):05}"}}
        return f"limit=25&agent={quote(json.dumps(who))}"

    def activity() -> str:
        return f"limit=25&activity=https://edu.example.cn/activity/{rng.randrange(1, ACTIVITIES)}"

    def course() -> str:
        return f"limit=25&related_activities=true&activity=https://edu.example.cn/activity/{rng.randrange(1, 200)}"

    found: dict[str, Any] = {}
    for name, question in (
        ("id", by_id),
        ("agent", agent),
        ("activity", activity),
        ("course", course),
        ("all", lambda: "limit=25"),
    ):
        for _warm in range(5):
            timed(question())
        before = processor()
        found[name] = spread([timed(question())[0] for _nth in range(60)])
        found[name]["cpu_ms"] = round((processor() - before) * 1000 / 60, 1)
    for name, question in (("activity_deep", activity), ("course_deep", course), ("all_deep", lambda: "limit=100")):
        times, before = [], processor()
        for _nth in range(3):
            page = timed(question())[1]
            for _page in range(60):
                if not page["more"]:
                    break
                took, page = timed(page["more"].partition("?")[2])
                times.append(took)
        found[name] = spread(times) | {"cpu_ms": round((processor() - before) * 1000 / max(1, len(times)), 1)}
    return found


def processor() -> float:
    """Seconds of processor that this process and its connection have used: what a busy machine cannot change much."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(times: list[float]) -> dict[str, float]:
    times = sorted(times)
    if not times:
        return {"n": 0}
    return {
        "n": len(times),
        "p50_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
    }


def disk(count: int) -> dict[str, Any]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT sum(pg_relation_size(c)), sum(pg_indexes_size(c)) FROM (SELECT %s::regclass AS c UNION ALL"
                " SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = %s::regclass) t",
                [table, table],
            )
            heap, index = cursor.fetchone()
            found[table] = {"heap": round(heap / count), "index": round(index / count)}
    return {"bytes_a_statement": found}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000)
