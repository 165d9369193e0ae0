"""Bell times and whole timetables of many schools at once: the same tables and checks, a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid
from lingqu.kernel.ids import uuid7

from .. import policies, register
from ..models import BellPeriod, BellSchedule, Timetable
from ..types.periods import read_periods
from ..types.words import TimetableState
from .state import count_up
from .writing import NewLesson, copy_lessons


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBells:
    """``periods`` as lines of text; empty ``grades`` = all."""

    school_id: UUID
    name: str
    periods: str
    valid_from: date
    grades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTimetable:
    """Lessons of one school that count from a day of the term on."""

    school_id: UUID
    term_id: UUID
    effective_from: date
    lessons: Sequence[NewLesson]


def _require_schools(actor: Actor, ids: set[UUID]) -> None:
    found = list(register.organisations().filter(id__in=ids, kind__in=register.SCHOOL_KINDS))
    for school in found:
        policies.require_edit_school(actor, school)
    if len(found) != len(ids):
        raise Invalid(_("没有这所学校。"), code="unknown_school")


@transaction.atomic
def load_bells(*, actor: Actor, schedules: Sequence[NewBells]) -> int:
    """Add bell schedules of many schools; returns how many."""
    _require_schools(actor, {one.school_id for one in schedules})
    texts = {text: read_periods(text) for text in {one.periods for one in schedules}}
    rows = [
        (
            BellSchedule(
                id=uuid7(), school_id=one.school_id, name=one.name, grades=list(one.grades), valid_from=one.valid_from
            ),
            texts[one.periods],
        )
        for one in schedules
    ]
    BellSchedule.objects.bulk_create([row for row, _periods in rows], batch_size=2000)
    BellPeriod.objects.bulk_create(
        [
            BellPeriod(schedule=row, slot=one.slot, name=one.name, kind=one.kind, starts=one.starts, ends=one.ends)
            for row, periods in rows
            for one in periods
        ],
        batch_size=5000,
    )
    count_up()
    audit.record(actor, "timetable.bells.loaded", data={"schedules": len(rows)})
    changes.log("timetable.bells", [row.id for row, _periods in rows], "c")
    return len(rows)


@transaction.atomic
def load_timetables(*, actor: Actor, timetables: Sequence[NewTimetable]) -> int:
    """Publish first versions of many schools; returns the number of lessons.

    Raises :class:`Invalid` for a class of another school, and when a school has a version of the term already.
    """
    schools = {one.school_id for one in timetables}
    _require_schools(actor, schools)
    terms = {one.term_id for one in timetables}
    if len(schools) != len(timetables) or Timetable.objects.filter(school_id__in=schools, term_id__in=terms).exists():
        raise Invalid(_("这些学校里有的已经有本学期的课表。"), code="already_there")
    owners = dict(register.classes().filter(school_id__in=schools).values_list("id", "school_id"))
    if any(owners.get(lesson.class_id) != one.school_id for one in timetables for lesson in one.lessons):
        raise Invalid(_("有的班级不属于它的学校。"), code="wrong_class")
    rows = [
        Timetable(
            id=uuid7(), school_id=one.school_id, term_id=one.term_id, number=1, state=TimetableState.PUBLISHED,
            effective_from=one.effective_from, published_at=now(), published_by=actor.name,
        )
        for one in timetables
    ]  # fmt: skip
    Timetable.objects.bulk_create(rows, batch_size=2000)
    written = copy_lessons(
        (row.id, lesson) for row, one in zip(rows, timetables, strict=True) for lesson in one.lessons
    )
    count_up()
    audit.record(actor, "timetable.loaded", data={"timetables": len(rows), "lessons": written})
    changes.log("timetable.timetable", [row.id for row in rows], "c")
    return written
