"""Lessons of a version, of a class, of a teacher, of a room; and the changes of days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Q
from django.db.models.functions import Coalesce, JSONObject

from lingqu.foundation.registry import api as registry

from .. import register
from ..models import Lesson, LessonChange, LessonTeacher, Timetable
from ..types.values import ChangeRow, Group, LessonRow, Teacher, Version
from ..types.words import TimetableState

ACTIVITIES = ("自习", "社团", "作业辅导", "课外活动", "早读", "晚自习", "班队会", "升旗", "值日")
"""What stands in timetables beside the subjects of the register; kept as written."""


def list_versions(
    school_ids: Iterable[UUID], *, first: date | None = None, last: date | None = None, drafts: bool = False
) -> tuple[Version, ...]:
    """Versions whose term meets the days, newest last: one statement."""
    rows = Timetable.objects.filter(school_id__in=list(school_ids)).select_related("term")
    if not drafts:
        rows = rows.filter(state=TimetableState.PUBLISHED)
    if first and last:
        rows = rows.filter(term__end_on__gte=first).filter(Q(effective_from=None) | Q(effective_from__lte=last))
    return tuple(map(as_version, rows.order_by("term__start_on", "number")))


def as_version(row: Timetable) -> Version:
    return Version(
        id=row.id, school_id=row.school_id, number=row.number, state=row.state, term_id=row.term_id,
        term_start=row.term.start_on, term_end=row.term.end_on, effective_from=row.effective_from,
    )  # fmt: skip


def list_lessons(wanted: Q) -> tuple[LessonRow, ...]:
    """Lessons with class and teachers: three statements, which read each class and each teacher once."""
    rows = list(Lesson.objects.filter(wanted))
    if not rows:
        return ()
    teachers = teachers_of(row.id for row in rows)
    groups = {row.id: as_group(row) for row in register.classes().filter(id__in={row.class_group_id for row in rows})}
    return tuple(as_lesson(row, teachers.get(row.id, ()), groups) for row in rows)


OF_LESSONS = """
WITH link AS MATERIALIZED (SELECT id, lesson_id, person_id FROM timetable_lessonteacher WHERE lesson_id = ANY(%s)),
  teacher AS MATERIALIZED (SELECT p.id, COALESCE(c.id, p.id) AS today, COALESCE(c.name, p.name) AS name FROM registry_person p
    LEFT JOIN registry_person c ON c.id = p.canonical_id WHERE p.id IN (SELECT DISTINCT person_id FROM link))
SELECT link.lesson_id, teacher.today, teacher.name FROM link JOIN teacher ON teacher.id = link.person_id ORDER BY link.id
"""


def teachers_of(lesson_ids: Iterable[int]) -> dict[int, tuple[Teacher, ...]]:
    """Teachers by lesson, under the ids and names they go by today: one statement."""
    found: dict[int, list[Teacher]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(OF_LESSONS, [list(lesson_ids)])
        for lesson_id, person_id, name in cursor.fetchall():
            found[lesson_id].append(Teacher(id=person_id, name=name))
    return {lesson_id: tuple(teachers) for lesson_id, teachers in found.items()}


TEACHERS = ArraySubquery(
    LessonTeacher.objects.filter(lesson_id=OuterRef("id"))
    .order_by("id")
    .values(
        one=JSONObject(
            id=Coalesce("person__canonical_id", "person_id"), name=Coalesce("person__canonical__name", "person__name")
        )
    )
)
"""The same in the lesson's own statement, for a few lessons: looked up row by row, so that it does not weigh on the plan."""


def as_lessons(rows: Iterable[Any]) -> tuple[LessonRow, ...]:
    """Rows with their class and :data:`TEACHERS` (as ``taught_by``) as values."""
    groups: dict[UUID, Group] = {}
    return tuple(
        as_lesson(row, tuple(Teacher(id=UUID(one["id"]), name=one["name"]) for one in row.taught_by), groups)
        for row in rows
    )


def as_lesson(row: Lesson, teachers: tuple[Teacher, ...], groups: dict[UUID, Group]) -> LessonRow:
    group = groups.get(row.class_group_id)
    if group is None:
        group = groups[row.class_group_id] = as_group(row.class_group)
    return LessonRow(
        id=row.id, timetable_id=row.timetable_id, group=group, weekday=row.weekday, slot=row.slot, subject=row.subject,
        weeks=row.weeks, room=row.room, joint=row.joint, origin=row.origin, teachers=teachers,
    )  # fmt: skip


def as_group(row: Any) -> Group:
    return Group(
        id=row.id, name=row.name, school_id=row.school_id, grades=tuple(row.grades), campus=row.campus, room=row.room
    )


def list_changes(
    first: date, last: date, *, school_id: UUID | None = None, class_id: UUID | None = None,
    person_ids: Iterable[UUID] = (), with_withdrawn: bool = False,
) -> tuple[ChangeRow, ...]:  # fmt: skip
    """Changes that concern days from ``first`` to ``last``, of a school, a class or teachers: two statements."""
    rows = LessonChange.objects.filter(Q(day__range=(first, last)) | Q(to_day__range=(first, last)))
    if not with_withdrawn:
        rows = rows.filter(withdrawn_at=None)
    if school_id is not None:
        rows = rows.filter(school_id=school_id)
    if class_id is not None:
        rows = rows.filter(lesson__class_group_id=class_id)
    people = list(person_ids)
    if people:
        rows = rows.filter(
            Q(substitute_id__in=people) | Q(original_id__in=people) | Q(lesson__teachers__person_id__in=people)
        )
        rows = rows.distinct()
    found = list(rows.select_related("lesson__class_group", "original__canonical", "substitute__canonical"))
    if not found:
        return ()
    teachers = teachers_of(row.lesson_id for row in found)
    groups: dict[UUID, Group] = {}
    return tuple(
        ChangeRow(
            id=row.id, lesson=as_lesson(row.lesson, teachers.get(row.lesson_id, ()), groups), day=row.day, kind=row.kind,
            original=_teacher(row.original), substitute=_teacher(row.substitute), subject=row.subject, to_day=row.to_day,
            to_slot=row.to_slot, pair=row.pair, reason=row.reason, note=row.note,
        )
        for row in sorted(found, key=lambda row: (row.day, row.lesson.slot, row.created_at))
    )  # fmt: skip


def _teacher(person: Any) -> Teacher | None:
    if person is None:
        return None
    now = person.canonical or person
    return Teacher(id=now.id, name=now.name)


def subject_name(subject: str) -> str:
    """Full name of a subject code; an activity as it was written."""
    return registry.subject_label(subject)


def subject_short(subject: str) -> str:
    """What fits a cell: 道法, 体育."""
    return registry.subject_names().get(subject, (subject, subject))[1]
