"""Fills an empty database with invented register rows by SQL, for measuring pages: ``python bench/register_rows.py 1000000``.

Shape of a city: root, one bureau, twelve districts, schools of about 375 pupils in classes of 42, 6 % staff, 49 %
guardians, one 借读 child in 40, teaching for seven subjects a class. Nothing here can match a real person.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from typing import Any

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范单"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红鹏辉玲波斌宇浩凯健俊帆雪帅晨阳欣悦宁嘉梓涵子轩雨桐一诺思远若溪"
SUBJECTS = ("13", "14", "41", "12", "22", "24", "25")
PUPILS_PER_SCHOOL, PUPILS_PER_CLASS = 375, 42


def run(sql: str, values: list[Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values if values is not None else {})


def make_names() -> None:
    from lingqu.foundation.registry.types.names import name_key

    run("CREATE TEMP TABLE surname (i int PRIMARY KEY, name text, key text)")
    run("CREATE TEMP TABLE given (i int PRIMARY KEY, name text, key text)")
    for table, characters in (("surname", SURNAMES), ("given", GIVEN)):
        for place, character in enumerate(characters):
            key = name_key(character if table == "surname" else "王" + character)[0].removeprefix("wang ")
            if table == "surname":
                key = name_key(character)[0]
            run(f"INSERT INTO {table} VALUES (%s, %s, %s)", [place, character, key])


def make_tree(schools: int) -> None:
    """Root, bureau, districts and schools; every 40th school belongs to the bureau and sits in a district."""
    from lingqu.foundation.registry.models import Organisation, OrganisationCount, OrganisationParent
    from lingqu.foundation.registry.services.reference import ensure_root, next_label, prepare

    prepare()
    root = ensure_root(name="云汀市教育局（测量）", code="990000")
    made: list[Organisation] = []

    def add(code: str, name: str, parent: Organisation, kind: str, **more: Any) -> Organisation:
        label = next_label()
        made.append(
            Organisation(code=code, name=name, short_name=more.pop("short_name", name), kind=kind, label=label,
                         path=f"{parent.path}.{label}", parent=parent, name_key=code, synthetic=True, **more)
        )  # fmt: skip
        return made[-1]

    districts = [add(f"9900{n:02d}", f"测{n}区（测量）", root, "bureau") for n in range(1, 13)]
    for n in range(schools):
        district = districts[n % 12]
        is_municipal, is_junior = n % 40 == 39, n % 3 == 2
        add(
            f"99{n + 1:08d}", f"测量第{n + 1}{'中学' if is_junior else '小学'}", root if is_municipal else district,
            "school", school_type="311" if is_junior else "211", schooling="six_three",
            territory_path=str(district.path), short_name=f"第{n + 1}{'中' if is_junior else '小'}",
        )  # fmt: skip
    Organisation.objects.bulk_create(made, batch_size=500)
    OrganisationParent.objects.bulk_create(
        [OrganisationParent(organisation=o, parent=o.parent, valid_from=date(2020, 9, 1)) for o in made], batch_size=500
    )
    OrganisationCount.objects.bulk_create([OrganisationCount(organisation=o) for o in made], batch_size=500)


PEOPLE = """
INSERT INTO registry_person (id, number, organisation_id, path, name, name_key, name_initials, sex, birth_date, ethnicity,
  nationality, id_type, id_blind, phone_blind, sealed, email, attributes, synthetic)
SELECT w.id, '001' || lpad(w.i::text, 8, '0') || (w.i %% 10), w.school_id, w.path, s.name || a.name || b.name,
  s.key || ' ' || a.key || ' ' || b.key, left(s.key, 1) || left(a.key, 1) || left(b.key, 1),
  (1 + w.i %% 2)::text, date '2012-01-01' + (w.i %% 2500)::int, '01', '', '1', md5('id' || w.i)::uuid,
  md5('phone' || w.i)::uuid, %s, '', '{{}}', true
