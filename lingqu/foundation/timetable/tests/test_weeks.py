"""What is really held: calendar, versions, odd and even weeks, 代课 and 对调."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.registry import testing as register
from lingqu.foundation.timetable import testing
from lingqu.foundation.timetable.models import LessonChange
from lingqu.foundation.timetable.selectors.daily import lessons_of_class, lessons_today, next_lesson
from lingqu.foundation.timetable.selectors.showing import CLASS, TEACHER, week_page
from lingqu.foundation.timetable.selectors.substitutes import choices_for, taken_over
from lingqu.foundation.timetable.selectors.weeks import held_by_teacher, held_in_class, held_in_room, week_around
from lingqu.foundation.timetable.services import calendars, changes
from lingqu.foundation.timetable.services.changes import Wish
from lingqu.foundation.timetable.types.weeks import ODD
from lingqu.kernel.errors import Conflict, Invalid

pytestmark = pytest.mark.django_db
FRIDAY, SATURDAY, NEXT_FRIDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 27)
WEEK = week_around(FRIDAY)


@pytest.fixture
def school() -> Any:
    made = register.make_school()
    made.one = register.make_class(made, room="302")
    made.two = register.make_class(made, serial=5, name="八（5）班")
    made.cheng, made.luo, made.wu = (register.make_teacher(made, name=name) for name in ("程岳", "罗芷", "吴静"))
    for teacher, group, subject in (
        (made.cheng, made.one, "16"), (made.luo, made.two, "16"), (made.wu, made.one, "13"),
    ):  # fmt: skip
        testing.teach(teacher, group, subject, 3)
    testing.make_term()
    testing.make_bells(made)
    made.rows = [
        testing.lesson(made.one, 5, "5", "16", [made.cheng], room="实验楼205"),
        testing.lesson(made.one, 5, "1", "13", [made.wu]), testing.lesson(made.one, 4, "2", "13", [made.wu]),
        testing.lesson(made.two, 5, "5", "16", [made.luo], weeks=ODD), testing.lesson(made.two, 5, "1", "16", [made.luo]),
    ]  # fmt: skip
    made.timetable = testing.make_timetable(made, made.rows)
    return made


def seen(held: Any) -> list[tuple[str, str, str, str, str]]:
    return [(f"{one.day:%m-%d}", one.slot, one.subject, one.teacher_names, one.state) for one in held.occurrences]


def lesson_id(school: Any, weekday: int, slot: str, group: Any = None) -> int:
    return school.timetable.lessons.get(weekday=weekday, slot=slot, class_group=group or school.one).id


def test_a_week_of_a_class_a_teacher_and_a_room(school: Any) -> None:
    assert seen(held_in_class(school.one, *WEEK)) == [
        ("11-19", "2", "13", "吴静", ""), ("11-20", "1", "13", "吴静", ""), ("11-20", "5", "16", "程岳", ""),
    ]  # fmt: skip
    assert seen(held_by_teacher([school.luo.id], *WEEK)) == [("11-20", "1", "16", "罗芷", "")]
    assert seen(held_by_teacher([school.luo.id], *week_around(NEXT_FRIDAY)))[-1] == ("11-27", "5", "16", "罗芷", "")
    assert seen(held_in_room(school, "实验楼205", *WEEK)) == [("11-20", "5", "16", "程岳", "")]


def test_a_county_notice_reaches_every_school_that_says_nothing_else(school: Any) -> None:
    county = school.parent
    days = [
        calendars.Day(day=SATURDAY, kind="workday", follows_day=NEXT_FRIDAY),
        calendars.Day(day=NEXT_FRIDAY, kind="stop", name="运动会"),
    ]  # fmt: skip
    assert calendars.set_days(actor=testing.SYSTEM, organisation_id=county.id, days=days) == 2
    assert [row[:2] for row in seen(held_in_class(school.one, SATURDAY, SATURDAY))] == [("11-21", "1"), ("11-21", "5")]
    assert seen(held_by_teacher([school.luo.id], SATURDAY, SATURDAY))[-1][:3] == ("11-21", "5", "16")
    assert seen(held_in_class(school.one, NEXT_FRIDAY, NEXT_FRIDAY)) == []
    calendars.set_days(
        actor=testing.SYSTEM, organisation_id=school.id, days=[calendars.Day(day=NEXT_FRIDAY, kind="ordinary")]
    )
    assert len(seen(held_in_class(school.one, NEXT_FRIDAY, NEXT_FRIDAY))) == 2
    other = register.make_school(county)
    testing.make_bells(other)
    group = register.make_class(other)
    testing.make_timetable(other, [testing.lesson(group, 5, "1")])
    assert seen(held_in_class(group, NEXT_FRIDAY, NEXT_FRIDAY)) == []
    page = week_page(held_in_class(school.one, *WEEK), CLASS)
    assert (page.week, [head.label for head in page.days][-1], page.days[-1].note) == (12, "周六", "补 11-27")
    assert page.remarks == ("11-21（周六）上课，补 11-27（周五）的课",)


def test_a_new_version_counts_from_its_day_and_old_weeks_stay(school: Any) -> None:
    newer = testing.make_timetable(school, [testing.lesson(school.one, 5, "3", "13", [school.wu])], since=FRIDAY)
    assert newer.number == 2
    assert [row[1] for row in seen(held_in_class(school.one, date(2026, 11, 13), date(2026, 11, 13)))] == ["1", "5"]
    assert [row[1] for row in seen(held_in_class(school.one, *WEEK))] == ["2", "3"]


def arrange(school: Any, **more: Any) -> Any:
    wish = {"lesson_id": lesson_id(school, 5, "5"), "day": FRIDAY, "kind": "substitute", **more}
    return changes.arrange(actor=testing.SYSTEM, wish=Wish(**wish))


def test_a_substitute_is_seen_by_everybody_concerned(school: Any) -> None:
    arrange(school, substitute=school.luo.id, reason="外出教研")
    assert ("11-20", "5", "16", "罗芷", "substitute") in seen(held_in_class(school.one, *WEEK))
    assert ("11-20", "5", "16", "罗芷", "substitute") in seen(held_by_teacher([school.luo.id], *WEEK))
    assert seen(held_by_teacher([school.cheng.id], *WEEK)) == [("11-20", "5", "16", "罗芷", "away")]
    page = week_page(held_by_teacher([school.cheng.id], *WEEK), TEACHER)
    assert [entry.tag for row in page.rows for cell in row.cells for entry in cell] == ["由罗芷代"]
    assert taken_over(school, *WEEK) == {school.luo.id: 1}
    assert [one.state for one in lessons_today([school.luo.id])] == ["", "substitute"]
    with pytest.raises(Conflict):
        arrange(school, substitute=school.wu.id)


def test_who_is_free_and_teaches_the_subject_comes_first(school: Any) -> None:
    found = choices_for(school, lesson_id(school, 5, "5"), FRIDAY, testing.YEAR)
    assert [(one.teacher.name, one.tag) for one in found.candidates] == [("罗芷", "同科、同年级"), ("吴静", "本班教师")]
    found = choices_for(school, lesson_id(school, 5, "5"), NEXT_FRIDAY, testing.YEAR)
    assert [one.teacher.name for one in found.candidates] == ["吴静"]
    assert found.busy == 1
    assert choices_for(school, lesson_id(school, 5, "5"), date(2026, 11, 19), testing.YEAR) is None


def test_a_busy_teacher_or_a_stranger_cannot_take_a_lesson(school: Any) -> None:
    with pytest.raises(Conflict):
        arrange(school, day=NEXT_FRIDAY, substitute=school.luo.id)
    with pytest.raises(Invalid):
        arrange(school, substitute=register.make_teacher().id)
    with pytest.raises(Invalid):
        arrange(school, day=date(2026, 11, 19), substitute=school.luo.id)
    with pytest.raises(Invalid):
        arrange(school)
    assert not LessonChange.objects.exists()


def test_two_lessons_of_a_class_change_places_for_once(school: Any) -> None:
    first, second = lesson_id(school, 5, "5"), lesson_id(school, 4, "2")
    pair = changes.swap(
        actor=testing.SYSTEM, lesson_id=first, day=FRIDAY, other_id=second, other_day=date(2026, 11, 19)
    )
    assert sorted(seen(held_in_class(school.one, *WEEK))) == [
        ("11-19", "2", "13", "吴静", "away"), ("11-19", "2", "16", "程岳", "moved"), ("11-20", "1", "13", "吴静", ""),
        ("11-20", "5", "13", "吴静", "moved"), ("11-20", "5", "16", "程岳", "away"),
    ]  # fmt: skip
    assert seen(held_in_class(school.one, NEXT_FRIDAY, NEXT_FRIDAY))[-1] == ("11-27", "5", "16", "程岳", "")
    rows = LessonChange.objects.filter(pair=pair)
    with pytest.raises(Conflict):
        changes.withdraw(actor=testing.SYSTEM, change_id=rows[0].id)


def test_a_change_is_taken_back_before_its_day_has_passed(school: Any) -> None:
    made = arrange(school, substitute=school.luo.id)
    changes.withdraw(actor=testing.SYSTEM, change_id=made)
    assert [row[3] for row in seen(held_in_class(school.one, FRIDAY, FRIDAY))] == ["吴静", "程岳"]
    with pytest.raises(Conflict):
        changes.withdraw(actor=testing.SYSTEM, change_id=made)
    arrange(school, kind="self_study", substitute=school.wu.id)
    assert seen(held_in_class(school.one, FRIDAY, FRIDAY))[-1][2:] == ("自习", "吴静", "self_study")


def test_today_and_the_next_lesson(school: Any) -> None:
    today = lessons_of_class(school.one.id)
    assert [(one.period, f"{one.starts:%H:%M}", one.subject_label, one.room) for one in today] == [
        ("第1节", "08:00", "语文", "302"), ("第5节", "11:20", "物理", "实验楼205"),
    ]  # fmt: skip
    assert next_lesson(today).slot == "5"


def test_a_known_school_costs_few_statements(school: Any, django_assert_max_num_queries: Any) -> None:
    lessons_today([school.luo.id])
    with django_assert_max_num_queries(7):
        lessons_today([school.luo.id])


def test_the_day_costs_the_same_whatever_the_size_of_the_city(school: Any) -> None:
    """A hundred schools with their own versions, bells and calendars beside this one: not a statement more."""

    def spent(ask: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as told:
            ask()
        return len(told)

    asked = (
        lambda: lessons_today([school.luo.id]), lambda: lessons_of_class(school.one.id),
        lambda: held_in_class(school.one, FRIDAY, FRIDAY),
    )  # fmt: skip
    for ask in asked:
        ask()
    before = [spent(ask) for ask in asked]
    for _number in range(100):
        other = register.make_school()
        group = register.make_class(other)
        testing.make_bells(other)
        testing.make_timetable(other, [testing.lesson(group, 5, "1", teachers=[register.make_teacher(other)])])
    for ask in asked:
        ask()
    assert [spent(ask) for ask in asked] == before
    assert max(before) <= 12
