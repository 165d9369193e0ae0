"""Lessons of a version, of a class, of a teacher, of a room; and the changes of days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q
from django.db.models.functions import Coalesce

from lingqu.foundation.registry import api as registry

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
    """Lessons with class and teachers: one statement."""
    return as_lessons(Lesson.objects.filter(wanted).select_related("class_group").annotate(**TEACHERS))


TEACHERS: dict[str, Any] = {
    "teacher_ids": ArrayAgg(
        Coalesce("teachers__person__canonical_id", "teachers__person_id"), order_by="teachers__id",
        filter=Q(teachers__isnull=False),
    ),
    "names": ArrayAgg(
        Coalesce("teachers__person__canonical__name", "teachers__person__name"), order_by="teachers__id",
        filter=Q(teachers__isnull=False),
    ),
}  # fmt: skip
"""Annotations of a lesson: its teachers under the ids and names they go by today, in the lesson's own statement."""


def as_lessons(rows: Iterable[Any]) -> tuple[LessonRow, ...]:
    """Rows with :data:`TEACHERS` as values."""
    groups: dict[UUID, Group] = {}
    return tuple(
        as_lesson(
            row,
            tuple(Teacher(id=one, name=name) for one, name in zip(row.teacher_ids or (), row.names or (), strict=True)),
            groups,
        )
        for row in rows
    )


def teachers_of(links: Any) -> dict[int, tuple[Teacher, ...]]:
    """Teachers by lesson, under the ids and names they go by today."""
    found: dict[int, list[Teacher]] = defaultdict(list)
    values = links.order_by("id").values_list(
        "lesson_id", "person_id", "person__name", "person__canonical_id", "person__canonical__name"
    )
    for lesson_id, person_id, name, canonical, canonical_name in values:
        found[lesson_id].append(Teacher(id=canonical or person_id, name=canonical_name or name))
    return {lesson_id: tuple(teachers) for lesson_id, teachers in found.items()}


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
    teachers = teachers_of(LessonTeacher.objects.filter(lesson_id__in=[row.lesson_id for row in found]))
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
