"""Who could take a lesson on a day, and where it could go: free people first who teach the subject."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, cast
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

from ..models import LessonChange, LessonTeacher
from ..types.away import TEACHERS_AWAY, Away, AwaySpan
from ..types.calendar import monday_of
from ..types.clashes import is_joint
from ..types.values import LessonRow, Occurrence, Teacher, TodayLesson
from ..types.words import ChangeKind, TimetableState
from .bells import Clock
from .context import SchoolContext, contexts_of
from .daily import in_order
from .weeks import Held, held_by, seen_by, week_around

REMEMBERED = 60
"""Seconds."""
SAME_SUBJECT_AND_CLASS, SAME_SUBJECT_AND_GRADE, SAME_SUBJECT, SAME_CLASS, OTHER = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """``rank``: the lower the better; ``lessons``: periods a week by the timetable, ``taken``: lessons taken over
    that month. ``away`` people are no candidates."""

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
    """Teachers who give a lesson at that time; the lesson itself, and the classes that join it (合班), are not counted."""
    wanted = span_of(clock, lesson, slot, day)
    return frozenset(
        teacher.id
        for one in held
        if one.day == day and one.is_held and one.lesson.id != lesson.id and not is_joint("teacher", one.lesson, lesson)
        and is_same_time(wanted, span_of(clock, one.lesson, one.slot, day), (slot, one.slot))
        for teacher in one.teachers
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a school holds on some days, what people of interest give at other schools then, and who is away."""

    held: Held
    away: tuple[Away, ...]

    def busy(self, lesson: LessonRow, slot: str, day: date) -> frozenset[UUID]:
        return busy_at(self.held.occurrences, self.held.clock, lesson, slot, day)

    def missing(self, lesson: LessonRow, slot: str, day: date) -> frozenset[UUID]:
        span = span_of(self.held.clock, lesson, slot, day)
        return frozenset(one.person_id for one in self.away if one.covers(day, span))

    def after(self, before: Occurrence, now: Occurrence) -> Picture:
        """The same once a lesson is given as ``now``."""
        kept = (one for one in self.held.occurrences if one is not before)
        return replace(self, held=replace(self.held, occurrences=(*kept, now)))


def picture_of(school: Any, first: date, last: date, people: Collection[UUID]) -> Picture:
    """``people``: whoever may be asked to take a lesson."""
    held = school_day_held(school, first, last)
    span = AwaySpan(school_id=school.id, first=first, last=last)
    away = tuple(one for some in TEACHERS_AWAY.collect(Actor.system("timetable"), span) for one in some)
    return Picture(held=_with_elsewhere(school, held, people, first, last), away=away)


def _with_elsewhere(school: Any, held: Held, people: Collection[UUID], first: date, last: date) -> Held:
    given = LessonTeacher.objects.exclude(lesson__timetable__school_id=school.id).filter(
        lesson__timetable__state=TimetableState.PUBLISHED, lesson__timetable__term__end_on__gte=first
    )
    lessons = given.values_list("lesson_id", flat=True)
    taken = LessonChange.objects.exclude(school=school).filter(
        substitute_id__in=people, withdrawn_at=None, day__range=(first, last)
    )
    own = lessons.filter(person_id__in=people)
    ids = list(own.union(lessons.filter(person__canonical_id__in=people), taken.values_list("lesson_id", flat=True)))
    if not ids:
        return held
    found = held_by(Q(id__in=ids), first, last, person_ids=list(people))
    others = (one for one in found.occurrences if one.lesson.group.school_id != school.id)
    clock = Clock((*held.clock.bells, *(one for one in found.clock.bells if one.school_id != school.id)))
    return replace(held, occurrences=(*held.occurrences, *others), clock=clock)


def find_occurrence(held: Held, lesson_id: int, day: date) -> Occurrence | None:
    """A lesson that is really planned on a day (also one that a change has touched)."""
    return next(
        (one for one in held.occurrences if one.lesson.id == lesson_id and one.day == day and one.state != "moved"),
        None,
    )


def choices_for(school: Any, lesson_id: int, day: date, school_year: str) -> Choice | None:
    """Everything for one lesson on one day; None when it is not held then."""
    return choices_of(school, [(lesson_id, day)], school_year).get((lesson_id, day))


