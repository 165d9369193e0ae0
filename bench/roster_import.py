"""How fast a region's rosters come in, against plain COPY of the same rows in the same run.

    python bench/roster_import.py [--people 1000000] [--schools 1200] [--keep FOLDER]

Its own database: one in the server of ``DATABASE_URL``, else a server of its own in a temporary folder; gone afterwards. Prints
wall time and processor seconds of ``lingqu roster import`` (reading, checks, history, accounts, reports), the time of COPYing
all rows it wrote into empty ``LIKE … INCLUDING ALL`` copies of the tables, the ratio (at most 2.5), the largest memory of the
command (at most 1.5 GB), an unchanged second import (at most 40 %), a school's .xls of 3,000 rows (at most 5 s), and what the
per-row way of the ORM costs for 10,000 rows.

Read the processor seconds too: on a machine that does other work the walls compare loads, not programs. What was measured last
stands in ``docs/state.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from databases import database, server_seconds

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
XLS_ROWS = 3_000
ORM_ROWS = 10_000


def settle(link: psycopg.Connection[Any]) -> None:
    """Earlier writes go to disk first, where the role may ask for it."""
    with suppress(psycopg.errors.InsufficientPrivilege):
        link.execute("CHECKPOINT")


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(arguments[:4])} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done


def roster_import(environment: dict[str, str], files: list[Path], url: str) -> dict[str, Any]:
    """One run of the command, with wall time, processor seconds (own and the server's) and its largest memory in MB."""
    with psycopg.connect(url, autocommit=True) as link:
        settle(link)
    before, server = resource.getrusage(resource.RUSAGE_CHILDREN), server_seconds(url)
    begun = time.perf_counter()
    command = ["-m", "lingqu.config.cli", "roster", "import", "--json", *map(str, files)]
    done = run(environment, *command)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = json.loads(done.stdout)
    return {**found, "wall": wall, "own": own, "server": server_seconds(url) - server, "memory": after.ru_maxrss / 1024}


def row_counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as link:
        tables = link.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
        ).fetchall()
        return {name: link.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in tables}  # type: ignore[index]


def copy_again(url: str, tables: list[str], folder: Path) -> tuple[float, float]:
    """Seconds (wall, server) of COPYing every row of ``tables`` into empty copies with all indexes and no foreign keys."""
    wall = server = 0.0
    with psycopg.connect(url, autocommit=True) as link:
        for table in tables:
            path = folder / f"{table}.copy"
            with path.open("wb") as target, link.cursor().copy(f'COPY "{table}" TO STDOUT') as copy:
                for part in copy:
                    target.write(part)
            link.execute(f'CREATE TABLE "bench_{table}" (LIKE "{table}" INCLUDING ALL)')
            settle(link)
            spent, begun = server_seconds(url), time.perf_counter()
            with path.open("rb") as source, link.cursor().copy(f'COPY "bench_{table}" FROM STDIN') as copy:
                while part := source.read(1 << 18):
                    copy.write(part)
            wall += time.perf_counter() - begun
            server += server_seconds(url) - spent
            link.execute(f'DROP TABLE "bench_{table}"')
            path.unlink()
    return wall, server


def write_xls(path: Path) -> None:
    """A new school's pupils as Excel 97 writes them."""
    import roster_people
    import xlwt

    pupils = roster_people.students(XLS_ROWS, 1).with_columns(
        **{name: roster_people.pl.lit("") for name in ("id_number", "register_number")},
        name=roster_people.pl.concat_str("name", roster_people.pl.lit("甲")),
    )
    headings = roster_people.headings("students")
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("学生")
    for column, name in enumerate(pupils.columns):
        sheet.write(0, column, headings[name])
        for row, value in enumerate(pupils[name], 1):
            sheet.write(row, column, value)
    book.save(str(path))


