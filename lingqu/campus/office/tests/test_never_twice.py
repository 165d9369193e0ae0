"""Whatever 教务, teachers and illness do in whatever order: nobody is in two lessons at once, nobody on leave gives one."""

from __future__ import annotations

from datetime import date, time
from itertools import combinations
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lingqu.campus.office import testing
from lingqu.campus.office.models import Absence, Cover
from lingqu.campus.office.selectors.absences import away_of, counting
from lingqu.campus.office.selectors.covers import affected
from lingqu.campus.office.services.absences import note_return, withdraw_absence
from lingqu.campus.office.services.covering import answer, assign, withdraw_cover
from lingqu.campus.office.testing import FRIDAY, MONDAY, TEACHERS
from lingqu.campus.office.types.values import Choice
from lingqu.campus.office.types.words import STANDING
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.errors import DomainError

pytestmark = pytest.mark.django_db
DAYS = (FRIDAY, MONDAY)
NAMES, DAY = st.sampled_from(TEACHERS), st.sampled_from(DAYS)
NUMBER = st.integers(0, 30)
STEPS = st.one_of(
    st.tuples(st.just("leave"), NAMES, DAY, DAY, st.sampled_from([None, time(8, 50)])),
    st.tuples(st.just("give"), NUMBER, NUMBER, NAMES),
    st.tuples(st.just("swap"), NUMBER, NUMBER, NUMBER),
    st.tuples(st.just("by hand"), NUMBER, DAY, NAMES),
    st.tuples(st.sampled_from(["end", "return", "withdraw cover", "refuse", "take back by hand"]), NUMBER),
)


def one_of(rows: Any, number: int) -> Any:
    found = list(rows)
    return found[number % len(found)] if found else None


def act(school: testing.School, step: tuple[Any, ...]) -> None:
    """One step as its people would take it; what is refused changes nothing."""
    try:
        with transaction.atomic():
            ACTS[step[0]](school, *step[1:])
    except DomainError:
        pass


def leave(school: testing.School, name: str, first: date, last: date, starts_at: time | None) -> None:
    testing.staff_leave(school, name, first, max(first, last), starts_at=starts_at, kind="duty")


def _lesson(number: int, other: int) -> tuple[Absence, Any] | None:
    absence = one_of(counting().order_by("id"), number)
    found = one_of(affected(absence), other) if absence else None
    return (absence, found.lesson) if found else None


def give(school: testing.School, number: int, other: int, name: str) -> None:
    if (found := _lesson(number, other)) is not None:
        absence, lesson = found
        choice = Choice(
            lesson_id=lesson.lesson_id, day=lesson.day, kind="substitute", substitute=school.people[name].id
        )
        assign(actor=school.officer(), absence_id=absence.id, choices=[choice])


def swap(school: testing.School, number: int, other: int, third: int) -> None:
    if (found := _lesson(number, other)) is not None:
        absence, lesson = found
        same_class = school.timetable.lessons.filter(class_group_id=lesson.class_id).order_by("id")
        partner = one_of(same_class, third)
        day = MONDAY if partner.weekday == 1 else FRIDAY
        choice = Choice(lesson_id=lesson.lesson_id, day=lesson.day, kind="move", other_id=partner.id, other_day=day)
        assign(actor=school.officer(), absence_id=absence.id, choices=[choice])


def by_hand(school: testing.School, number: int, day: date, name: str) -> None:
    lesson = one_of(school.timetable.lessons.filter(weekday=day.isoweekday()).order_by("id"), number)
    wish = timetable.Wish(lesson_id=lesson.id, day=day, kind="substitute", substitute=school.people[name].id)
    timetable.arrange(actor=school.officer(), wish=wish)


def end(school: testing.School, number: int) -> None:
    if absence := one_of(counting().order_by("id"), number):
        withdraw_absence(actor=school.officer(), absence_id=absence.id)


def back(school: testing.School, number: int) -> None:
    if absence := one_of(counting().order_by("id"), number):
        note_return(actor=school.officer(), absence_id=absence.id, day=FRIDAY)


def take_back(school: testing.School, number: int) -> None:
    if cover := one_of(Cover.objects.filter(state__in=STANDING).order_by("id"), number):
        withdraw_cover(actor=school.officer(), cover_id=cover.id)


def refuse(school: testing.School, number: int) -> None:
    if cover := one_of(Cover.objects.filter(state="asked", substitute__isnull=False).order_by("id"), number):
        answer(actor=school.teacher(cover.substitute.name), cover_ids=[cover.id], accepts=False, reason="没空")


def take_back_by_hand(school: testing.School, number: int) -> None:
    changes = timetable.list_changes(FRIDAY, MONDAY, school_id=school.row.id)
    if change := one_of(changes, number):
        timetable.withdraw_change(actor=school.officer(), change_id=change.id)


ACTS: dict[str, Any] = {
    "leave": leave, "give": give, "swap": swap, "by hand": by_hand, "end": end, "return": back, "withdraw cover": take_back,
    "refuse": refuse, "take back by hand": take_back_by_hand,
}  # fmt: skip


def check(school: testing.School) -> None:
    for name, person in school.people.items():
        lessons = timetable.lessons_between(registry.ids_of(person.id), FRIDAY, MONDAY)
        held = [one for one in lessons if one.state not in ("away", "cancelled")]
        for one, other in combinations(held, 2):
            assert (one.day, one.slot) != (other.day, other.slot), (name, one, other)
        for absence in counting().filter(person=person).select_related("person__canonical"):
            away = away_of(absence)
            taken = [one for one in held if one.state in ("substitute", "moved")]
            assert not any(away.covers(one.day, (one.starts, one.ends)) for one in taken), (name, taken)
    for group in (school.one, school.two):
        for day in DAYS:
            held = [one for one in timetable.lessons_of_class(group.id, day) if one.state not in ("away", "cancelled")]
            assert len({one.slot for one in held}) == len(held) == 3


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=4, max_size=12))
def test_nobody_is_in_two_lessons_at_once(school: testing.School, steps: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        for step in steps:
            act(school, step)
        check(school)
        transaction.set_rollback(True)
