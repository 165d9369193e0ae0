"""Reading at depth: by id, pages by agent, activity and joined filters, at the front and far back, then in files.

    python bench/records_depth.py [5000000] [--home folder] [--files]

Starts a PostgreSQL of its own (in ``folder`` it stays, and another run measures what it holds), fills it with statements in the
form in which they are stored, spread over the last twelve months, and asks through the view, as the web process does. Prints
p50 and p95 of the time that a request takes, the processor time of both sides, the pages of PostgreSQL (18 or later) that it
touches, and the disk a statement needs, at 10^5, 10^6 and the count. ``--files`` moves the oldest months into Parquet, at least a fifth of the statements, and asks for these.
Bars: by id 10 ms, a page by agent or activity 30 ms at any depth (p95), the same at every size; pages in files 100 ms.
"""

from __future__ import annotations

import argparse
import atexit
import base64
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingqu.config.settings.test")

AGENTS, ACTIVITIES, COURSES, REGISTRATIONS, STEP = 20_000, 10_000, 200, 100_000, 250_000
MONTHS, YEAR = 13, 360 * 24 * 3600
HOME, ISSUER = "https://edu.example.cn", "https://id.example.edu.cn"
TABLES = {"records_statement": "tenant_id, seq", "records_mark": "mark, seq", "records_statementid": "id, tenant_id"}
FAST = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "wal_level": "minimal", "max_wal_senders": "0",
    "max_wal_size": "16GB", "checkpoint_timeout": "1h", "maintenance_work_mem": "1GB", "shared_buffers": "1GB",
}  # fmt: skip
BARS = {"id": 10.0, "agent": 30.0, "activity": 30.0, "course": 30.0}
PREPARE = """CREATE UNLOGGED TABLE bench_agent AS SELECT a, face, actor FROM unnest(%s::bigint[], %s::bigint[])
  WITH ORDINALITY AS u(face, actor, a);
CREATE UNLOGGED TABLE bench_activity AS SELECT t, term FROM unnest(%s::bigint[]) WITH ORDINALITY AS u(term, t);
CREATE UNLOGGED TABLE bench_registration AS SELECT r, id, mark FROM unnest(%s::text[], %s::bigint[]) WITH ORDINALITY AS u(id, mark, r);
CREATE UNLOGGED TABLE bench_row (n integer, seq bigint, id uuid, a integer, t integer, r integer, v integer)"""
ROWS = """INSERT INTO bench_row SELECT n, %(end)s - n::bigint * %(every)s, md5(n::text)::uuid, a, t, 1 + (a - 1) * 5 + n %% 5,
  (n * 31 %% 20 = 0)::integer
FROM (SELECT n, 1 + (n * 7919::bigint) %% %(agents)s AS a, 1 + (n * 104729::bigint) %% %(activities)s AS t
  FROM generate_series(%(first)s, %(last)s) n) g"""
