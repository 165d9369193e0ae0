"""How long a region takes to go up a school year, against moving pupils one by one through the ORM.

    python bench/rollover.py [--people 1000000] [--schools 1000] [--orm 10000]

Its own database, gone afterwards. Pupils, classes, class teachers and teaching are made by SQL; then previewing, applying and
undoing the whole node are timed (at most 180 s each for a million on two cores), and the per-row way of the ORM on ``--orm``
pupils of one more such region. Prints seconds, pupils a second and the ratio.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
FROM, TO = "2026-2027", "2027-2028"
CLASSES = 24
FILL = """
INSERT INTO registry_organisation (id, code, name, short_name, name_key, name_initials, kind, school_type, ownership, schooling,
  class_display, urban_rural, division_code, address, phone, label, path, parent_id, sort_order, synthetic)
SELECT uuidv7(), '9' || lpad(n::text, 9, '0'), '演示第' || n || '学校', '', lpad(n::text, 6, '0'), '', 'school', '312', '', 'six_three',
  'grade_serial', '', '', '', '', 'b' || n, (r.path::text || '.b' || n)::ltree, r.id, 0, true
FROM registry_organisation r, generate_series(1, %(schools)s) n WHERE r.parent_id IS NULL;
INSERT INTO registry_classgroup (id, school_id, school_year_id, kind, grades, entry_year, serial, name, written_name, local_name, campus,
  room, size, source)
SELECT uuidv7(), o.id, %(year)s, 'administrative', ARRAY['G0' || (c %% 9 + 1)]::varchar(3)[], 2026 - c %% 9, c / 9 + 1,
  substr('一二三四五六七八九', c %% 9 + 1, 1) || '（' || c / 9 + 1 || '）班', substr('一二三四五六七八九', c %% 9 + 1, 1) || '（' || c / 9 + 1 || '）班',
  '', '', '', 0, '' FROM registry_organisation o, generate_series(0, %(classes)s - 1) c WHERE o.label LIKE 'b%%';
CREATE TEMP TABLE seat AS SELECT uuidv7() AS person, g.id AS class, g.school_id AS school, o.path, g.grades[1] AS grade, n
  FROM registry_classgroup g JOIN registry_organisation o ON o.id = g.school_id, generate_series(1, %(size)s) n;
INSERT INTO registry_person (id, number, organisation_id, path, name, name_key, name_initials, sex, ethnicity, nationality, id_type, email,
  attributes, synthetic)
SELECT person, lpad(row_number() OVER ()::text, 12, '0'), school, path, '甲' || n, lpad(n::text, 4, '0'), 'j', (n %% 2 + 1)::text, '', '', '', '',
  '{}', true FROM seat;
INSERT INTO registry_enrolment (person_id, school_id, path, name_key, grade, attendance, school_number, boarding, source, valid_from)
SELECT person, school, path, lpad(n::text, 4, '0'), grade, 'registered', '', NULL, '', %(began)s FROM seat;
INSERT INTO registry_classmembership (class_group_id, person_id, number, source, valid_from) SELECT class, person, n, '', %(began)s FROM seat;
INSERT INTO registry_registerentry (person_id, school_id, path, state, grade, source, as_of, valid_from)
SELECT person, school, path, CASE WHEN n %% 400 = 0 THEN '02' ELSE '01' END, grade, 'national-pupil', %(began)s, %(began)s FROM seat;
INSERT INTO registry_appointment (person_id, organisation_id, path, name_key, relation, employment_kind, staff_number, post, title, stage,
  subject, source, valid_from) SELECT person, school, path, 'j', 'works_at', 'established', '', '', '', '', '', '', %(began)s FROM seat WHERE n = 1;
