"""How long comparing a region's national file takes, against COPY and a bare anti-join of the same rows.

    python bench/reconciliation.py [--people 1000000] [--schools 1000] [--kill]

Its own database, gone afterwards. Pupils with ID numbers sit in schools; their national file says the same but for about three
rows in a hundred. Timed are keeping the rows of the file (digests, masks, COPY), comparing it, and comparing the next file with
every second mistake mended; at most 180 s together with the first for a million on two cores. ``--kill`` stops the comparison
after every third step and goes on in a new process. The plain way: COPY the file's rows into a table and full-join it once
with the open 就读 on the ID digest. Prints seconds, processor seconds, temporary bytes, statements and the ratio.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
LIMIT = 180.0
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Of the check digit of GB 11643."""


def make_file(people: int) -> Any:
    """The national file as intake reads it: name, sex, birthday, ID number, school, grade, state."""
    import polars as pl
    from django.db import connection

    from lingqu.foundation.registry import api as registry

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.number, p.name, p.sex, o.code, e.grade FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id
               JOIN registry_organisation o ON o.id = e.school_id WHERE e.valid_to IS NULL ORDER BY e.id"""
        )
        rows = cursor.fetchall()
    frame = pl.DataFrame(rows, schema=["number", "name", "sex", "school_ref", "grade"], orient="row").with_row_index(
        "n"
    )
    columns = {column.name: pl.lit("") for column in registry.ROW_KINDS["students"]}
    serial = pl.col("n").cast(pl.Int64)
    day, month = serial // 1000 % 28 + 1, serial // 28_000 % 12 + 1
    two = lambda value: value.cast(pl.String).str.zfill(2)  # noqa: E731
    made = frame.with_columns(**{name: value for name, value in columns.items() if name not in frame.columns}).with_columns(
        body=pl.concat_str((110_101 + serial // 336_000).cast(pl.String), pl.lit("2013"), two(month), two(day), (serial % 1000).cast(pl.String).str.zfill(3)),
        birth_date=pl.concat_str(pl.lit("2013-"), two(month), pl.lit("-"), two(day)),
        register_as_of=pl.lit("2026-11-01"), register_state=pl.lit("01"), file=pl.lit("national.csv"), sheet=pl.lit(""),
        row_number=serial + 2,
    )  # fmt: skip
    rest = sum(pl.col("body").str.slice(at, 1).cast(pl.Int64) * weight for at, weight in enumerate(WEIGHTS)) % 11
    last = pl.lit("10X98765432").str.slice(rest, 1)
    made = made.with_columns(id_number=pl.concat_str("body", last)).drop("body")
    return made.head(people)


def give_numbers(frame: Any) -> None:
    """The same ID numbers and birthdays to the pupils of the register."""
    from django.db import connection

    from lingqu.kernel import crypto

    blinds = crypto.blind_all("id", frame["id_number"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE known (number text, blind uuid, born date)")
        with cursor.copy("COPY known FROM STDIN") as copy:
            for number, blind, born in zip(frame["number"], blinds, frame["birth_date"], strict=True):
                copy.write_row((number, blind, born))
        cursor.execute(
            "UPDATE registry_person p SET id_blind = k.blind, birth_date = k.born FROM known k WHERE k.number = p.number"
        )
        cursor.execute("DROP TABLE known")
        cursor.execute("VACUUM (ANALYZE) registry_person")


def with_mistakes(frame: Any, *, every: int) -> Any:
    """Of a hundred rows one is missing, one stands at another school, one has another name; ``every`` thins that out."""
    import polars as pl

    place = pl.col("n") % (100 * every)
    other = pl.col("school_ref").shift(500).fill_null(pl.col("school_ref").last())
    return frame.filter(place != 7).with_columns(
        school_ref=pl.when(place == 31).then(other).otherwise("school_ref"),
        name=pl.when(place == 63).then(pl.concat_str("name", pl.lit("改"))).otherwise("name"),
    )


class Meter:
    """Seconds, processor seconds, temporary bytes and statements of a stretch of work."""

    def __enter__(self) -> Meter:
        self.begun, self.spent, self.temp, self.statements = time.perf_counter(), spent(), temp_bytes(), 0
        from django.db import connection

        self._wrapper = connection.execute_wrapper(self._count)
        self._wrapper.__enter__()
        return self

    def _count(self, execute: Any, *arguments: Any) -> Any:
        self.statements += 1
        return execute(*arguments)

    def __exit__(self, *error: object) -> None:
        self._wrapper.__exit__(None, None, None)
        self.seconds = time.perf_counter() - self.begun
        self.spent, self.temp = spent() - self.spent, temp_bytes() - self.temp

    def __str__(self) -> str:
        return f"{self.seconds:7.1f} s ({self.spent:.1f} s of processors, {self.temp / 1e6:.0f} MB temporary, {self.statements} statements)"


def spent() -> float:
    from databases import server_seconds

    return time.process_time() + server_seconds(os.environ["DATABASE_URL"])


def temp_bytes() -> int:
    """Bytes of temporary files so far; statistics settle after a moment."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as link:
        link.execute("SELECT pg_stat_force_next_flush()")
        return int(
            link.execute("SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()").fetchone()[0]
        )  # type: ignore[index]


