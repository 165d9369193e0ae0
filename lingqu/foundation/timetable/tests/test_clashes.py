"""The clash finder against a naive comparison of every pair; editing a draft."""

from __future__ import annotations

from datetime import time
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.registry import testing as register
from lingqu.foundation.timetable import testing
from lingqu.foundation.timetable.models import Lesson
from lingqu.foundation.timetable.selectors.checks import check_version
from lingqu.foundation.timetable.sentences import clash_sentence, remark_sentence
from lingqu.foundation.timetable.services.lessons import (
    WouldClash,
    join_lessons,
    move_lesson,
    put_lesson,
    remove_lesson,
)
from lingqu.foundation.timetable.types.clashes import find_clashes
from lingqu.foundation.timetable.types.values import Group, LessonRow, Teacher
from lingqu.foundation.timetable.types.weeks import ALL, EVEN, ODD, numbers_of
from lingqu.kernel.errors import Forbidden, Invalid

GROUPS = [Group(id=UUID(int=n), name=f"{n}班", school_id=UUID(int=0)) for n in range(1, 4)]
TEACHERS = [Teacher(id=UUID(int=10 + n), name=f"师{n}") for n in range(3)]
TIMES = {"1": (time(8), time(8, 40)), "2": (time(8, 50), time(9, 30)), "R1": (time(7, 30), time(8, 10)), "9": None}
rows = st.lists(
    st.tuples(
        st.sampled_from(GROUPS), st.integers(1, 2), st.sampled_from(list(TIMES)), st.sampled_from([ALL, ODD, EVEN, 2, 12]),
        st.sampled_from(["", "301", "302"]), st.sampled_from(["", "a", "b"]),
        st.lists(st.sampled_from(TEACHERS), max_size=2, unique=True),
    ),
    max_size=14,
)  # fmt: skip


def made(found: list[Any]) -> list[LessonRow]:
    return [
        LessonRow(
            id=at, timetable_id=UUID(int=0), group=group, weekday=day, slot=slot, subject="14", weeks=weeks, room=room,
            joint=joint, teachers=tuple(teachers),
        )
        for at, (group, day, slot, weeks, room, joint, teachers) in enumerate(found)
    ]  # fmt: skip


def overlap(one: LessonRow, other: LessonRow) -> bool:
    first, second = TIMES[one.slot], TIMES[other.slot]
    if first is None or second is None:
        return one.slot == other.slot
    return first[0] < second[1] and second[0] < first[1]


@given(rows)
def test_clashes_agree_with_comparing_every_pair(found: list[Any]) -> None:
    naive = set()
    for one, other in combinations(made(found), 2):
        same_week = set(numbers_of(one.weeks)) & set(numbers_of(other.weeks))
        if one.weekday != other.weekday or not same_week or not overlap(one, other):
            continue
        if one.group.id == other.group.id:
            naive.add(("class", one.group.name, one.id, other.id))
        if one.joint and one.joint == other.joint:
            continue
        if one.room and one.room == other.room:
            naive.add(("room", one.room, one.id, other.id))
        naive |= {("teacher", teacher.name, one.id, other.id) for teacher in one.teachers if teacher in other.teachers}
    clashes = find_clashes(made(found), lambda lesson: TIMES[lesson.slot])
    assert {(clash.kind, clash.what, clash.first.id, clash.second.id) for clash in clashes} == naive
    assert len(clashes) == len(naive)


@pytest.fixture
def school() -> Any:
    made = register.make_school()
    made.one, made.two = (register.make_class(made, serial=serial) for serial in (1, 2))
    made.su, made.bai = register.make_teacher(made, name="苏明"), register.make_teacher(made, name="白露")
    testing.make_term()
    testing.make_bells(made)
    return made


def put(school: Any, draft: Any, group: Any, **more: Any) -> int:
    values = {"weekday": 3, "slot": "2", "subject": "数学", "teacher_ids": [school.su.id], **more}
    return put_lesson(actor=testing.SYSTEM, timetable_id=draft.id, class_id=group.id, **values)


@pytest.mark.django_db
def test_a_lesson_that_would_clash_is_refused_until_it_is_meant(school: Any) -> None:
    draft = testing.make_timetable(school, since=None)
    put(school, draft, school.one)
    with pytest.raises(WouldClash) as told:
        put(school, draft, school.two)
    assert told.value.details["clashes"] == ["周三第 2 节：苏明同时在八（1）班上数学、在八（2）班上数学"]
    assert Lesson.objects.count() == 1
    second = put(school, draft, school.two, accept=True)
    checked = check_version(draft, testing.DAY)
    assert [clash_sentence(clash) for clash in checked.clashes] == told.value.details["clashes"]
    join_lessons(actor=testing.SYSTEM, timetable_id=draft.id, lesson_ids=[second, checked.clashes[0].first.id])
    assert check_version(draft, testing.DAY).clashes == ()


