"""Who could take a lesson on a day, and where it could go: free people first who teach the subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from ..models import LessonChange, LessonTeacher
from ..types.calendar import monday_of
from ..types.values import LessonRow, Occurrence, Teacher
from ..types.words import ChangeKind
from .bells import Clock
from .context import SchoolContext, contexts_of
from .weeks import Held, held_by, week_around

SAME_SUBJECT_AND_GRADE, SAME_SUBJECT, SAME_CLASS, OTHER = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """``rank``: the lower the better; ``lessons``: periods a week by the timetable, ``taken``: lessons taken over this week."""

    teacher: Teacher
    rank: int
    tag: str
    subjects: tuple[str, ...]
    lessons: int
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A lesson on a day with everything one may do about it."""

    occurrence: Occurrence
    candidates: tuple[Candidate, ...]
    busy: int
    swaps: tuple[Occurrence, ...]
    clock: Clock


def school_day_held(school: Any, first: date, last: date) -> Held:
    return held_by(Q(timetable__school_id=school.id), first, last, school=school)


def span_of(clock: Clock, lesson: LessonRow, slot: str, day: date) -> tuple[time, time] | None:
    period = clock.period(lesson.group, slot, day)
    return (period.starts, period.ends) if period else None


def is_same_time(one: tuple[time, time] | None, other: tuple[time, time] | None, slots: tuple[str, str]) -> bool:
    if one is None or other is None:
        return slots[0] == slots[1]
    return one[0] < other[1] and other[0] < one[1]


def busy_at(held: Iterable[Occurrence], clock: Clock, lesson: LessonRow, slot: str, day: date) -> frozenset[UUID]:
    """Teachers who give a lesson at that time; the lesson itself is not counted."""
    wanted = span_of(clock, lesson, slot, day)
    return frozenset(
        teacher.id
        for one in held
        if one.day == day and one.is_held and one.lesson.id != lesson.id
        and is_same_time(wanted, span_of(clock, one.lesson, one.slot, day), (slot, one.slot))
        for teacher in one.teachers
    )  # fmt: skip


def find_occurrence(held: Held, lesson_id: int, day: date) -> Occurrence | None:
    """A lesson that is really planned on a day (also one that a change has touched)."""
    return next(
        (one for one in held.occurrences if one.lesson.id == lesson_id and one.day == day and one.state != "moved"),
        None,
    )


def choices_for(school: Any, lesson_id: int, day: date, school_year: str) -> Choice | None:
    """Everything for one lesson on one day; None when it is not held then. About a dozen statements."""
    first, last = week_around(day)
    held = school_day_held(school, first, last)
    found = find_occurrence(held, lesson_id, day)
    if found is None:
        return None
    context = contexts_of([school], school_year)[school.id]
    busy = busy_at(held.occurrences, held.clock, found.lesson, found.slot, day)
    own = {teacher.id for teacher in found.lesson.teachers}
    loads = _loads(found.lesson.timetable_id)
    taken = taken_over(school, first, last)
    people = {teacher.id: teacher for teachers in context.staff.values() for teacher in teachers}
    free = [teacher for teacher in people.values() if teacher.id not in busy | own]
    made = [_candidate(context, found.lesson, teacher, loads, taken) for teacher in free]
    return Choice(
        occurrence=found, busy=len(set(people) & busy - own), clock=held.clock, swaps=tuple(_swaps(held, found)),
        candidates=tuple(sorted(made, key=lambda one: (one.rank, one.lessons + one.taken, one.teacher.name))),
    )  # fmt: skip


def _candidate(
    context: SchoolContext, lesson: LessonRow, teacher: Teacher, loads: dict[UUID, int], taken: dict[UUID, int]
) -> Candidate:
    taught = {
        (class_id, subject)
        for (class_id, subject), rows in context.taught.items()
        if any(one.teacher.id == teacher.id for one in rows)
    }
    grades = set(lesson.group.grades)
    same = [class_id for class_id, subject in taught if subject == lesson.subject]
    if any(grades & set(context.groups[class_id].grades) for class_id in same):
        rank, tag = SAME_SUBJECT_AND_GRADE, _("同科、同年级")
    elif same:
        rank, tag = SAME_SUBJECT, _("同科")
    elif any(class_id == lesson.group.id for class_id, _subject in taught):
        rank, tag = SAME_CLASS, _("本班教师")
    else:
        rank, tag = OTHER, ""
    return Candidate(
        teacher=teacher, rank=rank, tag=tag, subjects=tuple(sorted({subject for _class, subject in taught})),
        lessons=loads.get(teacher.id, 0), taken=taken.get(teacher.id, 0),
    )  # fmt: skip


def _loads(timetable_id: UUID) -> dict[UUID, int]:
    rows = LessonTeacher.objects.filter(lesson__timetable_id=timetable_id).values_list("person_id")
    return dict(rows.annotate(lessons=Count("lesson_id")))


def taken_over(school: Any, first: date, last: date) -> dict[UUID, int]:
    """Lessons that count for their substitutes between two days, by person."""
    rows = LessonChange.objects.filter(
        school=school, day__range=(first, last), withdrawn_at=None, counts=True, substitute__isnull=False
    ).exclude(kind=ChangeKind.MOVE)
    return dict(rows.values_list("substitute_id").annotate(lessons=Count("id")))


def _swaps(held: Held, found: Occurrence) -> Iterable[Occurrence]:
    """Other lessons of the class that week with which this one can change places: all teachers are free at the other time."""
    for one in held.occurrences:
        lesson = found.lesson
        if (
            one.lesson.group.id != lesson.group.id
            or one.state
            or one.lesson.id == lesson.id
            or one.day < monday_of(found.day)
        ):
            continue
        theirs = busy_at(held.occurrences, held.clock, one.lesson, found.slot, found.day)
        mine = busy_at(held.occurrences, held.clock, lesson, one.slot, one.day)
        coming = {teacher.id for teacher in one.lesson.teachers} - {teacher.id for teacher in lesson.teachers}
        going = {teacher.id for teacher in lesson.teachers} - {teacher.id for teacher in one.lesson.teachers}
        if coming and not coming & theirs and not going & mine:
            yield one
