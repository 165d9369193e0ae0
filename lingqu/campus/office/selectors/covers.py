"""Lessons of somebody on leave: which are open, who was asked, and what somebody took over in a month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.actor import Actor

from .. import policies, register
from ..models import Absence, Cover
from ..types.values import Taken
from ..types.words import STANDING, CoverState
from .absences import away_of, last_day

MOST_DAYS = 14
"""Days of a long leave that one page arranges at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A lesson that somebody on leave would give. ``is_settled``: something takes care of it, be it arranged here or on the
    timetable's own page."""

    lesson: timetable.TodayLesson
    is_settled: bool


def affected(absence: Absence, first: date | None = None, last: date | None = None) -> tuple[Affected, ...]:
    """Lessons of the school that a leave takes in, between two days; about five statements."""
    away = away_of(absence)
    first, last = max(first or away.starts_on, away.starts_on), min(last or away.ends_on, away.ends_on)
    if last < first:
        return ()
    ids = registry.ids_of(absence.person_id)
    lessons = [
        one for one in timetable.lessons_between(ids, first, last)
        if away.covers(one.day, (one.starts, one.ends) if one.starts and one.ends else None)
    ]  # fmt: skip
    return tuple(_as_affected(one) for one in lessons if one.school_id == absence.school_id)


def _as_affected(one: timetable.TodayLesson) -> Affected:
    settled = one.change_id is not None and one.state in ("away", "cancelled", "self_study")
    return Affected(lesson=one, is_settled=settled)


def to_arrange(
    absence: Absence, first: date, last: date, *, with_choices: bool
) -> tuple[tuple[Affected, ...], timetable.Arranging]:
    """The same for a page that gives lessons away, with what one may do about each; at most eight statements."""
    away = away_of(absence)
    found = timetable.arranging(absence.school, away.person_id, first, last, with_choices=with_choices)
    lessons = (
        one
        for one in found.lessons
        if away.covers(one.day, (one.starts, one.ends) if one.starts and one.ends else None)
    )
    return tuple(map(_as_affected, lessons)), found


def list_covers(absence: Absence) -> tuple[Cover, ...]:
    """All that were ever asked, in the order of their lessons."""
    rows = Cover.objects.filter(absence=absence).select_related("substitute__canonical", "change__lesson__class_group")
    return tuple(rows.order_by("day", "change__lesson__slot", "created_at"))


def my_covers(actor: Actor, since: date) -> tuple[Cover, ...]:
    """What the actor is asked to take, or takes, from a day on."""
    if actor.person_id is None:
        return ()
    rows = Cover.objects.filter(
        substitute_id__in=registry.ids_of(actor.person_id), day__gte=since, state__in=(*STANDING, CoverState.REFUSED)
    )
    related = rows.select_related("change__lesson__class_group", "change__school", "absence__person__canonical")
    return tuple(related.order_by("day", "change__lesson__slot", "id")[:100])


def has_open(absence: Absence) -> bool:
    return absence.withdrawn_at is None and absence.open_lessons > 0 and last_day(absence) >= absence.starts_on


def month_of_school(actor: Actor, school: Any, month: date) -> tuple[Taken, ...]:
    """Everybody who took over or gave away a lesson in a month, most paid lessons first; three statements."""
    policies.require_see_staff(actor, school)
    first, last = timetable.month_of(month)
    rows = [row for row in timetable.list_changes(first, last, school_id=school.id) if first <= row.day <= last]
    counts = dict(register.lesson_changes().filter(id__in=[row.id for row in rows]).values_list("id", "counts"))
    taken: dict[UUID, list[timetable.ChangeRow]] = defaultdict(list)
    given: dict[UUID, int] = defaultdict(int)
    names: dict[UUID, str] = {}
    for row in rows:
        if row.kind == timetable.ChangeKind.MOVE:
            continue
        if row.substitute is not None:
            taken[row.substitute.id].append(row)
            names[row.substitute.id] = row.substitute.name
        if row.original is not None and row.kind == timetable.ChangeKind.SUBSTITUTE:
            given[row.original.id] += 1
            names[row.original.id] = row.original.name
    made = [
        Taken(
            person_id=person, name=name, counted=sum(1 for row in taken[person] if counts.get(row.id)),
            uncounted=sum(1 for row in taken[person] if not counts.get(row.id)), given=given[person],
            lines=tuple(_line(row, paid=counts.get(row.id, False)) for row in taken[person]),
        )
        for person, name in names.items()
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda one: (-one.counted, -one.uncounted, one.name)))


def _line(row: timetable.ChangeRow, *, paid: bool) -> tuple[str, ...]:
    """Day, period, class, subject, for whom, and whether it is paid."""
    return (
        f"{row.day:%Y-%m-%d}", timetable.slot_name(row.lesson.slot), row.lesson.group.name,
        registry.subject_label(row.subject or row.lesson.subject), row.original.name if row.original else "",
        _("计课时") if paid else _("不计课时"),
    )  # fmt: skip