FROM who w
JOIN surname s ON s.i = abs(hashint8(w.i)) %% {surnames}
JOIN given a ON a.i = abs(hashint8(w.i * 31 + 7)) %% {given}
JOIN given b ON b.i = abs(hashint8(w.i * 17 + 3)) %% {given}
ORDER BY w.i
"""


def make_people(total: int) -> None:
    from lingqu.kernel.crypto import seal_fields

    pupils, staff = int(total * 0.45), int(total * 0.06)
    sealed = seal_fields({"id_number": "00010120120101001X", "phone": "12000000000", "address": "测量路 1 号"})
    run(
        "CREATE TEMP TABLE school AS SELECT row_number() OVER (ORDER BY code) - 1 AS n, id, path FROM registry_organisation "
        "WHERE kind = 'school'"
    )
    run(
        """CREATE TEMP TABLE who AS SELECT i, uuidv7() AS id, CASE WHEN i <= %(p)s THEN 'p' WHEN i <= %(p)s + %(s)s THEN 's'
             ELSE 'g' END AS part, s.id AS school_id, s.path FROM generate_series(1, %(t)s) i
           JOIN school s ON s.n = (CASE WHEN i <= %(p)s THEN (i - 1) / %(k)s WHEN i <= %(p)s + %(s)s
             THEN (i - %(p)s - 1) * (SELECT count(*) FROM school) / %(s)s ELSE ((i - %(p)s - %(s)s - 1) / %(k)s) END)
             %% (SELECT count(*) FROM school)""",
        {"p": pupils, "s": staff, "t": total, "k": PUPILS_PER_SCHOOL},  # type: ignore[arg-type]
    )
    run("CREATE INDEX ON who (i)")
    run("ANALYZE who")
    run(PEOPLE.format(surnames=len(SURNAMES), given=len(GIVEN)), [sealed])


def make_places(year: str) -> None:
    start = date(int(year[:4]), 9, 1)
    run(
        """CREATE TEMP TABLE seat AS SELECT w.i, w.id AS person_id, w.school_id, w.path, ((w.i - 1) %% 375) / 42 AS c,
             ((w.i - 1) %% 42) + 1 AS number FROM who w WHERE w.part = 'p'"""
    )
    run(
        """INSERT INTO registry_classgroup (id, school_id, school_year_id, kind, grades, entry_year, serial, name, written_name,
             local_name, campus, room, size, source)
           SELECT uuidv7(), s.school_id, %s, 'administrative', ARRAY['G0' || (CASE WHEN o.school_type = '311' THEN 7 + c %% 3
             ELSE 1 + c %% 6 END)], 2024, 1 + c / 3, '', 'c' || c, '', '', '', count(*), 'bench' FROM seat s
           JOIN registry_organisation o ON o.id = s.school_id GROUP BY s.school_id, c, o.school_type""",
        [year],
    )
    run(
        """UPDATE registry_classgroup SET name = (ARRAY['一','二','三','四','五','六','七','八','九'])[substr(grades[1], 2)::int]
             || '（' || serial || '）班' WHERE source = 'bench'"""
    )
    run(
        """INSERT INTO registry_enrolment (person_id, school_id, path, name_key, grade, attendance, school_number, boarding,
             source, valid_from) SELECT s.person_id, s.school_id, s.path, p.name_key, g.grades[1],
             CASE WHEN s.i %% 40 = 0 THEN 'guest' ELSE 'registered' END, s.i::text, s.i %% 9 = 0, 'bench', %s
           FROM seat s JOIN registry_person p ON p.id = s.person_id
           JOIN registry_classgroup g ON g.school_id = s.school_id AND g.written_name = 'c' || s.c ORDER BY s.i""",
        [start],
    )
    run(
        """INSERT INTO registry_classmembership (class_group_id, person_id, number, source, valid_from)
           SELECT g.id, s.person_id, s.number, 'bench', %s FROM seat s
           JOIN registry_classgroup g ON g.school_id = s.school_id AND g.written_name = 'c' || s.c ORDER BY s.i""",
        [start],
    )
    run(
        """INSERT INTO registry_registerentry (person_id, school_id, path, number_blind, sealed, state, grade, source, as_of,
             valid_from) SELECT s.person_id, s.school_id, s.path, md5('register' || s.i)::uuid, NULL, '01', '', 'bench', %s, %s
           FROM seat s WHERE s.i %% 40 <> 0 ORDER BY s.i""",
        [start, start],
    )
    run(
        """INSERT INTO registry_appointment (person_id, organisation_id, path, name_key, relation, employment_kind,
             staff_number, post, title, stage, subject, source, valid_from)
           SELECT w.id, w.school_id, w.path, p.name_key, 'works_at', 'established', 'T' || w.i, '10', '', '', '', 'bench', %s
           FROM who w JOIN registry_person p ON p.id = w.id WHERE w.part = 's' ORDER BY w.i""",
        [start],
    )
    run(
        """INSERT INTO registry_guardianship (child_id, guardian_id, relation, kind, is_primary, proof, confirmed_by_school,
             source, valid_from) SELECT c.id, w.id, '51', 'legal', true, '', false, 'bench', %s
           FROM who w JOIN who c ON c.i = (w.i - (SELECT min(i) FROM who WHERE part = 'g')) %%
             (SELECT count(*) FROM who WHERE part = 'p') + 1 WHERE w.part = 'g' ORDER BY w.i""",
        [start],
    )
    make_teaching(start)


def make_teaching(start: date) -> None:
    run(
        "CREATE TEMP TABLE teacher AS SELECT id, school_id, row_number() OVER (PARTITION BY school_id ORDER BY i) - 1 AS n, "
        "count(*) OVER (PARTITION BY school_id) AS of FROM who WHERE part = 's'"
    )
    run("CREATE INDEX ON teacher (school_id, n)")
    run("ANALYZE teacher")
    run(
        """INSERT INTO registry_teachingassignment (class_group_id, person_id, subject, role, weekly_periods, source, valid_from)
           SELECT g.id, t.id, x.subject, 'teacher', 3, 'bench', %s FROM
             (SELECT g.*, row_number() OVER (PARTITION BY school_id ORDER BY id) AS k FROM registry_classgroup g) g
           CROSS JOIN unnest(%s::text[]) WITH ORDINALITY AS x(subject, at)
           JOIN teacher t ON t.school_id = g.school_id AND t.n = (g.k + x.at * 3) %% t.of
           WHERE (g.k * 7 + x.at) %% 50 <> 0""",
        [start, list(SUBJECTS)],
    )
    run(
        """INSERT INTO registry_duty (person_id, organisation_id, path, kind, class_group_id, grade, subject, source, valid_from)
           SELECT t.person_id, g.school_id, o.path, 'head_teacher', g.id, '', '', 'bench', %s FROM registry_classgroup g
           JOIN registry_organisation o ON o.id = g.school_id
           JOIN LATERAL (SELECT person_id FROM registry_teachingassignment t WHERE t.class_group_id = g.id LIMIT 1) t ON true""",
        [start],
    )


def make_counts() -> None:
    run(
        """UPDATE registry_organisationcount n SET students = x.students, registered = x.students, staff = x.staff,
             classes = x.classes, people = x.students + x.staff, guardians = x.students
           FROM (SELECT o.id, (SELECT count(*) FROM registry_enrolment e WHERE e.valid_to IS NULL AND e.path = o.path) AS students,
                   (SELECT count(*) FROM registry_appointment a WHERE a.valid_to IS NULL AND a.path = o.path) AS staff,
                   (SELECT count(*) FROM registry_classgroup c WHERE c.school_id = o.id) AS classes
                 FROM registry_organisation o WHERE o.kind = 'school') x WHERE x.id = n.organisation_id"""
    )


def fill(people: int) -> None:
    from django.db import transaction

    from lingqu.foundation.registry.models import Organisation
    from lingqu.foundation.registry.selectors.places import current_school_year

    if Organisation.objects.exists():
        raise SystemExit("the database is not empty")
    with transaction.atomic():
        make_names()
        make_tree(max(int(people * 0.45) // PUPILS_PER_SCHOOL, 1))
        make_people(people)
        make_places(current_school_year())
        make_counts()
        for name in ("surname", "given", "school", "who", "seat", "teacher"):
            run(f"DROP TABLE {name}")
    for table in TABLES:
        run(f"VACUUM (ANALYZE) {table}")


TABLES = [
    f"registry_{name}"
    for name in (
        "person", "enrolment", "appointment", "registerentry", "guardianship", "classmembership", "classgroup",
        "teachingassignment", "duty", "organisation", "organisationcount", "organisationparent",
    )
]  # fmt: skip


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingqu.config.settings.test")
    django.setup()
    began = time.perf_counter()
    fill(int(sys.argv[1]))
    print(f"{time.perf_counter() - began:.1f} s")