def stage(frame: Any, day: date) -> Any:
    import polars as pl

    from lingqu.foundation.intake import api as intake
    from lingqu.foundation.reconciliation import api as reconciliation
    from lingqu.foundation.registry import api as registry
    from lingqu.kernel.ids import uuid7

    nothing = pl.DataFrame(schema=dict.fromkeys(("file", "sheet", "row", "message", "responsible"), pl.String))
    return reconciliation.stage_file(
        intake.PupilsRead(
            import_id=uuid7(), number=f"IM-{day:%Y%m%d}-01", path=str(registry.root_organisation().path),
            source_kind="national_pupil", loaded_by="bench", as_of=day,
            frame=frame.with_columns(register_as_of=pl.lit(day.isoformat())), rows=len(frame), rejected=0, blocked=nothing,
        )
    )  # fmt: skip


PART = """
import sys
sys.path[:0] = ["bench"]
import django
django.setup()
from uuid import UUID
from lingqu.foundation.reconciliation.services import running
left, steps = 1, 0
while left and steps < 3:
    left, steps = running._next_step(UUID(sys.argv[1])), steps + 1
import os, signal
if left:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def compare(file: Any, *, kill: bool) -> Any:
    from lingqu.foundation.reconciliation import api as reconciliation
    from lingqu.foundation.reconciliation.models import Run
    from lingqu.kernel.actor import Actor

    run = reconciliation.start_run(actor=Actor.system("bench"), import_id=file.import_id, queued=False)
    deaths = 0
    while kill and subprocess.run([sys.executable, "-c", PART, str(run.id)], cwd=ROOT, env=os.environ).returncode:
        deaths += 1
    if kill:
        print(f"killed {deaths} times")
        return Run.objects.get(id=run.id)
    return reconciliation.perform(run.id)


def plain(frame: Any) -> float:
    """COPY of the same rows and one full join that counts who agrees and who does not."""
    from django.db import connection

    from lingqu.kernel import crypto

    begun = time.perf_counter()
    rows = frame.select("name", "sex", "birth_date", "school_ref", "grade", "id_number").with_columns(
        blind=frame["id_number"].__class__("blind", crypto.blind_all("id", frame["id_number"]))
    ).drop("id_number")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_file (name text, sex text, birth_date date, school text, grade text, blind uuid)"
        )
        with cursor.copy("COPY bench_file FROM STDIN (FORMAT csv)") as copy:
            copy.write(rows.write_csv(include_header=False).encode())
        cursor.execute("ANALYZE bench_file")
        cursor.execute("SET work_mem = '128MB'")
        cursor.execute(
            """SELECT count(*) FILTER (WHERE f.blind IS NULL), count(*) FILTER (WHERE e.id IS NULL),
                 count(*) FILTER (WHERE o.code <> f.school OR p.name <> f.name) FROM bench_file f FULL JOIN
               (registry_enrolment e JOIN registry_person p ON p.id = e.person_id AND e.valid_to IS NULL
                JOIN registry_organisation o ON o.id = e.school_id) ON p.id_blind = f.blind"""
        )
        print(f"plain: {cursor.fetchone()}")
        cursor.execute("DROP TABLE bench_file")
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--schools", type=int, default=1000)
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    from databases import platform

    with platform():
        import rollover

        people = rollover.fill(options.people, options.schools)
        frame = make_file(people)
        give_numbers(frame)
        print(f"{people} pupils in {options.schools} schools", flush=True)
        measure(frame, people, kill=options.kill)


def measure(frame: Any, people: int, *, kill: bool) -> None:
    total = 0.0
    for day, every in ((date(2026, 11, 1), 1), (date(2026, 11, 15), 2)):
        told = with_mistakes(frame, every=every)
        with Meter() as staging:
            file = stage(told, day)
        with Meter() as comparing:
            run = compare(file, kill=kill)
        print(f"file kept {staging}\ncompared  {comparing}", flush=True)
        print(
            f"{run.rows} rows, {run.people} people, {run.mismatched} cases, {run.new_cases} new, {run.closed_cases} closed"
        )
        total = max(total, staging.seconds + comparing.seconds)
    bare = plain(with_mistakes(frame, every=1))
    print(f"plain     {bare:7.1f} s, ratio {total / bare:.2f}")
    limit = LIMIT * max(1.0, people / 1_000_000)
    print(f"{people / total:.0f} people/s  " + ("OK" if total <= limit else "TOO SLOW"))


if __name__ == "__main__":
    main()
