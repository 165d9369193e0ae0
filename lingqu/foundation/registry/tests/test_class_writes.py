"""Classes by hand, display rules, and where a child sits."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from django.db import transaction

from lingqu.foundation.registry import testing
from lingqu.foundation.registry.loading import Batch, apply_batch, recount
from lingqu.foundation.registry.models import (
    ClassGroup,
    ClassMembership,
    Duty,
    Enrolment,
    Organisation,
    OrganisationCount,
    SchoolYear,
)
from lingqu.foundation.registry.selectors.classes import get_class_page, list_classes, list_roster
from lingqu.foundation.registry.selectors.places import current_school_year
from lingqu.foundation.registry.services import classes, seats
from lingqu.foundation.registry.services.naming import preview_display, set_display_rule
from lingqu.foundation.registry.services.teaching import assign_head
from lingqu.foundation.registry.types import rights
from lingqu.foundation.registry.types.class_names import read_class_name
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db


def keeper(path: object) -> Actor:
    return actor_with(*rights.ALL, path=str(path), role="school_admin")


def test_a_class_is_opened_named_by_the_rule_and_stands_alone() -> None:
    school = testing.make_school(class_display="stage_serial")
    actor = keeper(school.path)
    made = classes.create_class(actor=actor, school_id=school.id, grades=["G08"], serial=3, room="201")
    assert (made.name, made.entry_year, made.room) == ("初二（3）班", int(current_school_year()[:4]) - 1, "201")
    assert OrganisationCount.objects.get(organisation=school).classes == 1
    with pytest.raises(Conflict) as refusal:
        classes.create_class(actor=actor, school_id=school.id, grades=["G08"], serial=3)
    assert refusal.value.code == "class_exists"
    point = classes.create_class(actor=actor, school_id=school.id, grades=["G02", "G01"], kind="multigrade")
    assert (point.grades, point.name) == (["G01", "G02"], "1+2复式")
    own = classes.create_class(actor=actor, school_id=school.id, grades=["G07"], local_name="启航班")
    assert own.name == "启航班"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"grades": []}, "bad_grades"), ({"grades": ["G13"]}, "bad_grades"), ({"grades": ["G01", "G02"]}, "bad_grades"),
        ({"grades": ["G01"], "kind": "multigrade"}, "bad_grades"), ({"grades": ["G01"]}, "name_missing"),
        ({"grades": ["G01"], "serial": 100}, "bad_serial"), ({"grades": ["G01"], "local_name": "长" * 41}, "too_long"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(given: dict[str, object], code: str) -> None:
    school = testing.make_school()
    with pytest.raises(Invalid) as refusal:
        classes.create_class(actor=keeper(school.path), school_id=school.id, **given)  # type: ignore[arg-type]
    assert refusal.value.code == code
    assert not ClassGroup.objects.exists()


def test_a_class_teacher_edits_room_and_name_but_not_grades() -> None:
    group = testing.make_class()
    actor = Actor(kind="account", name="吴静", rights=(Right(rights.CLASS_EDIT, f"class:{group.id}"),))
    assert classes.edit_class(actor=actor, class_id=group.id, values={"room": "302", "local_name": "启航班"})
    group.refresh_from_db()
    assert (group.room, group.name) == ("302", "启航班")
    for values in ({"grades": ["G09"]}, {"serial": 9}):
        with pytest.raises(Forbidden):
            classes.edit_class(actor=actor, class_id=group.id, values=values)


def test_grades_stay_while_pupils_are_in_them() -> None:
    group = testing.make_class()
    testing.make_pupil(group)
    with pytest.raises(Conflict) as refusal:
        classes.edit_class(actor=keeper(group.school.path), class_id=group.id, values={"grades": ["G09"]})
    assert refusal.value.code == "pupils_outside"


def test_a_class_closes_when_it_is_empty() -> None:
    group = testing.make_class()
    pupil, head = testing.make_pupil(group), testing.make_head(group)
    other = testing.make_class(group.school, serial=2)
    actor = keeper(group.school.path)
    with pytest.raises(Conflict) as refusal:
        classes.close_class(actor=actor, class_id=group.id, on=today(), reason="并班")
    assert refusal.value.details == {"pupils": 1}
    seats.move_to_class(actor=actor, person_id=pupil.id, class_id=other.id, on=today(), reason="并班")
    classes.close_class(actor=actor, class_id=group.id, on=today(), reason="并班")
    assert Duty.objects.get(person=head).valid_to == today()
    assert [card.id for card in list_classes(group.school)] == [other.id]
    with pytest.raises(Invalid):
        seats.move_to_class(actor=actor, person_id=pupil.id, class_id=group.id, on=today(), reason="回来")
    classes.reopen_class(actor=actor, class_id=group.id, reason="误操作")
    assert ClassGroup.objects.get(id=group.id).closed_on is None


def test_a_head_teacher_begins_on_a_day() -> None:
    group = testing.make_class()
    former, successor = testing.make_head(group), testing.make_teacher(group.school, "许安")
    actor, day = keeper(group.school.path), today() - timedelta(days=3)
    with pytest.raises(Invalid):
        assign_head(actor=actor, class_id=group.id, person_id=successor.id, on=today() + timedelta(days=1))
    assign_head(actor=actor, class_id=group.id, person_id=successor.id, on=day)
    assert Duty.objects.get(person=former).valid_to == day
    assert Duty.objects.get(person=successor).valid_from == day


def test_a_display_rule_is_previewed_and_rewrites_names_once() -> None:
    """完全中学: G07 and G10 of one entry year are two names, each read back by the school's own 学制."""
    school = testing.make_school(school_type="341")
    year = int(current_school_year()[:4])
    junior = testing.make_class(school, "G07", 1, name="七（1）班", entry_year=year)
    senior = testing.make_class(school, "G10", 1, name="高一（1）班", entry_year=year)
    own = testing.make_class(school, "G07", 9, name="七年级启航班", local_name="启航", entry_year=year)
    actor = keeper(school.path)
    shown = {one.class_id: one.after for one in preview_display(actor=actor, school_id=school.id, rule="cohort_serial")}
    assert shown == {junior.id: f"初{year}级1班", senior.id: f"高{year}级1班", own.id: "七年级启航班"}
    assert ClassGroup.objects.get(id=junior.id).name == "七（1）班"  # only looked at
    assert set_display_rule(actor=actor, school_id=school.id, rule="cohort_serial") == 2
    assert set_display_rule(actor=actor, school_id=school.id, rule="cohort_serial") == 0
    assert Organisation.objects.get(id=school.id).class_display == "cohort_serial"
    for group in (junior, senior):
        group.refresh_from_db()
        read = read_class_name(
            group.name, schooling="six_three", school_year=current_school_year(), stages=("junior", "senior")
        )
        assert (list(read.grades), read.serial) == (group.grades, group.serial)
    set_display_rule(actor=actor, school_id=school.id, rule="grade_serial")
    assert {group.name for group in ClassGroup.objects.filter(school=school)} == {
        "七（1）班",
        "高一（1）班",
        "七年级启航班",
    }