INSERT INTO registry_duty (person_id, organisation_id, path, kind, class_group_id, grade, subject, source, valid_from)
SELECT person, school, path, 'head_teacher', class, '', '', '', %(began)s FROM seat WHERE n = 1;
INSERT INTO registry_teachingassignment (class_group_id, person_id, subject, role, source, valid_from)
SELECT class, person, n::text, 'teacher', '', %(began)s FROM seat WHERE n <= 8;
DROP TABLE seat
"""


def fill(people: int, schools: int) -> int:
    """One region; returns its pupils."""
    from django.db import connection

    from lingqu.foundation.registry import api as registry

    registry.ensure_root(name="演示教育局", code="990000")
    registry.ensure_school_year(FROM)
    size = max(1, people // (schools * CLASSES))
    values = {"schools": schools, "classes": CLASSES, "size": size, "year": FROM, "began": date(2026, 9, 1)}
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            cursor.execute(statement, values)
    registry.recount()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return schools * CLASSES * size


def spent() -> float:
    """Processor seconds of this process and of the server so far."""
    from databases import server_seconds

    return time.process_time() + server_seconds(os.environ["DATABASE_URL"])


def timed(kind: str, people: int) -> float:
    from lingqu.foundation.registry import api as registry
    from lingqu.foundation.yearly.services.running import perform, start_run
    from lingqu.kernel.actor import Actor

    root = registry.root_organisation()
    begun, before = time.perf_counter(), spent()
    run = start_run(
        actor=Actor.system("bench"),
        kind=kind,
        to_year=TO,
        path=str(root.path),
        options={"include_missing": True},
        queued=False,
    )
    result = perform(run.id).result
    seconds = time.perf_counter() - begun
    print(
        f"{kind:8} {seconds:7.1f} s ({spent() - before:.1f} s of processors) {people / seconds:9.0f} pupils/s  {result}",
        flush=True,
    )
    return seconds


def by_row(count: int) -> float:
    """What a loop over pupils costs: the same episodes, change rows and counts of moves, one transaction a pupil."""
    from django.db import transaction

    from lingqu.foundation.registry.models import ClassGroup, ClassMembership, Enrolment
    from lingqu.kernel import changes

    targets: dict[Any, Any] = {}
    on, begun, before = date(2027, 9, 1), time.perf_counter(), spent()
    for row in Enrolment.objects.filter(valid_to=None).select_related("person").order_by("id")[:count]:
        with transaction.atomic():
            seat = (
                ClassMembership.objects.select_related("class_group").filter(person=row.person, valid_to=None).first()
            )
            row.valid_to = on
            row.save(update_fields=["valid_to"])
            changes.log("registry.enrolment", [row.id])
            if seat is None or row.grade == "G09":
                continue
            grade = f"G{int(row.grade[1:]) + 1:02d}"
            after = Enrolment.objects.create(
                person=row.person,
                school_id=row.school_id,
                path=row.path,
                name_key=row.name_key,
                grade=grade,
                valid_from=on,
            )
            seat.valid_to = on
            seat.save(update_fields=["valid_to"])
            group = seat.class_group
            if group.id not in targets:
                targets[group.id] = ClassGroup.objects.create(
                    school_id=group.school_id,
                    school_year_id=TO,
                    grades=[grade],
                    serial=group.serial,
                    name="x",
                    written_name="x",
                )
            held = ClassMembership.objects.create(
                class_group=targets[group.id], person=row.person, number=seat.number, valid_from=on
            )
            changes.log("registry.enrolment", [after.id], "c")
            changes.log("registry.class_membership", [seat.id])
            changes.log("registry.class_membership", [held.id], "c")
    print(f"per row: {spent() - before:.1f} s of processors")
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--schools", type=int, default=1000)
    parser.add_argument("--orm", type=int, default=10_000)
    options = parser.parse_args()
    from databases import platform

    with platform():
        from lingqu.kernel import clock, home

        home.set_up(kind="demo", node_code="001", version="bench")  # a demo home may apply in any month
        print(f"today {clock.today()}")
        people = fill(options.people, options.schools)
        print(f"{people} pupils in {options.schools} schools")
        timed("preview", people)
        applied = timed("apply", people)
        undone = timed("undo", people)
        rows = min(options.orm, people)
        each = by_row(rows)
        print(f"per row  {each:7.1f} s  {rows / each:9.0f} pupils/s  for {rows}")
        print(f"ratio    {(each / rows) / (applied / people):.0f}")
        print("OK" if max(applied, undone) <= 180 * max(1.0, people / 1_000_000) else "TOO SLOW")


if __name__ == "__main__":
    main()
