"""Chunks of rows into the register: matching, history, episodes, refusals, repeating."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from django.db import connection, transaction

from lingqu.foundation.registry.loading import (
    Batch,
    Outcome,
    apply_batch,
    apply_prepared,
    find_removals,
    known_links,
    prepare_batch,
    recount,
    source_of,
    with_digests,
)
from lingqu.foundation.registry.loading import withdraw_import as withdraw
from lingqu.foundation.registry.models import (
    Appointment,
    ClassGroup,
    ClassMembership,
    Duty,
    Enrolment,
    FieldDefinition,
    Guardianship,
    Organisation,
    OrganisationParent,
    OrganisationRelation,
    Person,
    PersonHistory,
    RegisterEntry,
    TeachingAssignment,
)
from lingqu.foundation.registry.testing import make_root
from lingqu.kernel.actor import Actor
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.models import AuditEntry, Change, OutboxEvent

pytestmark = pytest.mark.django_db
DAY, LATER = date(2026, 9, 1), date(2026, 11, 2)
ID, NUMBER = "110101201301021234", "G110101201301021234"


def load(kind: str, *rows: dict[str, str], source: str = "school-roster", day: date = DAY, **more: Any) -> Outcome:
    placed = [{"file": f"{kind}.csv", "sheet": "", "row_number": at, **row} for at, row in enumerate(rows, 2)]
    scope = more.pop("scope", "") or str(make_root().path)
    frame = pl.DataFrame(placed, infer_schema_length=None)
    batch = Batch(kind=kind, source=source, scope=scope, rows=frame, as_of=day, number="IM-1", **more)
    with transaction.atomic():
        return apply_batch(actor=Actor.system("test"), batch=batch)


def rules(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(f.row, f.rule, f.severity) for f in outcome.findings]


@pytest.fixture
def schools() -> None:
    load(
        "organisations",
        {"key": "b", "code": "B1", "name": "甲县教育局", "kind": "bureau"},
        {"key": "a", "code": "A1", "name": "第一中学", "kind": "school", "parent_ref": "b", "schooling": "six_three"},
        {"key": "c", "code": "C1", "name": "第二中学", "kind": "school", "parent_ref": "b"},
    )
    load(
        "classes",
        {"key": "a1", "school_ref": "A1", "written_name": "七(1)班", "grades": "G07", "serial": "1"},
        {"key": "a2", "school_ref": "A1", "written_name": "七(2)班", "grades": "G07", "serial": "2"},
        {"key": "c1", "school_ref": "C1", "written_name": "启航班", "grades": "G07"},
    )


def pupil(**fields: str) -> dict[str, str]:
    row = {"key": "s1", "name": "单雯", "sex": "2", "birth_date": "2013-01-02", "school_ref": "A1"}
    return {**row, "class_ref": "七(1)班", "grade": "G07", **fields}


def test_tree_is_written_from_the_top_and_moves_with_everything_below(schools: None) -> None:
    load("students", pupil())
    load("organisations", {"key": "n", "code": "N1", "name": "乙县教育局", "kind": "bureau"})
    outcome = load(
        "organisations",
        {"key": "a", "code": "A1", "name": "第一中学", "kind": "school", "parent_ref": "N1", "territory_ref": "B1"},
        day=LATER,
    )
    school, bureau = Organisation.objects.get(code="A1"), Organisation.objects.get(code="N1")
    assert outcome.updated["organisations"] == 1
    assert str(school.path) == f"{bureau.path}.{school.label}"
    assert str(Enrolment.objects.get().path) == str(school.path) == str(Person.objects.get().path)
    assert str(school.territory_path) == str(Organisation.objects.get(code="B1").path)
    episodes = (
        OrganisationParent.objects.filter(organisation=school).order_by("id").values_list("valid_from", "valid_to")
    )
    assert list(episodes) == [(DAY, LATER), (LATER, None)]
    assert OrganisationRelation.objects.get().kind == "territory"
    assert OutboxEvent.objects.filter(kind="registry.OrganisationMoved").count() == 1


def test_unknown_parent_and_ring_are_doubts_not_refusals() -> None:
    outcome = load(
        "organisations",
        {"key": "x", "name": "某校", "kind": "school", "parent_ref": "nowhere"},
        {"key": "y", "name": "东校", "kind": "school", "parent_ref": "z"},
        {"key": "z", "name": "西校", "kind": "school", "parent_ref": "y"},
    )
    assert outcome.created["organisations"] == 3
    assert sorted(rule for _row, rule, _severity in rules(outcome)) == ["organisation.ring", "reference.parent"]


def test_a_session_that_used_temporary_tables_before_can_load() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE touched ON COMMIT DROP AS SELECT 1 AS x")
    assert load("organisations", {"key": "x", "name": "某校", "kind": "school"}).created["organisations"] == 1


def test_pupil_gets_person_enrolment_register_and_seat(schools: None) -> None:
    outcome = load("students", pupil(id_number=ID, register_number=NUMBER, phone="13800000000", class_number="7"))
    person = Person.objects.get()
    assert (person.name_key, person.name_initials, len(person.number)) == ("shan wen", "sw", 12)
    assert unseal_fields(person.sealed) == {"id_number": ID, "phone": "13800000000"}
    assert unseal_fields(RegisterEntry.objects.get().sealed) == {"register_number": NUMBER}
    assert Enrolment.objects.values_list("grade", "attendance", "valid_from", "valid_to").get() == (
        "G07", "registered", DAY, None,
    )  # fmt: skip
    assert ClassMembership.objects.values_list("class_group__written_name", "number").get() == ("七(1)班", 7)
    assert outcome.as_counts()["created"] == {"people": 1, "enrolments": 1, "memberships": 1}
    changes = Change.objects.filter(entity_id=str(person.id)).values_list("entity", "operation")
    assert list(changes) == [("registry.person", "c")]
    assert AuditEntry.objects.filter(action="registry.roster.applied", data__kind="students").count() == 1


def test_second_delivery_of_the_same_rows_changes_nothing(schools: None) -> None:
    rows = [pupil(id_number=ID), pupil(key="s2", name="李四", class_ref="a2")]
    load("students", *rows)
    counts = (Change.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count())
    outcome = load("students", *rows, day=LATER)
    assert not outcome.has_changes
    assert outcome.unchanged == {"people": 2, "enrolments": 2}
    assert (Change.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count()) == counts


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"register_number": NUMBER}, {"register_number": NUMBER, "name": "单文"}),
        ({"id_number": ID}, {"id_number": ID, "birth_date": ""}),
        ({"school_number": "0007"}, {"school_number": "0007", "birth_date": ""}),
        ({}, {}),
    ],
    ids=["register number", "id number", "school and number", "class, name, sex and birth"],
)
def test_person_is_found_again_from_another_source(
    schools: None, first: dict[str, str], second: dict[str, str]
) -> None:
    load("students", pupil(**first))
    outcome = load("students", pupil(key="other", **second), source="county")
    assert Person.objects.count() == 1
    assert outcome.created["people"] == 0
    assert Enrolment.objects.count() == 1


def test_numbers_that_name_two_people_are_for_a_human(schools: None) -> None:
    load("students", pupil(id_number=ID), pupil(key="s2", name="李四", register_number=NUMBER))
    outcome = load("students", pupil(key="x", id_number=ID, register_number=NUMBER), source="county")
    assert (rules(outcome), outcome.suspects) == ([(2, "person.contradiction", "review")], 1)
    assert Person.objects.count() == 2


def test_namesake_without_birth_date_is_imported_with_a_doubt(schools: None) -> None:
    load("students", pupil())
    outcome = load("students", pupil(key="x", birth_date=""), source="county")
    assert outcome.created["people"] == 1
    assert rules(outcome) == [(2, "person.possible_duplicate", "review")]


def test_child_named_twice_is_one_person_with_two_registers(schools: None) -> None:
    again = pupil(key="s2", id_number=ID, register_number="G220101201301021234", school_ref="C1", class_ref="c1")
    outcome = load("students", pupil(id_number=ID, register_number=NUMBER), again)
    assert Person.objects.count() == 1
    assert RegisterEntry.objects.filter(valid_to=None).count() == 2
    assert Enrolment.objects.filter(valid_to=None).count() == 2
    assert rules(outcome) == [(3, "enrolment.several", "review"), (3, "register.several", "review")]


def test_pupil_who_moves_leaves_school_and_class(schools: None) -> None:
    load("students", pupil(id_number=ID))
    outcome = load("students", pupil(id_number=ID, school_ref="C1", class_ref="c1"), day=LATER)
    spans = Enrolment.objects.order_by("id").values_list("school__code", "valid_from", "valid_to")
    assert list(spans) == [("A1", DAY, LATER), ("C1", LATER, None)]
    seats = ClassMembership.objects.order_by("id").values_list("class_group__school__code", "valid_to")
    assert list(seats) == [("A1", LATER), ("C1", None)]
    assert outcome.created["enrolments"] == 1
    assert outcome.touched == set(Organisation.objects.filter(code__in=["A1", "C1"]).values_list("id", flat=True))


def test_state_begins_a_new_episode_and_details_are_corrected_in_place(schools: None) -> None:
    load("students", pupil(school_number="1"))
    load("students", pupil(school_number="2"), day=LATER)
    assert Enrolment.objects.values_list("school_number").get() == ("2",)
    assert PersonHistory.objects.get().before["enrolment"]["school_number"] == "1"
    load("students", pupil(school_number="2", attendance="absent"), day=LATER)
    spans = Enrolment.objects.order_by("id").values_list("attendance", "valid_from", "valid_to")
    assert list(spans) == [("registered", DAY, LATER), ("absent", LATER, None)]


def test_attributes_change_with_history_and_empty_values_never_erase(schools: None) -> None:
    load("students", pupil(id_number=ID, phone="13800000000", email="a@example.org"))
    outcome = load("students", pupil(name="单文", phone="13900000000", sex="0"))
    person, before = Person.objects.get(), PersonHistory.objects.get()
    assert (person.name, person.sex, person.email) == ("单文", "2", "a@example.org")
    assert unseal_fields(person.sealed) == {"id_number": ID, "phone": "13900000000"}
    assert before.before == {"name": "单雯", "sealed": ["phone"]}
    assert unseal_fields(before.sealed_before) == {"id_number": ID, "phone": "13800000000"}
    assert outcome.updated["people"] == 1


def test_fields_of_a_national_system_change_only_by_it(schools: None) -> None:
    FieldDefinition.objects.update_or_create(
        entity="person", field="name", defaults={"label": "姓名", "owner": "national_pupil"}
    )
    source_of("national", kind="national_pupil")
    load("students", pupil(id_number=ID), source="national")
    outcome = load("students", pupil(id_number=ID, name="单文", email="b@example.org"))
    assert Person.objects.values_list("name", "email").get() == ("单雯", "b@example.org")
    assert rules(outcome) == [(2, "person.national", "review")]
    load("students", pupil(id_number=ID, name="单文"), source="national")
    assert Person.objects.get().name == "单文"


def test_row_without_its_school_is_refused_and_without_its_class_imported(schools: None) -> None:
    outcome = load("students", pupil(school_ref="none"), pupil(key="s2", class_ref="十班"))
    assert rules(outcome) == [(2, "reference.school", "block"), (3, "reference.class", "review")]
    assert (outcome.rejected, Person.objects.count(), ClassMembership.objects.count()) == (1, 1, 0)
    assert load("students", pupil(key="s2", class_ref="十班")).findings[0].rule == "reference.class"


def test_rows_outside_the_importers_place_are_refused(schools: None) -> None:
    scope = str(Organisation.objects.get(code="C1").path)
    outcome = load("students", pupil(), scope=scope)
    assert rules(outcome) == [(2, "scope.outside", "block")]
    assert not Person.objects.exists()


def test_class_keeps_its_id_when_details_change(schools: None) -> None:
    held = ClassGroup.objects.get(written_name="七(1)班")
    assert held.name == "七（1）班"
    load(
        "classes",
        {"key": "a1", "school_ref": "A1", "written_name": "七(1)班", "grades": "G07", "serial": "1", "room": "302"},
    )
    again = ClassGroup.objects.get(id=held.id)
    assert (again.room, ClassGroup.objects.count()) == ("302", 3)


def test_staff_with_two_places_duties_and_head_class(schools: None) -> None:
    row = {"name": "王老师", "sex": "1", "id_number": "110101198001021234", "staff_number": "T1"}
    load(
        "staff",
        {"key": "p1", "school_ref": "A1", "employer_ref": "C1", "duties": "principal", "head_class_ref": "a1", **row},
        {"key": "p2", "school_ref": "C1", "employment_kind": "itinerant", **row},
    )
    assert Person.objects.count() == 1
    held = Appointment.objects.order_by("id").values_list("relation", "organisation__code")
    assert list(held) == [("works_at", "A1"), ("employs", "C1"), ("works_at", "C1")]
    assert set(Duty.objects.values_list("kind", "class_group__written_name")) == {
        ("principal", None), ("head_teacher", "七(1)班"),
    }  # fmt: skip


def test_staff_member_who_changes_school_leaves_the_former(schools: None) -> None:
    row = {"key": "p1", "name": "王老师", "sex": "1", "staff_number": "T1"}
    load("staff", {**row, "school_ref": "A1"})
    load("staff", {**row, "school_ref": "C1"}, day=LATER)
    held = Appointment.objects.order_by("id").values_list("organisation__code", "valid_to")
    assert list(held) == [("A1", LATER), ("C1", None)]


def open_places() -> list[str]:
    return sorted(Appointment.objects.filter(valid_to=None).values_list("organisation__code", flat=True))


def test_one_key_in_several_rows_is_one_person_at_several_places(schools: None) -> None:
    row = {"key": "p1", "name": "王老师", "sex": "1"}
    here, there = {**row, "school_ref": "A1", "duties": "principal"}, {**row, "school_ref": "C1"}
    load("staff", here, there)
    person = Person.objects.get()
    assert person.organisation.code == "A1", "the first row is where somebody belongs"
    assert open_places() == ["A1", "C1"]
    assert not load("staff", there, here, day=LATER).has_changes
    load("staff", here, {**row, "school_ref": "B1"}, day=LATER)
    assert open_places() == ["A1", "B1"]
    load("staff", here, day=LATER)
    assert (open_places(), Person.objects.count()) == (["A1"], 1)


def test_rows_of_one_key_in_two_chunks_keep_both_places(schools: None) -> None:
    row = {"key": "p1", "name": "王老师", "sex": "1"}
    both = [{**row, "school_ref": code, "row_number": 2, "file": "staff.csv", "sheet": ""} for code in ("A1", "C1")]
    keys = with_digests("staff", pl.DataFrame(both))["key_hash"]
    load("staff", both[0], keys=keys)
    load("staff", both[1], keys=keys, position=1)
    assert (open_places(), Person.objects.count()) == (["A1", "C1"], 1)


def test_a_key_goes_on_in_the_next_chunk_of_a_delivery_that_was_looked_up_before(schools: None) -> None:
    rows = [
        {"key": key, "name": name, "sex": "1", "school_ref": school, "file": "", "sheet": "", "row_number": 2}
        for key, name, school in (("p1", "王老师", "A1"), ("p2", "李老师", "A1"), ("p1", "王老师", "C1"))
    ]
    frame, source = with_digests("staff", pl.DataFrame(rows)), source_of("school-roster")
    known = known_links(source.pk, "staff", frame["key_hash"])
    for position, part in enumerate((frame[:2], frame[2:])):
        batch = Batch(
            kind="staff", source="school-roster", scope=str(make_root().path), rows=part, as_of=DAY,
            keys=frame["key_hash"], position=position,
        )  # fmt: skip
        with transaction.atomic():
            apply_prepared(actor=Actor.system("test"), prepared=prepare_batch(batch, known))
    assert (open_places(), Person.objects.count()) == (["A1", "A1", "C1"], 2)


def test_guardians_within_a_family_and_across(schools: None) -> None:
    load("students", pupil(id_number=ID), pupil(key="s2", name="李四"))
    row = {"name": "单妈", "phone": "13900000000", "relation": "52"}
    outcome = load(
        "guardians",
        {"key": "g1", "child_ref": "s1", **row},
        {"key": "g2", "child_ref": ID, **row},
        {"key": "g3", "child_ref": "s2", **row},
        {"key": "g4", "child_ref": "s9", **row},
    )
    assert rules(outcome) == [(5, "reference.child", "block"), (4, "person.suspect", "review")]
    assert (Guardianship.objects.count(), Person.objects.count()) == (1, 3)
    assert "s9" not in outcome.findings[0].value


def test_guardian_of_two_children_is_one_person_by_key_or_id(schools: None) -> None:
    load("students", pupil(), pupil(key="s2", name="李四"))
    rows = [
        {"key": "g1", "child_ref": "s1", "name": "单妈"},
        {"key": "g1", "child_ref": "s2", "name": "单妈"},
        {"key": "g2", "child_ref": "s1", "name": "单爸", "id_number": ID},
        {"key": "g3", "child_ref": "s2", "name": "单爸", "id_number": ID},
    ]
    load("guardians", *rows)
    assert (Person.objects.count(), Guardianship.objects.count()) == (4, 4)
    assert not load("guardians", *rows).has_changes


def test_teaching_follows_the_row_to_another_teacher(schools: None) -> None:
    load("staff", {"key": "p1", "name": "王", "school_ref": "A1", "staff_number": "T1"},
         {"key": "p2", "name": "孙", "school_ref": "A1", "staff_number": "T2"})  # fmt: skip
    row = {"key": "t", "school_ref": "A1", "class_ref": "a1", "subject": "math", "weekly_periods": "5"}
    load("teaching", {**row, "teacher_ref": "T1"})
    load("teaching", {**row, "teacher_ref": "孙"}, day=LATER)
    held = TeachingAssignment.objects.order_by("id").values_list("person__name", "valid_to", "weekly_periods")
    assert list(held) == [("王", LATER, 5), ("孙", None, 5)]
    assert rules(load("teaching", {**row, "key": "u", "teacher_ref": "T9"})) == [(2, "reference.person", "block")]


def test_memberships_seat_pupils_and_assign_teachers(schools: None) -> None:
    load("students", pupil(class_ref=""))
    load("staff", {"key": "p1", "name": "王", "school_ref": "A1"})
    rows = [
        {"key": "m1", "class_ref": "a1", "person_ref": "s1", "role": "student"},
        {"key": "m2", "class_ref": "a1", "person_ref": "p1", "role": "teacher"},
        {"key": "m3", "class_ref": "zz", "person_ref": "p1", "role": "teacher"},
    ]
    outcome = load("memberships", *rows)
    assert outcome.created["memberships"] == 2
    assert rules(outcome) == [(4, "reference.class", "block")]
    assert not load("memberships", *rows).has_changes


def test_values_of_the_wrong_type_are_left_out_and_told(schools: None) -> None:
    outcome = load("students", pupil(birth_date="32.13.2013", ethnicity="汉族人"))
    assert sorted((f.field, f.rule) for f in outcome.findings) == [
        ("birth_date", "value.type"),
        ("ethnicity", "value.type"),
    ]
    assert Person.objects.get().birth_date is None


def test_counts_are_kept(schools: None) -> None:
    load("students", pupil(), pupil(key="s2", name="李四"))
    load("staff", {"key": "p1", "name": "王", "school_ref": "A1"})
    load("guardians", {"key": "g1", "child_ref": "s1", "name": "单妈"})
    recount()
    held = Organisation.objects.get(code="A1").counts
    assert (held.students, held.staff, held.guardians, held.classes, held.people) == (2, 1, 1, 2, 4)
    assert ClassGroup.objects.get(written_name="七(1)班").size == 2


def test_missing_rows_of_the_same_school_are_proposed_only(schools: None) -> None:
    load(
        "students", pupil(), pupil(key="s2", name="李四"), pupil(key="s3", name="王五", school_ref="C1", class_ref="c1")
    )
    frame = pl.DataFrame([{**pupil(), "file": "", "sheet": "", "row_number": 2}])
    keys = with_digests("students", frame)["key_hash"]
    total, listed = find_removals(source_id=source_of("school-roster").pk, kind="students", keys=keys)
    assert (total, [item.label.split()[-1] for item in listed]) == (1, ["李四"])
    assert Enrolment.objects.filter(valid_to=None).count() == 3


@pytest.mark.django_db(transaction=True)
def test_withdrawing_restores_values_and_episodes() -> None:
    load("organisations", {"key": "a", "code": "A1", "name": "第一中学", "kind": "school"},
         {"key": "c", "code": "C1", "name": "第二中学", "kind": "school"})  # fmt: skip
    load("students", pupil(class_ref="", phone="1"))
    import_id = uuid4()
    rows = (pupil(class_ref="", name="单文", school_ref="C1", phone="2"), pupil(key="s2", name="李四", class_ref=""))
    load("students", *rows, day=LATER, import_id=import_id)
    root = str(make_root().path)
    undone = withdraw(actor=Actor.system("test"), import_id=import_id, number="IM-1", scope=root)
    person = Person.objects.get(name="单雯")
    assert unseal_fields(person.sealed) == {"phone": "1"}
    assert Enrolment.objects.filter(valid_to=None).values_list("school__code", "person__name").get() == ("A1", "单雯")
    assert (undone.people_restored, undone.people_kept) == (1, 1)
    assert load("students", *rows, day=LATER).has_changes