def test_one_stage_needs_no_stage_in_its_names() -> None:
    school = testing.make_school()
    group = testing.make_class(school, "G07", 1, entry_year=2026)
    set_display_rule(actor=keeper(school.path), school_id=school.id, rule="cohort_serial")
    group.refresh_from_db()
    assert group.name == "2026级1班"


def test_a_child_changes_class_with_dates() -> None:
    group = testing.make_class()
    other, higher = testing.make_class(group.school, serial=2), testing.make_class(group.school, "G09", 1)
    pupil = testing.make_pupil(group)
    actor, day = keeper(group.school.path), testing.START + timedelta(days=10)
    seats.move_to_class(actor=actor, person_id=pupil.id, class_id=other.id, on=day, reason="家长申请", number=7)
    rows = ClassMembership.objects.filter(person=pupil).order_by("valid_from")
    assert [(row.class_group_id, row.valid_from, row.valid_to) for row in rows] == [
        (group.id, testing.START, day), (other.id, day, None),
    ]  # fmt: skip
    assert ([row.person.id for row in list_roster(group)], list_roster(other)[0].place) == ([], 7)
    assert [ClassGroup.objects.get(id=one.id).size for one in (group, other)] == [0, 1]
    with pytest.raises(Invalid) as refusal:
        seats.move_to_class(actor=actor, person_id=pupil.id, class_id=higher.id, on=today(), reason="跳级")
    assert refusal.value.code == "other_grade"
    with pytest.raises(Invalid) as early:
        seats.move_to_class(actor=actor, person_id=pupil.id, class_id=group.id, on=testing.START, reason="回来")
    assert early.value.code == "too_early"


def test_a_child_leaves_for_a_while_and_comes_back() -> None:
    group = testing.make_class()
    pupil, school, actor = testing.make_pupil(group), group.school, keeper(group.school.path)
    gone, back = testing.START + timedelta(days=20), testing.START + timedelta(days=40)
    with pytest.raises(Invalid) as refusal:
        seats.leave_school(
            actor=actor, person_id=pupil.id, school_id=school.id, on=gone, kind="suspended", reason="因病休学"
        )
    assert refusal.value.code == "expected_missing"
    seats.leave_school(
        actor=actor, person_id=pupil.id, school_id=school.id, on=gone, kind="suspended", reason="因病休学",
        expected_on=gone + timedelta(days=365),
    )  # fmt: skip
    now = Enrolment.objects.get(person=pupil, valid_to=None)
    assert (now.attendance, now.reason, now.expected_on) == ("absent", "因病休学", gone + timedelta(days=365))
    assert list_roster(group) == ()
    with pytest.raises(Conflict):
        seats.leave_school(
            actor=actor, person_id=pupil.id, school_id=school.id, on=today(), kind="suspended", reason="再次",
            expected_on=today() + timedelta(days=9),
        )  # fmt: skip
    seats.return_to_school(actor=actor, person_id=pupil.id, class_id=group.id, on=back)
    spans = (
        Enrolment.objects.filter(person=pupil)
        .order_by("valid_from")
        .values_list("attendance", "valid_from", "valid_to")
    )
    assert list(spans) == [
        ("registered", testing.START, gone), ("absent", gone, back), ("registered", back, None),
    ]  # fmt: skip
    assert [row.person.id for row in list_roster(group)] == [pupil.id]


