"""Schools in the middle of a year, and everything the register says about them in one value."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.db import connection

from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry.models import (
    ClassGroup,
    ClassMembership,
    Enrolment,
    OrganisationRelation,
    RegisterEntry,
    TeachingAssignment,
)
from lingqu.foundation.registry.testing import make_head, make_person, make_root, make_school, make_teacher
from lingqu.foundation.registry.types.names import name_key
from lingqu.foundation.yearly.models import SchoolPlan
from lingqu.foundation.yearly.services.running import perform, start_run
from lingqu.kernel.actor import Actor

FROM, TO = "2026-2027", "2027-2028"
BEGAN, TURN = date(2026, 9, 1), date(2027, 9, 1)
IGNORED = {"updated_at", "created_at", "recorded_at"}
TABLES = (
    "registry_person", "registry_enrolment", "registry_registerentry", "registry_classmembership", "registry_classgroup",
    "registry_duty", "registry_teachingassignment", "registry_appointment", "registry_guardianship", "registry_organisation",
    "registry_organisationcount", "registry_organisationrelation", "registry_sourcelink",
)  # fmt: skip


def everything() -> dict[str, list[Any]]:
    """Every row of the register but its history, times of writing left out."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")
            rows = [{k: v for k, v in json.loads(row).items() if k not in IGNORED} if isinstance(row, str)
                    else {k: v for k, v in row.items() if k not in IGNORED} for (row,) in cursor.fetchall()]  # fmt: skip
            found[table] = sorted(rows, key=str)
    return found


def add_class(school: Any, grades: list[str], serial: int | None = 1, name: str = "", **fields: Any) -> ClassGroup:
    registry.ensure_school_year(FROM)
    year = fields.pop("year", FROM)
    return ClassGroup.objects.create(
        school=school, school_year_id=year, grades=grades, serial=serial, name=name or f"{grades[0]}-{serial}",
        written_name=name or f"{grades[0]}-{serial}", entry_year=fields.pop("entry_year", None), **fields,
    )  # fmt: skip


def add_pupil(group: ClassGroup, name: str = "周禾", grade: str = "", **fields: Any) -> Any:
    """A pupil who sits in the class since the year began."""
    state = fields.pop("state", "01")
    attendance, number = fields.pop("attendance", "registered"), fields.pop("number", None)
    person = make_person(group.school, name, **fields)
    Enrolment.objects.create(
        person=person, school=group.school, path=group.school.path, name_key=name_key(name)[0],
        grade=grade or group.grades[0], attendance=attendance, valid_from=BEGAN,
    )  # fmt: skip
    ClassMembership.objects.create(class_group=group, person=person, number=number, valid_from=BEGAN)
    RegisterEntry.objects.create(
        person=person, school=group.school, path=group.school.path, state=state, grade=group.grades[0],
        source="national-pupil", as_of=BEGAN, valid_from=BEGAN,
    )  # fmt: skip
    return person


def new_pupil(school: Any, grade: str, name: str = "新生", came: date = date(2027, 8, 20)) -> Any:
    """Somebody of the autumn file, without a class yet."""
    person = make_person(school, name)
    Enrolment.objects.create(
        person=person, school=school, path=school.path, name_key=name_key(name)[0], grade=grade, valid_from=came
    )
    return person


def teach(group: ClassGroup, subject: str = "13") -> Any:
    teacher = make_teacher(group.school)
    TeachingAssignment.objects.create(class_group=group, person=teacher, subject=subject, valid_from=BEGAN)
    return teacher


def point_of(central: Any, **fields: Any) -> Any:
    point = make_school(make_root(), school_type="218", **{"name": "河沿教学点", **fields})
    type(point).objects.filter(id=point.id).update(kind="teaching_point")
    point.refresh_from_db()
    if central is not None:
        OrganisationRelation.objects.create(kind="central_school", head=central, member=point, valid_from=BEGAN)
    return point


def five_four_nine_year() -> Any:
    """九年一贯 五四: grades one to nine, a class each, with heads and teaching."""
    school = make_school(name="青湾县实验学校", school_type="312", schooling="five_four", class_display="grade_serial")
    for n in range(1, 10):
        group = add_class(
            school, [f"G{n:02d}"], 1, f"{'一二三四五六七八九'[n - 1]}（1）班", entry_year=2026 - n + (1 if n < 6 else 6)
        )
        for who in ("甲", "乙", "丙"):
            add_pupil(group, f"{who}{n}")
        make_head(group)
        teach(group)
    return school


SYSTEM = Actor.system("test")
AUGUST = date(2027, 8, 20)


def run(kind: str, path: str = "", **options: Any) -> dict[str, Any]:
    place = path or str(make_root().path)
    made = start_run(actor=SYSTEM, kind=kind, to_year=TO, path=place, options=options, queued=False)
    return dict(perform(made.id).result)


def plan_of(school: Any) -> SchoolPlan:
    return SchoolPlan.objects.get(school_id=school.id)


def seat(person: Any) -> str:
    row = ClassMembership.objects.filter(person=person, valid_to=None).select_related("class_group").first()
    return row.class_group.name if row else ""


def open_grade(person: Any) -> tuple[str, str]:
    row = Enrolment.objects.filter(person=person, valid_to=None).select_related("school").first()
    return (row.school.name, row.grade) if row else ("", "")