PER_ROW = """
import sys, time
sys.path[:0] = ["bench"]
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from django.db import transaction
from lingqu.foundation.registry.models import ClassGroup, ClassMembership, Enrolment, Organisation, Person, RegisterEntry
from lingqu.foundation.identity.models import Account
from lingqu.kernel import audit, changes, crypto
from lingqu.kernel.actor import Actor
from datetime import date
import roster_people
rows = roster_people.students({rows}, 40).rows(named=True)
schools = {{o.code: o for o in Organisation.objects.filter(kind="school")}}
groups = {{(g.school_id, g.written_name): g for g in ClassGroup.objects.filter(school__in=list(schools.values())[:60])}}
actor, begun = Actor.system("bench"), time.perf_counter()
for at, row in enumerate(rows):
    with transaction.atomic():
        school = schools[row["school_ref"]]
        person, made = Person.objects.get_or_create(number=f"999{{at:09d}}", defaults=dict(
            organisation=school, path=str(school.path), name=row["name"], name_key="a", name_initials="a",
            id_blind=crypto.blind("id", "bench" + str(at)), sealed=crypto.seal_fields({{"id_number": row["id_number"]}})))
        Enrolment.objects.get_or_create(person=person, valid_to=None, defaults=dict(
            school=school, path=str(school.path), name_key="a", valid_from=date(2026, 9, 1)))
        RegisterEntry.objects.get_or_create(person=person, valid_to=None, defaults=dict(
            school=school, path=str(school.path), source="x", as_of=date(2026, 9, 1), valid_from=date(2026, 9, 1)))
        group = groups.get((school.id, row["class_ref"]))
        if group:
            ClassMembership.objects.get_or_create(class_group=group, person=person, valid_to=None,
                defaults=dict(valid_from=date(2026, 9, 1)))
        Account.objects.get_or_create(person=person, defaults=dict(login=person.number))
        audit.record(actor, "bench.row")
        changes.log("registry.person", [person.id], "c")
print(time.perf_counter() - begun)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--schools", type=int, default=1_200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lingqu-roster-") as place, database() as url:
        measure(Path(place), url, options.people, options.schools)


def measure(place: Path, url: str, people: int, schools: int) -> None:
    environment = {
        **os.environ, "DATABASE_URL": url, "LINGQU_HOME": str(place / "home"), "PYTHONPATH": str(ROOT),
        "LINGQU_KEY_FILE": str(place / "keys.json"),
    }  # fmt: skip
    (place / "home").mkdir()
    make = f"import roster_people as r, pathlib; r.write_files(r.frames({people}, {schools}), pathlib.Path({str(place)!r}))"
    run({**environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'bench'}"}, "-c", make)
    run(environment, "-m", "lingqu.config.schema", "--kind", "real")
    run(environment, "-m", "lingqu.config.first_content", "--kind", "real")
    files, counts = sorted(place.glob("*.csv")), row_counts(url)
    first = roster_import(environment, files, url)
    grown = {name: n - counts.get(name, 0) for name, n in row_counts(url).items() if n > counts.get(name, 0)}
    print(f"import of {people:,} people: {first['wall']:.1f} s, {sum(grown.values()):,} rows in {len(grown)} tables")
    print(f"  processor: {first['own']:.1f} s own, {first['server']:.1f} s PostgreSQL; memory {first['memory']:.0f} MB")
    print(f"  created {first['created']}, rejected {first['rejected']}, suspects {first['suspects']}")
    wall, server = copy_again(url, sorted(grown), place)
    print(f"COPY of the same rows: {wall:.1f} s, {server:.1f} s PostgreSQL; ratio {first['wall'] / wall:.2f} (bar 2.5)")
    print(f"  of PostgreSQL's processor seconds: {first['server'] / max(server, 0.1):.2f}")
    again = roster_import(environment, files, url)
    share = again["wall"] / first["wall"]
    made = sum(again["created"].values()) + sum(again["updated"].values())
    print(f"unchanged import: {again['wall']:.1f} s, {share:.0%} of the first (bar 40 %), {made} changes")
    write_xls(place / "学校.xls")
    xls = roster_import(environment, [place / "学校.xls"], url)
    print(f".xls of {XLS_ROWS:,} rows with report: {xls['wall']:.1f} s (bar 5 s), {xls['created']['people']:,} people")
    seconds = float(run(environment, "-c", PER_ROW.format(rows=ORM_ROWS)).stdout.strip().splitlines()[-1])
    rate, ours = ORM_ROWS / seconds, people / first["wall"]
    print(f"row by row with the ORM: {rate:.0f} pupils/s; the import: {ours:.0f} people/s, {ours / rate:.0f} times")


if __name__ == "__main__":
    main()