@pytest.mark.django_db
def test_odd_and_even_weeks_do_not_clash(school: Any) -> None:
    draft = testing.make_timetable(school, since=None)
    put(school, draft, school.one, weeks="单周")
    put(school, draft, school.two, weeks="双")
    assert Lesson.objects.count() == 2


@pytest.mark.django_db
def test_two_lessons_of_a_class_change_places(school: Any) -> None:
    draft = testing.make_timetable(school, since=None)
    first = put(school, draft, school.one)
    second = put(school, draft, school.one, weekday=4, slot="3", subject="语文", teacher_ids=[school.bai.id])
    move_lesson(actor=testing.SYSTEM, timetable_id=draft.id, lesson_id=first, weekday=4, slot="3")
    places = {row.id: (row.weekday, row.slot) for row in Lesson.objects.all()}
    assert places == {first: (4, "3"), second: (3, "2")}
    put(school, draft, school.two, weekday=5, slot="1")
    with pytest.raises(WouldClash):
        move_lesson(actor=testing.SYSTEM, timetable_id=draft.id, lesson_id=first, weekday=5, slot="1")
    assert Lesson.objects.get(id=first).weekday == 4
    remove_lesson(actor=testing.SYSTEM, timetable_id=draft.id, lesson_id=first)
    assert not Lesson.objects.filter(id=first).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"subject": "奥数"}, "unknown_subject"),
        ({"slot": "12"}, "unknown_period"),
        ({"weeks": "99"}, "bad_weeks"),
        ({"weekday": 8}, "bad_weekday"),
    ],
)
def test_what_no_lesson_can_be_is_refused(school: Any, more: dict[str, Any], code: str) -> None:
    draft = testing.make_timetable(school, since=None)
    with pytest.raises(Invalid) as told:
        put(school, draft, school.one, **more)
    assert told.value.code == code
    assert not Lesson.objects.exists()


@pytest.mark.django_db
def test_strangers_and_classes_of_other_schools_are_refused(school: Any) -> None:
    draft = testing.make_timetable(school, since=None)
    with pytest.raises(Invalid):
        put(school, draft, school.one, teacher_ids=[register.make_teacher().id])
    with pytest.raises(Forbidden):
        put(school, draft, register.make_class())


@pytest.mark.django_db
def test_a_version_is_compared_with_what_is_planned(school: Any) -> None:
    testing.teach(school.su, school.one, "14", 2)
    testing.teach(school.bai, school.one, "13", 1)
    rows = [testing.lesson(school.one, day, "1", "14", [school.su]) for day in (1, 2, 3)]
    rows += [testing.lesson(school.one, 4, "1", "13", [school.su]), testing.lesson(school.one, 5, "1", "41")]
    draft = testing.make_timetable(school, rows, since=None)
    assert [remark_sentence(remark) for remark in check_version(draft, testing.DAY).remarks] == [
        "八（1）班英语有 1 节没有教师",
        "苏明上八（1）班语文 1 节，任课里没有这一项",
        "八（1）班数学排了 3 节，任课是 2 节",
    ]


@pytest.mark.django_db
def test_a_teacher_of_two_schools_clashes_by_the_clock_and_rooms_of_two_schools_do_not(
    django_assert_max_num_queries: Any,
) -> None:
    first, second = register.make_school(name="东校"), register.make_school(name="西校")
    groups = [register.make_class(school, "G08", 1) for school in (first, second)]
    teacher, other = register.make_teacher(first, "吴静"), register.make_teacher(second, "齐鸣")
    testing.make_bells(first)
    testing.make_bells(second)
    room = {"room": "301"}
    away = testing.make_timetable(
        second, [testing.lesson(groups[1], 1, "1", teachers=[teacher], **room), testing.lesson(groups[1], 2, "2", teachers=[other])]
    )  # fmt: skip
    draft = testing.make_timetable(
        first, [testing.lesson(groups[0], 1, "1", teachers=[teacher], **room), testing.lesson(groups[0], 2, "1", teachers=[teacher])],
        since=None,
    )  # fmt: skip
    with django_assert_max_num_queries(14):
        found = check_version(draft, testing.DAY).clashes
    assert [(one.kind, one.first.group.name, one.second.group.name) for one in found] == [
        ("teacher", groups[0].name, f"西校 {groups[1].name}")
    ]
    assert "吴静" in clash_sentence(found[0])
    assert "西校" in clash_sentence(found[0])
    back = check_version(away, testing.DAY).clashes
    assert back == (), "a draft of the other school does not count"
    Lesson.objects.filter(timetable=away, weekday=1).update(slot="9")
    assert check_version(draft, testing.DAY).clashes == ()
