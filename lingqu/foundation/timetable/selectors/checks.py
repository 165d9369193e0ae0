"""A version against itself and against 任课: clashes, lessons without 任课, more or fewer periods than planned."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from ..models import Lesson, Timetable
from ..types.clashes import find_clashes
from ..types.occurrences import version_on
from ..types.values import Clash, LessonRow, Remark, Version
from ..types.weeks import EVEN, ODD
from ..types.words import TimetableState
from .bells import Clock
from .calendars import Desk
from .context import SchoolContext, contexts_of
from .lessons import TEACHERS, as_lessons, as_version, list_lessons


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """Lessons of a version and who is in two places by it."""

    version_id: UUID
    lessons: tuple[LessonRow, ...]
    clashes: tuple[Clash, ...]
    clock: Clock

    @property
    def clashing_ids(self) -> frozenset[int]:
        return frozenset(lesson.id for clash in self.clashes for lesson in (clash.first, clash.second))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Weighed):
    remarks: tuple[Remark, ...]
    context: SchoolContext


def check_version(timetable: Timetable, day: date) -> Checked:
    """Everything wrong with a version by the bell times of a day: nine statements for a school of any size, three more when
    a teacher also teaches at another school."""
    context = contexts_of([timetable.school], timetable.term.school_year_id)[timetable.school_id]
    found = weigh_version(as_version(timetable), day, Desk())
    return Checked(
        version_id=found.version_id, lessons=found.lessons, clashes=found.clashes, clock=found.clock, remarks=tuple(compare(context, found.lessons)),
        context=context,
    )  # fmt: skip


def weigh_version(version: Version, day: date, desk: Desk) -> Weighed:
    """A version's lessons and its clashes by the bell times of a day, without 任课."""
    clock = Clock(desk.bells([version.school_id]))
    lessons = list_lessons(Q(timetable_id=version.id))
    across = _across(version, lessons, max(day, version.effective_from or day), clock, desk)
    return Weighed(
        version_id=version.id,
        lessons=lessons,
        clashes=(*across, *find_clashes(lessons, clock.times_on(day))),
        clock=clock,
    )


def _across(version: Version, lessons: tuple[LessonRow, ...], day: date, clock: Clock, desk: Desk) -> tuple[Clash, ...]:
    """Clashes of teachers with what they teach at other schools on that day; the lesson of this version stands first, the
    other one's class is named with its school."""
    elsewhere = _elsewhere(version, {teacher.id for row in lessons for teacher in row.teachers}, day, desk)
    if not elsewhere:
        return ()
    both = Clock((*clock.bells, *desk.bells({row.group.school_id for row in elsewhere})))
    people = {teacher.id for row in elsewhere for teacher in row.teachers}
    own = [replace(row, room="") for row in lessons if people & {teacher.id for teacher in row.teachers}]
    found = find_clashes([*own, *elsewhere], both.times_on(day))
    return tuple(
        one if one.first.timetable_id == version.id else replace(one, first=one.second, second=one.first)
        for one in found
        if one.kind == "teacher" and version.id in (one.first.timetable_id, one.second.timetable_id)
        and one.first.timetable_id != one.second.timetable_id
    )  # fmt: skip


def _elsewhere(version: Version, people: set[UUID], day: date, desk: Desk) -> tuple[LessonRow, ...]:
    """Lessons of these people at other schools by the versions that count on the day, without rooms."""
    if not people:
        return ()
    rows = Lesson.objects.filter(
        timetable__state=TimetableState.PUBLISHED, timetable__term__end_on__gte=day, timetable__effective_from__lte=day
    ).exclude(timetable__school_id=version.school_id)
    shown = rows.values_list("id", "timetable__school_id", "timetable__school__name")
    found = list(
        shown.filter(teachers__person_id__in=people).union(shown.filter(teachers__person__canonical_id__in=people))
    )
    if not found:
        return ()
    names = {school_id: name for _id, school_id, name in found}
    versions = desk.versions(names)
    counting = {one.id for school_id in names if (one := version_on(versions, school_id, day)) is not None}
    held = as_lessons(
        Lesson.objects.filter(id__in=[lesson_id for lesson_id, _school, _name in found], timetable_id__in=counting)
        .select_related("class_group").annotate(taught_by=TEACHERS)
    )  # fmt: skip
    return tuple(
        replace(row, room="", group=replace(row.group, name=f"{names[row.group.school_id]} {row.group.name}"))
        for row in held
    )


def weekly(weeks: int) -> float:
    """Lessons a week on average: half for odd or even weeks, all for others."""
    return 0.5 if weeks in (ODD, EVEN) else 1.0


def compare(context: SchoolContext, lessons: Any) -> list[Remark]:
    """Classes of the version against 任课; only subjects of the register are planned there."""
    found: dict[tuple[UUID, str], list[LessonRow]] = defaultdict(list)
    for lesson in lessons:
        if lesson.subject.isdigit():
            found[lesson.group.id, lesson.subject].append(lesson)
    classes = {class_id for class_id, _subject in found}
    made: list[Remark] = []
    for (class_id, subject), rows in found.items():
        made += _teachers(context, class_id, subject, rows)
    for (class_id, subject), taught in context.taught.items():
        planned = sum(one.periods or 0 for one in taught) if any(one.periods is not None for one in taught) else None
        rows = found.get((class_id, subject), [])
        held = sum(weekly(row.weeks) for row in rows)
        if class_id in classes and planned is not None and held != planned:
            made.append(
                Remark(
                    kind="more" if held > planned else "fewer", group=context.groups[class_id], subject=subject,
                    planned=planned, found=held, lessons=tuple(rows),
                )
            )  # fmt: skip
    order = {"nobody": 0, "untaught": 1, "more": 2, "fewer": 3}
    return sorted(made, key=lambda one: (order[one.kind], one.group.grades, one.group.name, one.subject))


def _teachers(context: SchoolContext, class_id: UUID, subject: str, rows: list[LessonRow]) -> list[Remark]:
    planned = {taught.teacher.id for taught in context.taught.get((class_id, subject), ())}
    made = []
    nobody = [row for row in rows if not row.teachers]
    if nobody:
        made.append(
            Remark(
                kind="nobody", group=nobody[0].group, subject=subject, found=float(len(nobody)), lessons=tuple(nobody)
            )
        )
    strangers: dict[UUID, list[LessonRow]] = defaultdict(list)
    names: dict[UUID, str] = {}
    for row in rows:
        for teacher in row.teachers:
            if teacher.id not in planned:
                strangers[teacher.id].append(row)
                names[teacher.id] = teacher.name
    for person_id, taught in strangers.items():
        made.append(
            Remark(
                kind="untaught", group=rows[0].group, subject=subject, teacher=names[person_id], found=float(len(taught)),
                lessons=tuple(taught),
            )
        )  # fmt: skip
    return made
