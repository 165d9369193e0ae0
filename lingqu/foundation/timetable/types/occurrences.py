"""From the lessons of a week's pattern and the changes of single days to what is really held. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from .calendar import SchoolDay
from .values import ChangeRow, LessonRow, Occurrence, Version
from .weeks import holds_in
from .words import ChangeKind

SELF_STUDY = "自习"
Days = Callable[[UUID], Sequence[SchoolDay]]
"""The days looked at, by the calendar of a school."""


def version_on(versions: Iterable[Version], school_id: UUID, day: date) -> Version | None:
    """The version that counts in a school on a day: of those that have begun in a term that has not ended, the newest."""
    fitting = [one for one in versions if one.school_id == school_id and one.covers(day)]
    return max(fitting, key=lambda one: (one.term_start, one.effective_from, one.number), default=None)


def occurrences(
    lessons: Iterable[LessonRow], versions: Sequence[Version], days: Mapping[UUID, Sequence[SchoolDay]],
    changes: Iterable[ChangeRow] = (),
) -> tuple[Occurrence, ...]:  # fmt: skip
    """Every lesson on every day it concerns, with its changes applied; ``days`` by school.

    A lesson that goes elsewhere stays at its place as ``away``, so that whoever looks for it finds where it went.
    """
    by_lesson = {(change.lesson.id, change.day): change for change in changes}
    current = {
        (school, day.day): version_on(versions, school, day.day) for school, found in days.items() for day in found
    }
    made: list[Occurrence] = []
    for lesson in lessons:
        for day in days.get(lesson.group.school_id, ()):
            version = current[lesson.group.school_id, day.day]
            if version is None or version.id != lesson.timetable_id or lesson.weekday != day.weekday:
                continue
            if holds_in(lesson.weeks, day.pattern_week):
                made.append(applied(lesson, day.day, by_lesson.get((lesson.id, day.day))))
    shown = {(school, day.day) for school, found in days.items() for day in found}
    for change in by_lesson.values():
        if change.kind == ChangeKind.MOVE and (change.lesson.group.school_id, change.to_day) in shown:
            made.append(_moved(change))
    return tuple(made)


def applied(lesson: LessonRow, day: date, change: ChangeRow | None) -> Occurrence:
    """A lesson on its own day, as the change leaves it."""
    plain = Occurrence(lesson=lesson, day=day, slot=lesson.slot, subject=lesson.subject, teachers=lesson.teachers)
    if change is None:
        return plain
    if change.kind == ChangeKind.MOVE:
        return replace(plain, state="away", change=change)
    if change.kind == ChangeKind.CANCEL:
        return replace(plain, state="cancelled", change=change)
    others = tuple(one for one in lesson.teachers if change.original is None or one.id != change.original.id)
    teachers = (change.substitute, *others) if change.substitute else others if change.original else ()
    subject = SELF_STUDY if change.kind == ChangeKind.SELF_STUDY else change.subject or lesson.subject
    state = "self_study" if change.kind == ChangeKind.SELF_STUDY else "substitute"
    return replace(plain, subject=subject, teachers=teachers, state=state, change=change)


def _moved(change: ChangeRow) -> Occurrence:
    lesson = change.lesson
    return Occurrence(
        lesson=lesson, day=change.to_day or change.day, slot=change.to_slot, subject=lesson.subject,
        teachers=lesson.teachers, state="moved", change=change,
    )  # fmt: skip