def choices_of(school: Any, wanted: Sequence[tuple[int, date]], school_year: str) -> dict[tuple[int, date], Choice]:
    """Everything for several lessons that are held on their days: about a dozen statements, whatever their number."""
    if not wanted:
        return {}
    first, last = monday_of(min(day for _id, day in wanted)), week_around(max(day for _id, day in wanted))[1]
    context = contexts_of([school], school_year)[school.id]
    return _choices(context, picture_of(school, first, last, _people(context)), wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranging:
    """Lessons of somebody who is away, and everything one may do about those that nobody has touched yet."""

    lessons: tuple[TodayLesson, ...]
    choices: dict[tuple[int, date], Choice]


def arranging(school: Any, person_id: UUID, first: date, last: date, *, with_choices: bool) -> Arranging:
    """A teacher's lessons at a school between two days; the person by the id that stands for all of theirs. At most eight
    statements, whatever their number. Who works and teaches at the school is remembered for a minute: giving a lesson
    looks again."""
    if not with_choices:
        found = seen_by([person_id], school_day_held(school, first, last))
        return Arranging(lessons=in_order(found), choices={})
    context = _context_of(school, first)
    picture = picture_of(school, monday_of(first), week_around(last)[1], _people(context))
    mine = in_order(seen_by([person_id], picture.held))
    lessons = tuple(one for one in mine if first <= one.day <= last and one.school_id == school.id)
    wanted = [(one.lesson_id, one.day) for one in lessons if one.change_id is None]
    return Arranging(lessons=lessons, choices=_choices(context, picture, wanted))


def _context_of(school: Any, day: date) -> SchoolContext:
    year = registry.school_year_of(day)
    found = cache.get_or_set(
        f"timetable.context.{school.id}.{year}", lambda: contexts_of([school], year)[school.id], REMEMBERED
    )
    return cast(SchoolContext, found)


def _people(context: SchoolContext) -> dict[UUID, Teacher]:
    return {teacher.id: teacher for teachers in context.staff.values() for teacher in teachers}


def _choices(
    context: SchoolContext, picture: Picture, wanted: Sequence[tuple[int, date]]
) -> dict[tuple[int, date], Choice]:
    people, taught = _people(context), _taught_by(context)
    loads = _loads(picture.held)
    months = sorted({day.replace(day=1) for _id, day in wanted})
    taken = {month: taken_over(context.school, *month_of(month)) for month in months}
    made = {}
    for lesson_id, day in wanted:
        found = find_occurrence(picture.held, lesson_id, day)
        if found is not None:
            load, month = loads.get(found.lesson.timetable_id, {}), taken[day.replace(day=1)]
            made[lesson_id, day] = _choice(picture, found, context, people, taught, load, month)
    return made


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _choice(
    picture: Picture, found: Occurrence, context: SchoolContext, people: dict[UUID, Teacher],
    taught: dict[UUID, set[tuple[UUID, str]]], loads: dict[UUID, int], taken: dict[UUID, int],
) -> Choice:  # fmt: skip
    lesson, slot, day = found.lesson, found.slot, found.day
    own = {teacher.id for teacher in lesson.teachers}
    busy = picture.busy(lesson, slot, day) | picture.missing(lesson, slot, day)
    made = [
        _candidate(context, lesson, teacher, taught.get(teacher.id, set()), loads, taken)
        for teacher in people.values()
        if teacher.id not in busy | own
    ]
    return Choice(
        occurrence=found, busy=len(set(people) & busy - own), clock=picture.held.clock, swaps=tuple(_swaps(picture, found)),
        candidates=tuple(sorted(made, key=lambda one: (one.rank, one.taken, one.lessons, one.teacher.name))),
    )  # fmt: skip


def _taught_by(context: SchoolContext) -> dict[UUID, set[tuple[UUID, str]]]:
    made: dict[UUID, set[tuple[UUID, str]]] = defaultdict(set)
    for key, rows in context.taught.items():
        for one in rows:
            made[one.teacher.id].add(key)
    return made


def _candidate(
    context: SchoolContext, lesson: LessonRow, teacher: Teacher, taught: set[tuple[UUID, str]], loads: dict[UUID, int],
    taken: dict[UUID, int],
) -> Candidate:  # fmt: skip
    grades = set(lesson.group.grades)
    same = [class_id for class_id, subject in taught if subject == lesson.subject]
    of_class = any(class_id == lesson.group.id for class_id, _subject in taught)
    if same and of_class:
        rank, tag = SAME_SUBJECT_AND_CLASS, _("同科、本班教师")
    elif any(grades & set(context.groups[class_id].grades) for class_id in same):
        rank, tag = SAME_SUBJECT_AND_GRADE, _("同科、同年级")
    elif same:
        rank, tag = SAME_SUBJECT, _("同科")
    elif of_class:
        rank, tag = SAME_CLASS, _("本班教师")
    else:
        rank, tag = OTHER, ""
    return Candidate(
        teacher=teacher, rank=rank, tag=tag, subjects=tuple(sorted({subject for _class, subject in taught})),
        lessons=loads.get(teacher.id, 0), taken=taken.get(teacher.id, 0),
    )  # fmt: skip


def _loads(held: Held) -> dict[UUID, dict[UUID, int]]:
    """Periods a week of each teacher by version, as the versions say."""
    made: dict[UUID, Counter[UUID]] = defaultdict(Counter)
    for lesson in held.lessons:
        made[lesson.timetable_id].update(teacher.id for teacher in lesson.teachers)
    return {version: dict(found) for version, found in made.items()}


def taken_over(school: Any, first: date, last: date) -> dict[UUID, int]:
    """Lessons that count for their substitutes between two days, by person."""
    rows = LessonChange.objects.filter(
        school=school, day__range=(first, last), withdrawn_at=None, counts=True, substitute__isnull=False
    ).exclude(kind=ChangeKind.MOVE)
    return dict(rows.values_list("substitute_id").annotate(lessons=Count("id")))


def _swaps(picture: Picture, found: Occurrence) -> Iterable[Occurrence]:
    """Other lessons of the class that week with which this one can change places: all teachers are free at the other time."""
    lesson = found.lesson
    week = week_around(found.day)
    for one in picture.held.occurrences:
        if (
            one.lesson.group.id != lesson.group.id or one.state or one.lesson.id == lesson.id
            or not week[0] <= one.day <= week[1]
        ):  # fmt: skip
            continue
        coming = {teacher.id for teacher in one.lesson.teachers} - {teacher.id for teacher in lesson.teachers}
        if coming and can_stand(picture, one, found) and can_stand(picture, found, one):
            yield one


def can_stand(picture: Picture, moved: Occurrence, place: Occurrence) -> bool:
    return not stuck_at(picture, moved, place)


def stuck_at(picture: Picture, moved: Occurrence, place: Occurrence) -> tuple[Teacher, ...]:
    """Teachers of one lesson who cannot give it at the other's time: busy elsewhere, or away."""
    taken = picture.busy(place.lesson, place.slot, place.day) | picture.missing(place.lesson, place.slot, place.day)
    return tuple(teacher for teacher in moved.lesson.teachers if teacher.id in taken)
