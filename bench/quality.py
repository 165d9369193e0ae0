"""How long checking a whole region takes, against the bare statements of its rules.

    python bench/quality.py [--people 1000000] [--kill]

Its own database, gone afterwards; rows of ``bench/register_rows.py`` with sealed ID numbers that are right but for one in a
hundred. ``--people`` counts everybody; 45 of a hundred are pupils. Timed are the first evaluation (all findings new), a second
(nothing changed), and the plain way: every rule's SELECT counted once over the whole node, without findings, scores or sealed
values, and unsealing alone. ``--kill`` stops after every tenth step and goes on in a new process. Prints seconds, processor
seconds, temporary bytes, statements and the ratio.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
LIMIT = 180.0
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number_of(serial: int, born: str, sex: str) -> str:
    body = f"000101{born}{serial % 500 * 2 + (sex == '1'):03d}"
    last = "10X98765432"[sum(int(a) * b for a, b in zip(body, WEIGHTS, strict=True)) % 11]
    return body + ("X" if last != "X" else "0") if serial % 100 == 0 else body + last


def seal_numbers() -> int:
    """Every pupil gets an ID number of the own birthday and sex; one in a hundred a wrong check digit."""
    from django.db import connection

    from lingqu.kernel import crypto

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.birth_date, p.sex FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id ORDER BY e.id"
        )
        rows = cursor.fetchall()
        numbers = [number_of(n, f"{born:%Y%m%d}", sex) for n, (_id, born, sex) in enumerate(rows)]
        sealed = crypto.seal_all(
            [{"id_number": one, "phone": "12000000000", "address": "测量路 1 号"} for one in numbers]
        )
        cursor.execute("CREATE TEMP TABLE sealing (id uuid, sealed bytea)")
        with cursor.copy("COPY sealing FROM STDIN") as copy:
            for (person, _born, _sex), value in zip(rows, sealed, strict=True):
                copy.write_row((person, value))
        cursor.execute(
            "UPDATE registry_person p SET sealed = s.sealed, synthetic = false FROM sealing s WHERE s.id = p.id"
        )
        cursor.execute("UPDATE registry_person SET synthetic = false WHERE synthetic")
        cursor.execute("DROP TABLE sealing")
        cursor.execute("VACUUM ANALYZE")
    return len(rows)


PART = """
import sys
import django
django.setup()
from lingqu.foundation.quality.services import evaluating
evaluating.prepare()
run_id, goes_on, steps = evaluating._begin(sys.argv[1]), True, 0
while goes_on and steps < 10:
    goes_on, steps = evaluating._next_step(run_id), steps + 1
import os, signal
if goes_on:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def evaluate(path: str, *, kill: bool) -> dict[str, int]:
    from lingqu.foundation.quality import api as quality
    from lingqu.foundation.quality.models import Evaluation
    from lingqu.kernel.actor import Actor

    if not kill:
        return quality.evaluate(actor=Actor.system("bench"), path=path)
    deaths = 0
    while subprocess.run([sys.executable, "-c", PART, path], cwd=ROOT, env=os.environ).returncode:
        deaths += 1
    print(f"killed {deaths} times")
    found: dict[str, int] = Evaluation.objects.order_by("-created_at").first().found  # type: ignore[union-attr]
    return found


def plain(path: str) -> float:
    """Every rule's statement once over everything, counted; and every sealed value opened once."""
    from django.db import connection

    from lingqu.foundation.quality.checks import CHECKS
    from lingqu.foundation.quality.models import QualityRule
    from lingqu.kernel.crypto import unseal_fields

    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '64MB'")
        for rule in QualityRule.objects.order_by("code"):
            check, before = CHECKS[rule.function], time.perf_counter()
            if check.sql:
                values = {"path": path, "below": f"{path}-", "limit": rule.parameter or 0}
                cursor.execute(f"SELECT count(*) FROM ({check.sql}) x", values)
                print(f"  {rule.code:24} {time.perf_counter() - before:6.2f} s {cursor.fetchone()[0]:9}")
        before = time.perf_counter()
        cursor.execute(
            "SELECT p.sealed FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id WHERE e.valid_to IS NULL"
        )
        for (sealed,) in cursor.fetchall():
            unseal_fields(sealed)
        print(f"  {'unsealing':24} {time.perf_counter() - before:6.2f} s")
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    from databases import platform

    with platform():
        import register_rows

        register_rows.fill(options.people)
        print(f"{options.people} people, {seal_numbers()} pupils", flush=True)
        measure(options.people, kill=options.kill)


def measure(people: int, *, kill: bool) -> None:
    from reconciliation import Meter

    from lingqu.foundation.quality import api as quality
    from lingqu.foundation.registry import api as registry

    path, seconds = str(registry.root_organisation().path), 0.0
    for name in ("first", "again"):
        with Meter() as meter:
            found = evaluate(path, kill=kill and name == "first")
        print(f"{name} {meter}\n  new findings {sum(found.values())}: {dict(sorted(found.items()))}", flush=True)
        seconds = max(seconds, meter.seconds)
    told = quality.get_score(path)
    print(f"score {told.score}, {told.blocks} blocks, {told.reviews} to review, {told.hints} hints")
    bare = plain(path)
    print(f"plain {bare:.1f} s, ratio {seconds / bare:.2f}")
    print("OK" if seconds <= LIMIT * max(1.0, people / 1_000_000) else "TOO SLOW")


if __name__ == "__main__":
    main()
