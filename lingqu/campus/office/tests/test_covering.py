"""Giving lessons to others: who is asked, what is refused, what goes back."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

from lingqu.campus.office import testing
from lingqu.campus.office.models import Absence, Cover
from lingqu.campus.office.selectors.covers import affected, month_of_school
from lingqu.campus.office.services.absences import note_return, record_absence, withdraw_absence
from lingqu.campus.office.services.covering import answer, assign, withdraw_cover
from lingqu.campus.office.testing import FRIDAY, MONDAY, SYSTEM
from lingqu.campus.office.types.values import Choice, NewAbsence
from lingqu.campus.office.types.words import Audience, CoverState
from lingqu.foundation.inbox import testing as inbox
from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.foundation.timetable import testing as plans
from lingqu.kernel import clock
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

pytestmark = pytest.mark.django_db


def give(
    school: testing.School, absence: Absence, name: str, slot: str = "1", group: Any = None, day: Any = FRIDAY
) -> Cover:
    lesson = school.lesson_id(group or school.one, day.isoweekday(), slot)
    choice = Choice(lesson_id=lesson, day=day, kind="substitute", substitute=school.people[name].id)
    assign(actor=school.officer(), absence_id=absence.id, choices=[choice])
    return Cover.objects.get(absence=absence, change__lesson_id=lesson, state=CoverState.ASKED)


def todos() -> set[str]:
    return set(inbox.open_todos("office"))


def today_of(school: testing.School, name: str, day: Any = FRIDAY) -> list[tuple[str, str, str]]:
    lessons = timetable.lessons_today(registry.ids_of(school.people[name].id), day)
    return [(one.slot, one.class_name, one.state) for one in lessons]


def test_leave_opens_the_lessons_of_its_days(school: testing.School) -> None:
    absence = testing.staff_leave(school, last=MONDAY)
    found = [(one.lesson.day, one.lesson.slot, one.lesson.class_name, one.is_settled) for one in affected(absence)]
    assert found == [
        (FRIDAY, "1", "八（1）班", False), (FRIDAY, "2", "八（2）班", False),
        (MONDAY, "1", "八（1）班", False), (MONDAY, "2", "八（2）班", False),
    ]  # fmt: skip
    absence.refresh_from_db()
    assert (absence.days, absence.open_lessons) == (2, 4)
    assert todos() == {"吴静 2026-11-20 起请假，4 节课待安排"}


def test_leave_of_some_periods_takes_in_only_those(school: testing.School) -> None:
    absence = testing.staff_leave(school, starts_at=time(8, 50))
    assert [one.lesson.slot for one in affected(absence)] == ["2"]
    morning = testing.staff_leave(school, "程岳", ends_at=time(8, 40))
    assert [one.lesson.slot for one in affected(morning)] == ["1"]
    assert morning.days == 0.5


def test_a_substitute_gives_the_lesson_and_is_asked(school: testing.School) -> None:
    absence = testing.staff_leave(school)
    cover = give(school, absence, "顾言")
    assert today_of(school, "顾言") == [("1", "八（1）班", "substitute")]
    assert ("1", "八（1）班", "away") in today_of(school, "吴静")
    assert todos() == {"代吴静的课：2026-11-20 起 1 节，请确认", "吴静 2026-11-20 起请假，1 节课待安排"}
    assert answer(actor=school.teacher("顾言"), cover_ids=[cover.id], accepts=True) == 1
    assert todos() == {"吴静 2026-11-20 起请假，1 节课待安排"}
    with pytest.raises(Conflict):
        answer(actor=school.teacher("顾言"), cover_ids=[cover.id], accepts=True)


def test_whoever_refuses_says_why_and_the_lesson_is_open_again(school: testing.School) -> None:
    absence = testing.staff_leave(school)
    cover = give(school, absence, "顾言")
    with pytest.raises(Invalid):
        answer(actor=school.teacher("顾言"), cover_ids=[cover.id], accepts=False)
    with pytest.raises(Forbidden):
        answer(actor=school.teacher("罗芷"), cover_ids=[cover.id], accepts=False, reason="不是我")
    answer(actor=school.teacher("顾言"), cover_ids=[cover.id], accepts=False, reason="要监考")
    cover.refresh_from_db()
    assert (cover.state, cover.reason, today_of(school, "顾言")) == ("refused", "要监考", [])
    assert todos() == {"吴静 2026-11-20 起请假，2 节课待安排"}


@pytest.mark.parametrize(("name", "code"), [("程岳", "busy"), ("罗芷", "away"), ("吴静", "same_teacher")])
def test_nobody_is_chosen_who_is_busy_or_away(school: testing.School, name: str, code: str) -> None:
    testing.staff_leave(school, "罗芷")
    absence = testing.staff_leave(school)
    with pytest.raises((Conflict, Invalid)) as refusal:
        give(school, absence, name)
    assert refusal.value.code == code
    assert not Cover.objects.exists()


def test_all_lessons_of_a_page_or_none(school: testing.School) -> None:
    absence = testing.staff_leave(school)
    gu = school.people["顾言"].id
    ok = Choice(lesson_id=school.lesson_id(school.one, 5, "1"), day=FRIDAY, kind="substitute", substitute=gu)
    bad = Choice(
        lesson_id=school.lesson_id(school.two, 5, "2"),
        day=FRIDAY,
        kind="substitute",
        substitute=school.people["罗芷"].id,
    )
    with pytest.raises(Conflict, match="罗芷这一节有课"):
        assign(actor=school.officer(), absence_id=absence.id, choices=[ok, bad])
    assert not Cover.objects.exists() and today_of(school, "顾言") == []
    other = Choice(lesson_id=school.lesson_id(school.one, 5, "3"), day=FRIDAY, kind="cancel")
    with pytest.raises(Invalid) as refusal:
        assign(actor=school.officer(), absence_id=absence.id, choices=[other])
    assert refusal.value.code == "not_affected"


def test_one_person_cannot_take_two_lessons_of_one_page_at_once(school: testing.School) -> None:
    """Two teachers are away in the same period; a page that gives both lessons to one is refused by the second."""
    first, second = testing.staff_leave(school), testing.staff_leave(school, "程岳")
    give(school, first, "顾言")
    with pytest.raises(Conflict) as refusal:
        give(school, second, "顾言", group=school.two)
    assert refusal.value.code == "busy"


def test_joined_classes_are_one_lesson_for_their_substitute(school: testing.School) -> None:
    joint = plans.make_timetable(
        school.row,
        [
            plans.lesson(group, 5, "4", "19", [school.people["沈一"]], joint="体育")
            for group in (school.one, school.two)
        ],
        since=FRIDAY,
    )
    absence = testing.staff_leave(school, "沈一")
    choices = [
        Choice(lesson_id=lesson.id, day=FRIDAY, kind="substitute", substitute=school.people["何清"].id)
        for lesson in joint.lessons.all()
    ]
    assert assign(actor=school.officer(), absence_id=absence.id, choices=choices) == 2


def test_a_swap_tells_the_other_teacher_and_goes_back_with_the_leave(school: testing.School) -> None:
    absence = testing.staff_leave(school)
    swap = Choice(
        lesson_id=school.lesson_id(school.one, 5, "1"), day=FRIDAY, kind="move", other_id=school.lesson_id(school.one, 1, "2"),
        other_day=MONDAY,
    )  # fmt: skip
    with pytest.raises(Conflict):  # 吴静 gives 八（2）班 on Monday in the second period
        assign(actor=school.officer(), absence_id=absence.id, choices=[swap])
    swap = Choice(
        lesson_id=swap.lesson_id,
        day=FRIDAY,
        kind="move",
        other_id=school.lesson_id(school.one, 1, "3"),
        other_day=MONDAY,
    )
    with pytest.raises(Conflict):  # 程岳 gives 八（2）班 in the first period
        assign(actor=school.officer(), absence_id=absence.id, choices=[swap])
    second = Choice(
        lesson_id=school.lesson_id(school.two, 5, "2"), day=FRIDAY, kind="move", other_id=school.lesson_id(school.two, 1, "3"),
        other_day=MONDAY,
    )  # fmt: skip
    assign(actor=school.officer(), absence_id=absence.id, choices=[second])
    assert ("2", "八（2）班", "moved") in today_of(school, "沈一")
    assert "代吴静的课：2026-11-20 起 1 节，请确认" in todos()
    withdraw_absence(actor=school.officer(), absence_id=absence.id, why="不去了")
    assert today_of(school, "沈一") == [("3", "八（2）班", "")]
    assert todos() == set()


def test_withdrawn_leave_takes_lessons_back_but_not_those_already_given(
    school: testing.School, monkeypatch: pytest.MonkeyPatch
) -> None:
    absence = testing.staff_leave(school, last=MONDAY)
    given, coming = give(school, absence, "顾言"), give(school, absence, "顾言", day=MONDAY)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 22, 8, tzinfo=UTC))
    note_return(actor=school.officer(), absence_id=absence.id, day=MONDAY)
    given.refresh_from_db()
    coming.refresh_from_db()
    absence.refresh_from_db()
    assert (given.state, coming.state, absence.days) == ("asked", "withdrawn", 1)
    assert today_of(school, "吴静", MONDAY)[0] == ("1", "八（1）班", "")


def test_leave_of_a_substitute_gives_the_lessons_back(school: testing.School) -> None:
    absence = testing.staff_leave(school)
    cover = give(school, absence, "顾言")
    testing.staff_leave(school, "顾言")
    cover.refresh_from_db()
    absence.refresh_from_db()
    assert (cover.state, cover.reason, absence.open_lessons) == ("withdrawn", "代课教师请假", 2)


def test_a_change_is_not_taken_back_over_a_lesson_taken_since(school: testing.School) -> None:
    """程岳's lesson is given away by hand; he takes another one then; the first goes back only after the second."""
    lesson = school.lesson_id(school.two, 5, "1")
    wish = timetable.Wish(lesson_id=lesson, day=FRIDAY, kind="substitute", substitute=school.people["何清"].id)
    change = timetable.arrange(actor=school.officer(), wish=wish)
    cover = give(school, testing.staff_leave(school), "程岳")
    with pytest.raises(Conflict) as refusal:
        timetable.withdraw_change(actor=school.officer(), change_id=change)
    assert refusal.value.code == "busy_since"
    withdraw_cover(actor=school.officer(), cover_id=cover.id)
    timetable.withdraw_change(actor=school.officer(), change_id=change)
    assert today_of(school, "程岳")[0] == ("1", "八（2）班", "")


