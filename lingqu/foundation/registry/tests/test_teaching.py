from __future__ import annotations

from decimal import Decimal

import pytest

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import Duty, TeachingAssignment
from lingqu.foundation.registry.selectors.places import current_school_year, relations_of
from lingqu.foundation.registry.selectors.teaching import get_matrix
from lingqu.foundation.registry.services import pasting
from lingqu.foundation.registry.services.teaching import assign_head, end_head, end_teaching, set_teaching
from lingqu.foundation.registry.types import rights
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db


def editor(path: object) -> Actor:
    return actor_with(rights.TEACHING_VIEW, rights.TEACHING_EDIT, rights.CLASS_EDIT, path=str(path))


def test_a_cell_is_set_replaced_and_ended_with_dates() -> None:
    group = testing.make_class()
    actor, first, second = (
        editor(group.school.path),
        testing.make_teacher(group.school),
        testing.make_teacher(group.school, "程岳"),
    )
    made = set_teaching(actor=actor, class_id=group.id, subject="物理", person_id=first.id, weekly_periods=Decimal(3))
    again = set_teaching(actor=actor, class_id=group.id, subject="16", person_id=first.id, weekly_periods=Decimal(3))
    assert made == again
    TeachingAssignment.objects.filter(id=made).update(valid_from=testing.START)
    other = set_teaching(actor=actor, class_id=group.id, subject="物理", person_id=second.id)
    assert TeachingAssignment.objects.get(id=made).valid_to == today()
    assert [fact.subject for fact in relations_of(second.id).taught_classes] == ["16"]
    end_teaching(actor=actor, assignment_id=other)
    assert not TeachingAssignment.objects.filter(valid_to=None).exists()


def test_strangers_unknown_subjects_and_other_schools_are_refused() -> None:
    group = testing.make_class()
    teacher, stranger = testing.make_teacher(group.school), testing.make_teacher()
    actor = editor(group.school.path)
    with pytest.raises(Invalid):
        set_teaching(actor=actor, class_id=group.id, subject="物理", person_id=stranger.id)
    with pytest.raises(Invalid):
        set_teaching(actor=actor, class_id=group.id, subject="炼丹", person_id=teacher.id)
    with pytest.raises(Forbidden):
        set_teaching(actor=editor(stranger.path), class_id=group.id, subject="物理", person_id=teacher.id)
    assert not TeachingAssignment.objects.exists()


def test_a_head_teacher_follows_another_and_may_be_missing() -> None:
    group = testing.make_class()
    former = testing.make_head(group)
    actor, new = editor(group.school.path), testing.make_teacher(group.school, "许安")
    assign_head(actor=actor, class_id=group.id, person_id=new.id)
    assert Duty.objects.get(person=former).valid_to == today()
    assert [fact.class_id for fact in relations_of(new.id).head_classes] == [group.id]
    end_head(actor=actor, class_id=group.id)
    with pytest.raises(Conflict):
        end_head(actor=actor, class_id=group.id)


def test_gaps_are_subjects_that_the_grade_has() -> None:
    school = testing.make_school()
    groups = [testing.make_class(school, serial=n) for n in (1, 2, 3)]
    actor, teacher = editor(school.path), testing.make_teacher(school)
    for group in groups[:2]:
        set_teaching(actor=actor, class_id=group.id, subject="物理", person_id=teacher.id, weekly_periods=Decimal(10))
    found = get_matrix(school)
    assert [[cell.state for cell in row.cells] for row in found.rows] == [["over"], ["over"], ["gap"]]
    assert (found.cells, found.gaps, found.over) == (3, 1, 1)
    assert "八（3）班 物理 无任课教师" in [task.title for task in found.tasks]


def test_pasted_rows_are_answered_line_by_line() -> None:
    school = testing.make_school()
    testing.make_class(school, serial=9)
    testing.make_class(school, serial=10)
    shan = testing.make_teacher(school, "单雯")
    twins = [testing.make_teacher(school, "李静"), testing.make_teacher(school, "李静")]
    testing.make_teacher(school, "程岳")
    year = int(current_school_year()[:4])
    text = f"班级\t学科\t教师\t周课时\n八(9)\t历史\t单雯\t2\n{year - 1}级10班\t历史\t单 雯\t2\n八(9)\t信息\t李静\t1\n八(9)\t物理\t程越\t3\n八(7)\t物理\t程岳\t3"
    actor = editor(school.path)
    lines = pasting.read_rows(actor=actor, school_id=school.id, text=text)
    assert [(line.line, line.state, line.class_name) for line in lines] == [
        (2, "writable", "八（9）班"), (3, "writable", "八（10）班"), (4, "choose", "八（9）班"),
        (5, "unknown_teacher", "八（9）班"), (6, "unknown_class", ""),
    ]  # fmt: skip
    assert lines[3].message == "程越：本校没有这个人。是否指 程岳？"
    written = pasting.write_rows(actor=actor, school_id=school.id, text=text, choices={4: twins[1].id})
    assert written == 3
    assert sorted(TeachingAssignment.objects.values_list("person_id", flat=True)) == sorted(
        [shan.id, shan.id, twins[1].id]
    )
    assert [line.state for line in pasting.read_rows(actor=actor, school_id=school.id, text=text)][:2] == [
        "present",
        "present",
    ]
