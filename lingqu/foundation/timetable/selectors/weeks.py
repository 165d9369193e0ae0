"""What is held in a week or on a day, for a class, a teacher or a room: the timetable with calendar and changes applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from .. import register
from ..models import Lesson, LessonTeacher
from ..types.calendar import SchoolDay, monday_of
from ..types.occurrences import occurrences, version_on
from ..types.values import ChangeRow, LessonRow, Occurrence, Version
from ..types.words import TimetableState
from .bells import Clock
from .calendars import Desk
from .lessons import TEACHERS, as_lessons, list_changes

Known = tuple[LessonRow, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Occurrences of some days, with what is needed to show them. ``days`` by school, the first school's first."""

    occurrences: tuple[Occurrence, ...]
    days: dict[UUID, tuple[SchoolDay, ...]]
    clock: Clock
    versions: tuple[Version, ...]
    changes: tuple[ChangeRow, ...]
    lessons: tuple[LessonRow, ...] = ()
    """Of the versions themselves, before calendar and changes."""

    def version_at(self, school_id: UUID, day: date) -> Version | None:
        return version_on(self.versions, school_id, day)


def days_from(first: date, last: date) -> tuple[date, ...]:
    return tuple(first + timedelta(days=place) for place in range((last - first).days + 1))


def held_by(
    wanted: Q, first: date, last: date, *, school: Any = None, class_id: UUID | None = None,
    person_ids: Sequence[UUID] = (), desk: Desk | None = None,
) -> Held:  # fmt: skip
    """What the lessons of ``wanted`` come to between two days. Five statements when calendars are known."""
    rows = list(
        Lesson.objects.filter(wanted, timetable__state=TimetableState.PUBLISHED, timetable__term__end_on__gte=first,
                              timetable__term__start_on__lte=last)
        .select_related("class_group", "timetable__school").annotate(taught_by=TEACHERS)
    )  # fmt: skip
    schools = {row.timetable.school_id: str(row.timetable.school.path) for row in rows}
    return hold(
        as_lessons(rows), schools, first, last, school=school, class_id=class_id, person_ids=person_ids, desk=desk
    )


def hold(
    lessons: tuple[LessonRow, ...], schools: Mapping[UUID, str], first: date, last: date, *, school: Any = None,
    class_id: UUID | None = None, person_ids: Sequence[UUID] = (), desk: Desk | None = None,
) -> Held:  # fmt: skip
    """What these lessons of published versions come to between two days, with the changes of a class, of teachers or else of
    the school. ``schools``: the lessons' schools and their paths, beside ``school``."""
    desk = desk or Desk()
    if school is not None:
        schools = {school.id: str(school.path), **schools}
    changes = list_changes(
        first, last, class_id=class_id, person_ids=person_ids,
        school_id=school.id if school is not None and class_id is None and not person_ids else None,
    )  # fmt: skip
    missing = {change.lesson.group.school_id for change in changes} - set(schools)
    if missing:
        schools = {**schools} | {one.id: str(one.path) for one in register.organisations().filter(id__in=missing)}
    calendars = desk.calendars(schools.values())
    days = {
        school_id: tuple(calendars[path].day_of(day) for day in days_from(first, last))
        for school_id, path in schools.items()
    }
    known = {lesson.id for lesson in lessons}
    taken_over = [change.lesson for change in changes if change.lesson.id not in known]
    versions = desk.versions(schools)
    found = occurrences([*lessons, *dict.fromkeys(taken_over)], versions, days, changes)
    return Held(
        occurrences=tuple(sorted(found, key=lambda one: (one.day, one.slot.zfill(2), one.lesson.id))), days=days,
        clock=Clock(desk.bells(schools)), versions=versions, changes=changes, lessons=lessons,
    )  # fmt: skip


def held_in_class(group: Any, first: date, last: date, *, desk: Desk | None = None) -> Held:
    """``group`` comes with its school."""
    return held_in_class_id(group.id, first, last, school=group.school, desk=desk)


def held_in_class_id(
    class_id: UUID, first: date, last: date, *, school: Any = None, desk: Desk | None = None, known: Known = None
) -> Held:
    """The same by id alone: without ``school`` it is told by the class's lessons. ``known``: all lessons of the school's
    versions that count on these days, if somebody has them."""
    if known is None:
        return held_by(Q(class_group_id=class_id), first, last, school=school, class_id=class_id, desk=desk)
    own = tuple(one for one in known if one.group.id == class_id)
    return hold(own, {}, first, last, school=school, class_id=class_id, desk=desk)


def held_in_room(
    school: Any, room: str, first: date, last: date, *, desk: Desk | None = None, known: Known = None
) -> Held:
    """``known`` as in :func:`held_in_class_id`."""
    if known is None:
        found = held_by(Q(timetable__school_id=school.id, room=room), first, last, school=school, desk=desk)
    else:
        found = hold(tuple(one for one in known if one.room == room), {}, first, last, school=school, desk=desk)
    inside = tuple(one for one in found.occurrences if one.lesson.room == room)
    return Held(occurrences=inside, days=found.days, clock=found.clock, versions=found.versions, changes=found.changes)


def given_by(ids: Iterable[UUID]) -> Q:
    return Q(id__in=LessonTeacher.objects.filter(person_id__in=list(ids)).values("lesson_id"))


def held_by_teacher(
    person_ids: Iterable[UUID], first: date, last: date, *, school: Any = None, desk: Desk | None = None
) -> Held:
    """A teacher's own lessons and those taken over. What was given to somebody else stays, as ``away``."""
    ids = list(person_ids)
    return seen_by(ids, held_by(given_by(ids), first, last, person_ids=ids, school=school, desk=desk))


def seen_by(ids: Iterable[UUID], found: Held) -> Held:
    """What of this is a teacher's, as :func:`held_by_teacher` says."""
    mine = frozenset(ids)
    made = []
    for one in found.occurrences:
        holds = any(teacher.id in mine for teacher in one.teachers)
        was = any(teacher.id in mine for teacher in one.lesson.teachers)
        if holds or (was and not one.is_held):
            made.append(one)
        elif was and one.state in ("substitute", "self_study"):
            made.append(
                Occurrence(
                    lesson=one.lesson, day=one.day, slot=one.slot, subject=one.lesson.subject, teachers=one.teachers,
                    state="away", change=one.change,
                )
            )  # fmt: skip
    return Held(
        occurrences=tuple(made), days=found.days, clock=found.clock, versions=found.versions, changes=found.changes
    )


def week_around(day: date) -> tuple[date, date]:
    monday = monday_of(day)
    return monday, monday + timedelta(days=6)