def test_a_child_that_left_has_no_school_and_may_return() -> None:
    group = testing.make_class()
    pupil, school, actor = testing.make_pupil(group), group.school, keeper(group.school.path)
    seats.leave_school(
        actor=actor, person_id=pupil.id, school_id=school.id, on=today(), kind="left", reason="随迁回原籍"
    )
    assert not Enrolment.objects.filter(person=pupil, valid_to=None).exists()
    assert OrganisationCount.objects.get(organisation=school).students == 0
    seats.return_to_school(actor=actor, person_id=pupil.id, class_id=group.id, on=today())
    with pytest.raises(Conflict):
        seats.return_to_school(actor=actor, person_id=pupil.id, class_id=group.id, on=today())


def deliver(school: Organisation, *rows: dict[str, str], source: str = "school-roster") -> None:
    frame = pl.DataFrame(
        [
            {"file": "班级.csv", "sheet": "", "row_number": at, "school_ref": str(school.code), **row}
            for at, row in enumerate(rows, 2)
        ],
        infer_schema_length=None,
    )
    batch = Batch(
        kind="classes",
        source=source,
        scope=str(testing.make_root().path),
        rows=frame,
        as_of=today(),
        number="IM-1",
    )
    with transaction.atomic():
        apply_batch(actor=Actor.system("test"), batch=batch)


def test_a_file_finds_the_class_that_was_opened_by_hand() -> None:
    school = testing.make_school(class_display="dotted")
    made = classes.create_class(actor=keeper(school.path), school_id=school.id, grades=["G08"], serial=3)
    deliver(school, {"key": "x", "written_name": "八(3)班", "grades": "G08", "serial": "3"})
    assert [(group.id, group.name) for group in ClassGroup.objects.filter(school=school)] == [(made.id, "8.3")]


def test_another_source_finds_the_class_by_grade_and_serial_and_leaves_its_spelling() -> None:
    school = testing.make_school()
    first = {"key": "x", "written_name": "一年一班", "grades": "G01", "serial": "1", "local_name": "", "room": ""}
    deliver(school, first)
    deliver(school, {**first, "written_name": "一年级1班", "room": "201"}, source="national_pupil")
    deliver(school, {**first, "key": "y", "written_name": "启航班", "local_name": "启航班"}, source="national_pupil")
    assert set(ClassGroup.objects.filter(school=school).values_list("written_name", "room", "source")) == {
        ("一年一班", "201", "school-roster"),
        ("启航班", "", "national_pupil"),
    }


def test_an_import_names_the_classes_of_two_stages_apart() -> None:
    year = current_school_year()[:4]
    school = testing.make_school(school_type="341", class_display="cohort_serial")
    deliver(
        school,
        {"key": "x", "written_name": "七(1)班", "grades": "G07", "serial": "1", "entry_year": year},
        {"key": "y", "written_name": "高一(1)班", "grades": "G10", "serial": "1", "entry_year": year},
    )
    assert {group.name for group in ClassGroup.objects.filter(school=school)} == {f"初{year}级1班", f"高{year}级1班"}


def test_last_years_classes_are_in_use_until_their_school_goes_up() -> None:
    group = testing.make_class()
    empty, pupil = testing.make_class(group.school, serial=2), testing.make_pupil(group)
    recount([group.school.id])
    school, actor = group.school, keeper(group.school.path)
    year = int(current_school_year()[:4]) + 1
    SchoolYear.objects.update(is_current=False)
    SchoolYear.objects.create(
        code=f"{year}-{year + 1}", start_on=date(year, 9, 1), end_on=date(year + 1, 8, 31), is_current=True
    )
    arrived = testing.make_class(school, grade="G07")
    assert {card.id for card in list_classes(school)} == {group.id, arrived.id}
    assert get_class_page(actor, group).is_current
    assert not get_class_page(actor, empty).is_current
    second = testing.make_class(school, serial=3)
    ClassGroup.objects.filter(id=second.id).update(school_year_id=group.school_year_id)
    with pytest.raises(Invalid):
        seats.move_to_class(actor=actor, person_id=pupil.id, class_id=second.id, on=today(), reason="调班")