def test_the_best_one_comes_first_and_the_absent_not_at_all(school: testing.School) -> None:
    testing.staff_leave(school, "罗芷")
    testing.staff_leave(school)
    lesson = school.lesson_id(school.one, 5, "1")
    found = timetable.choices_of(school.row, [(lesson, FRIDAY)], plans.YEAR)[lesson, FRIDAY]
    names = [one.teacher.name for one in found.candidates]
    assert names[0] == "顾言" and found.candidates[0].tag == "同科、本班教师"
    assert not {"罗芷", "吴静", "程岳"} & set(names)


def test_the_month_counts_paid_lessons(school: testing.School) -> None:
    absence = testing.staff_leave(school)
    give(school, absence, "顾言")
    choice = Choice(
        lesson_id=school.lesson_id(school.two, 5, "2"),
        day=FRIDAY,
        kind="self_study",
        substitute=school.people["何清"].id,
    )
    assign(actor=school.officer(), absence_id=absence.id, choices=[choice])
    found = {
        one.name: (one.counted, one.uncounted, one.given)
        for one in month_of_school(school.officer(), school.row, FRIDAY)
    }
    assert found == {"顾言": (1, 0, 0), "何清": (0, 1, 0), "吴静": (0, 0, 1)}


def test_leave_is_refused_that_cannot_be(school: testing.School) -> None:
    testing.staff_leave(school)
    for more, code in (
        ({"kind": "holiday"}, "bad_kind"), ({"last": testing.date(2026, 11, 19)}, "bad_ends_on"), ({}, "overlap"),
        ({"first": testing.date(2026, 11, 21)}, "bad_starts_on"), ({"first": testing.date(2025, 11, 20)}, "bad_starts_on"),
        ({"first": MONDAY, "last": testing.date(2026, 12, 4), "kind": "private", "accepts_quota": False}, None),
        ({"first": testing.date(2026, 12, 7), "kind": "private"}, "over_quota"),
    ):  # fmt: skip
        if code is None:
            assert testing.staff_leave(school, **more).days == 10
            continue
        with pytest.raises((Invalid, Conflict)) as refusal:
            testing.staff_leave(school, **more)
        assert refusal.value.code == code
    new = NewAbsence(
        audience=Audience.STAFF, person_id=school.people["顾言"].id, school_id=school.row.id, kind="sick", starts_on=FRIDAY,
        ends_on=FRIDAY,
    )  # fmt: skip
    with pytest.raises(Invalid, match="批准人"):
        record_absence(actor=SYSTEM, new=new)
