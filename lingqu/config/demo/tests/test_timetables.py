"""The demo's timetables: every planned period has a place, nobody is in two rooms, holidays are paid back."""

from __future__ import annotations

from collections import Counter
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lingqu.config.demo.timetables import DAYS, LESSONS, Weave, _holiday

plans = st.lists(
    st.tuples(st.integers(1, 8), st.integers(101, 112), st.sampled_from(["13", "14", "22"]), st.integers(1, 6)),
    max_size=40,
)


@given(plans)
def test_lessons_are_woven_without_clashes(plan: list[tuple[int, int, str, int]]) -> None:
    """As long as nobody has more than the week's periods, everything finds its place."""
    weave = Weave(DAYS, {UUID(int=n): LESSONS for n in range(1, 9)})
    classes: Counter[int] = Counter()
    teachers: Counter[int] = Counter()
    added: Counter[tuple[UUID, UUID, str]] = Counter()
    for group, teacher, subject, periods in plan:
        for _n in range(periods):
            if classes[group] < DAYS * LESSONS and teachers[teacher] < DAYS * LESSONS:
                assert weave.add(UUID(int=group), UUID(int=teacher), subject)
                classes[group] += 1
                teachers[teacher] += 1
                added[UUID(int=group), UUID(int=teacher), subject] += 1
    found = Counter((class_id, teacher, subject) for (class_id, _place), (teacher, subject) in weave.by_class.items())
    assert found == added
    assert {
        (teacher, place): (class_id, subject) for (class_id, place), (teacher, subject) in weave.by_class.items()
    } == weave.by_teacher


def test_a_week_of_holidays_is_paid_back_on_two_weekends() -> None:
    days = list(_holiday(date(2026, 10, 1), 7, "国庆节", free=3))
    assert [day.day.isoformat() for day in days if day.kind == "workday"] == ["2026-09-27", "2026-10-10"]
    assert [day.follows_day for day in days if day.kind == "workday"] == [date(2026, 10, 6), date(2026, 10, 7)]
    assert sum(day.kind == "holiday" for day in days) == 7