FILL = (
    "INSERT INTO records_statementid (id, tenant_id, seq) SELECT id, %(tenant)s, seq FROM bench_row",
    """INSERT INTO records_statement (tenant_id, seq, id, credential, version, body)
SELECT %(tenant)s, w.seq, w.id, %(credential)s, 1, concat('{"actor":{"$":', g.face, '},"verb":{"id":"',
  (%(verbs)s::text[])[1 + w.v], '","display":{"en-US":"answered"}},"object":{"objectType":"Activity","id":"', %(home)s, '/activity/', w.t,
  '","definition":{"type":"http://adlnet.gov/expapi/activities/assessment","name":{"zh-CN":"单元练习 ', w.t,
  '"}}},"result":{"score":{"scaled":0.5,"raw":', w.n %% 100, ',"min":0,"max":100},"success":true,"completion":true,"duration":"PT90S"},',
  '"context":{"registration":"', r.id, '","platform":"bench","language":"zh-CN","contextActivities":{"parent":[{"objectType":"Activity",',
  '"id":"', %(home)s, '/activity/', 1 + w.t %% %(courses)s, '"}]}},"timestamp":"2026-03-01T00:00:00.000Z"}')
FROM bench_row w JOIN bench_agent g USING (a) JOIN bench_registration r USING (r) ORDER BY w.seq""",
    """INSERT INTO records_mark (mark, seq) SELECT m, seq FROM bench_row w JOIN bench_agent g USING (a)
JOIN bench_registration r USING (r) JOIN bench_activity o ON o.t = w.t JOIN bench_activity c ON c.t = 1 + w.t %% %(courses)s,
LATERAL (VALUES (g.actor << 4), (o.term << 4 | 2), (c.term << 4 | 3), ((%(verb_terms)s::bigint[])[1 + w.v] << 4 | 4), (r.mark)) v(m)""",
)
VERBS = ("http://adlnet.gov/expapi/verbs/answered", "http://adlnet.gov/expapi/verbs/passed")
Question = Callable[[], str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=5_000_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--files", action="store_true")
    options = parser.parse_args()
    start(options.home)
    import django

    django.setup()
    from django.core.management import call_command

    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    client, names = prepare(options.count)
    held, bad, known = count_of(names), [], held_goals(options.count)
    for goal in known:
        if held < goal:
            begun = time.monotonic()
            fill(names, held, goal)
            told(f"{goal:,} statements, {goal - held:,} in {time.monotonic() - begun:.0f} s")
            held = goal
        elif goal < known[-1]:
            continue
        found = measure(client, names, held)
        bad += report(held, found, BARS)
        print(json.dumps({"bytes_a_statement": disk(held)}), flush=True)
    if options.files:
        bad += in_files(client, names, held)
    for one in bad:
        print("✗", one)
    return 1 if bad else 0


def held_goals(count: int) -> list[int]:
    return sorted({one for one in (100_000, 1_000_000) if one < count} | {count})


def told(text: str) -> None:
    print(text, f"load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def start(home: Path | None) -> None:
    """A PostgreSQL with settings for loading much at once; without ``home`` it leaves nothing behind."""
    if os.environ.get("DATABASE_URL"):
        return
    from lingqu.config.env import env
    from lingqu.config.postgres import Cluster, url_of

    kept = home or Path(tempfile.mkdtemp(prefix="lingqu-bench-depth-"))
    kept.mkdir(parents=True, exist_ok=True)
    kept.chmod(0o755)
    cluster = Cluster(kept.resolve(), pg_bin=env().pg_bin, settings=FAST)
    cluster.start(seconds=120)

    def leave() -> None:
        import shutil

        cluster.stop()
        if home is None:
            for folder in (cluster.root, cluster.home, cluster.sockets):
                shutil.rmtree(folder, ignore_errors=True)

    atexit.register(leave)
    os.environ["DATABASE_URL"] = url_of(kept.resolve())
    os.environ.setdefault("LINGQU_HOME", str(kept.resolve() / "platform"))


def prepare(count: int) -> tuple[Any, dict[str, Any]]:
    """A client with a credential, and the ids of everything that statements name."""
    from uuid import NAMESPACE_URL, uuid5

    from django.db import connection
    from django.test import Client

    from lingqu.kernel.actor import Actor
    from lingqu.kernel.clock import now
    from lingqu.learning.records import api as records
    from lingqu.learning.records.models import Credential, Tenant
    from lingqu.learning.records.services import actors, terms
    from lingqu.learning.records.types.marks import moment_at, months_from, registration_mark, seq_at

    made = records.create_credential(actor=Actor.system("bench"), name="bench")
    row = Credential.objects.get(key=made.key)
    tenant = Tenant.objects.get(id=row.tenant_id)
    agents = [agent_of(n) for n in range(AGENTS)]
    known = actors.resolve(tenant.pk, {actors.face_json(one): one for one in agents})
    pairs = [known[actors.face_json(one)] for one in agents]
    iris = [f"{HOME}/activity/{n}" for n in range(1, ACTIVITIES + 1)]
    ids = terms.resolve(tenant.pk, [(1, iri, None) for iri in iris] + [(2, iri, None) for iri in VERBS])
    registrations = [str(uuid5(NAMESPACE_URL, f"registration {n}")) for n in range(1, REGISTRATIONS + 1)]
    end, every = seq_at(now()), YEAR * 1_000_000 * 4096 // count
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_row') IS NULL")
        if cursor.fetchone()[0]:
            for name, first, last in months_from(moment_at(end - MONTHS * 30 * 86400 * 1_000_000 * 4096), MONTHS + 4):
                for table in list(TABLES)[:2]:
                    cursor.execute(
                        f"CREATE TABLE IF NOT EXISTS {table}_{name} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({last})"
                    )
            marks = [registration_mark(tenant.pk, one) for one in registrations]
            for statement, values in zip(
                PREPARE.split(";\n"),
                (
                    [[one[0] for one in pairs], [one[1] for one in pairs]],
                    [[ids[1, iri] for iri in iris]],
                    [registrations, marks],
                    [],
                ),
                strict=True,
            ):
                cursor.execute(statement, values)
        cursor.execute("SELECT max(seq) FROM records_statement")
        end = cursor.fetchone()[0] or end
    pair = base64.b64encode(f"{made.key}:{made.secret}".encode()).decode()
    client = Client(headers={"Authorization": f"Basic {pair}", "X-Experience-API-Version": "1.0.3"})
    return client, {
        "tenant": tenant.pk, "credential": row.pk, "agents": AGENTS, "activities": ACTIVITIES, "courses": COURSES, "home": HOME,
        "end": end, "every": every, "verbs": list(VERBS), "verb_terms": [ids[2, iri] for iri in VERBS],
        "registrations": registrations,
    }  # fmt: skip


def agent_of(number: int) -> dict[str, Any]:
    return {"name": f"学生{number:05}", "account": {"homePage": ISSUER, "name": f"stu-{number:05}"}}


def count_of(names: dict[str, Any]) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_statementid WHERE tenant_id = %s", [names["tenant"]])
        return int(cursor.fetchone()[0])


def fill(names: dict[str, Any], first: int, goal: int) -> None:
    """Rows without indexes, which are built at the end: what a table with indexes would cost is measured by ``bench/records.py``."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
        while first < goal:
            last = min(first + STEP, goal) - 1
            cursor.execute("TRUNCATE bench_row")
            cursor.execute(ROWS, {**names, "first": first, "last": last})
            cursor.execute("ANALYZE bench_row")
            for statement in FILL:
                cursor.execute(statement, names)
            first = last + 1
        for table, columns in TABLES.items():
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({columns})")
        for table in (*TABLES, "records_term", "records_actor", "records_face"):
            cursor.execute(f"VACUUM ANALYZE {table}")


class Asker:
    """Questions about rows of the filling, each drawn anew; ``least`` and ``count`` bound which rows."""

    def __init__(self, client: Any, names: dict[str, Any], least: int, count: int) -> None:
        self.client, self.names, self.least, self.count, self.rng = client, names, least, count, random.Random(7)

    def row(self) -> dict[str, int]:
        n = self.rng.randrange(self.least, self.count)
        a, t = 1 + n * 7919 % AGENTS, 1 + n * 104729 % ACTIVITIES
        return {"n": n, "a": a, "t": t, "r": 1 + (a - 1) * 5 + n % 5, "v": int(n * 31 % 20 == 0), "c": 1 + t % COURSES}

    def timed(self, question: str) -> tuple[float, Any]:
        at = time.perf_counter()
        answer = self.client.get("/xapi/statements?" + question)
        took = (time.perf_counter() - at) * 1000
        assert answer.status_code == 200, answer.content[:300]
        return took, json.loads(answer.content)

    def questions(self) -> dict[str, Question]:
        from hashlib import md5
        from uuid import UUID

        def agent(n: int) -> str:
            return f"limit=25&agent={quote(json.dumps(agent_of(n - 1)))}"

        def activity(n: int) -> str:
            return f"limit=25&activity={HOME}/activity/{n}"

        def with_verb() -> str:
            row = self.row()
            return f"{agent(row['a'])}&verb={VERBS[row['v']]}"

        def with_registration() -> str:
            row = self.row()
            return f"{activity(row['t'])}&registration={self.names['registrations'][row['r'] - 1]}"

        def between() -> str:
            low, row = self.moment(self.row()["n"]), self.row()
            return f"{activity(row['t'])}&since={low}&until={self.moment(0)}"

        return {
            "id": lambda: f"statementId={UUID(md5(str(self.row()['n']).encode()).hexdigest())}",
            "agent": lambda: agent(self.row()["a"]),
            "activity": lambda: activity(self.row()["t"]),
            "course": lambda: f"{activity(self.row()['c'])}&related_activities=true",
            "agent, verb": with_verb,
            "activity, registration": with_registration,
            "activity, since, until": between,
            "course, rare verb": lambda: f"{activity(self.row()['c'])}&related_activities=true&verb={VERBS[1]}",
            "all": lambda: "limit=25",
        }

    def moment(self, n: int) -> str:
        from lingqu.learning.records.types.marks import moment_at

        return moment_at(self.names["end"] - n * self.names["every"]).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def measure(client: Any, names: dict[str, Any], count: int) -> dict[str, Any]:
    asker = Asker(client, names, 0, count)
    questions = asker.questions()
    found = {name: rounds(asker, question, 100) for name, question in questions.items()}
    for name in ("agent", "activity", "course", "all"):
        found[f"{name}, far back"] = depths(asker, questions[name], until=1 if name in ("agent", "activity") else 60)
    far = asker.moment(int(count * 0.95))
    for name in ("agent", "course", "all"):
        found[f"{name}, until 95 % back"] = rounds(asker, lambda ask=questions[name]: f"{ask()}&until={far}", 60)
    return found


def rounds(asker: Asker, question: Question, times: int) -> dict[str, float]:
    for _warm in range(5):
        asker.timed(question())
    read, before = buffers(), processor()
    took = [asker.timed(question())[0] for _nth in range(times)]
    return spread(took) | each(len(took), before, read)


def depths(asker: Asker, question: Question, *, until: int) -> dict[str, float]:
    """Along ``more`` links: to the end where lists are short, else for ``until`` pages."""
    times, read, before = [], buffers(), processor()
    while len(times) < 60:
        page = asker.timed(question())[1]
        for _page in range(max(until, 60)):
            if not page["more"]:
                break
            took, page = asker.timed(page["more"].partition("?")[2])
            times.append(took)
        if not times:
            break
    return spread(times) | each(max(1, len(times)), before, read)


def report(count: int, found: dict[str, Any], bars: dict[str, float]) -> list[str]:
    """Print the lines of a size; returns the bars that are missed."""
    bad = []
    for name, figures in found.items():
        print(f"{count:>10,}  {name:28} {json.dumps(figures)}", f"load {os.getloadavg()[0]:.1f}", flush=True)
        bar = bars.get(name.partition(",")[0]) if "verb" not in name else None
        if bar is not None and figures.get("p95_ms", 0) > bar:
            bad.append(f"{name} of {count:,}: p95 {figures['p95_ms']} ms (bar {bar})")
    return bad


def in_files(client: Any, names: dict[str, Any], count: int) -> list[str]:
    """Move the oldest months into files until a fifth of the statements lies there, then ask for those."""
    from django.db import connection

    from lingqu.learning.records.models import Month
    from lingqu.learning.records.services.archiving import archive_month

    begun, moved = time.monotonic(), sum(Month.objects.values_list("statements", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT replace(inhrelid::regclass::text, 'records_statement_', ''), pg_get_expr(c.relpartbound, c.oid)"
            " FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'records_statement'::regclass ORDER BY 1"
        )
        partitions = cursor.fetchall()
    for name, bounds in partitions:
        if moved >= count // 5:
            break
        first, last = (int(part.split("'")[1]) for part in bounds.split(" TO "))
        moved += archive_month(name, first, last).statements
        told(f"{moved:,} in files after {time.monotonic() - begun:.0f} s")
    asker = Asker(client, names, count - moved + 1, count)
    border = asker.moment(count - moved + 1)
    questions = asker.questions()
    found = {"id": rounds(asker, questions["id"], 60)}
    for name in ("agent", "activity", "course", "activity, registration", "agent, verb", "all"):
        found[name] = rounds(asker, lambda ask=questions[name]: f"{ask()}&until={border}", 40)
    return report(
        moved,
        {f"{name}, in files": one for name, one in found.items()},
        dict.fromkeys(("id", "agent", "activity"), 100.0),
    )


def processor() -> float:
    """Seconds of processor that this process and its connection have used: what a busy machine cannot change much."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def buffers() -> int:
    """Pages of PostgreSQL that this connection has touched: what no neighbour on the machine can change."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT coalesce(sum(hits) + sum(reads), 0)::bigint FROM pg_stat_get_backend_io(pg_backend_pid())"
        )
        return int(cursor.fetchone()[0])


def each(times: int, before: float, read: int) -> dict[str, float]:
    """Processor time and pages of a request."""
    return {
        "cpu_ms": round((processor() - before) * 1000 / times, 1),
        "buffers": round((buffers() - read) / times),
    }


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
    """Bytes a statement of each table, rows and index."""
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
    return found


if __name__ == "__main__":
    sys.exit(main())
