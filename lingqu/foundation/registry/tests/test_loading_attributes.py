"""Pupil attributes and degrees of staff through the loader: who is meant, what is sealed, what ends, what a repeat does."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from lingqu.foundation.registry.loading import withdraw_import as withdraw
from lingqu.foundation.registry.models import Appointment, Enrolment, Person, PupilAttribute
from lingqu.foundation.registry.services import expiring
from lingqu.foundation.registry.testing import make_root
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.models import Change

from .test_loading import DAY, ID, LATER, NUMBER, load, pupil, rules, schools  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("schools")]


def held() -> list[tuple[str, str, date, date | None]]:
    """(kind, value, from, to) of every episode, sealed values opened."""
    return [
        (row.kind, unseal_fields(row.sealed).get("value", "") if row.is_sensitive else row.value, row.valid_from, row.valid_to)
        for row in PupilAttribute.objects.order_by("id")
    ]  # fmt: skip


def trait(**fields: str) -> dict[str, str]:
    return {"key": "t1", "student_ref": "s1", **fields}


def test_attributes_are_written_once_sealed_and_a_repeat_changes_nothing() -> None:
    load("students", pupil())
    first = load("attributes", trait(migrant="other_province", aid="minimum", school_bus="0", begin_on="2026-09-01"))
    assert first.created["attributes"] == 2
    assert held() == [("aid", "minimum", DAY, None), ("migrant", "other_province", DAY, None)]
    sensitive = PupilAttribute.objects.get(kind="aid")
    assert (sensitive.is_sensitive, sensitive.value, sensitive.note) == (True, "", "")
    assert sensitive.source == "IM-1"
    changes = Change.objects.count()
    again = load("attributes", trait(migrant="other_province", aid="minimum", school_bus="0", begin_on="2026-09-01"))
    assert not again.has_changes
    assert Change.objects.count() == changes
    other_key = load("attributes", {**trait(migrant="other_province", aid="1"), "key": "t9"})
    assert not other_key.has_changes, "another file that says the same, or only yes, changes nothing"


def test_another_value_ends_the_episode_and_no_ends_it_for_good() -> None:
    load("students", pupil())
    load("attributes", trait(left_behind="single"))
    load("attributes", trait(left_behind="both", begin_on="2026-10-10"), day=LATER)
    assert held() == [
        ("left_behind", "single", DAY, date(2026, 10, 10)), ("left_behind", "both", date(2026, 10, 10), None),
    ]  # fmt: skip
    outcome = load("attributes", trait(left_behind="0"), day=date(2026, 11, 20))
    assert outcome.updated["attributes"] == 1
    assert held()[-1][-1] == date(2026, 11, 20)
    load("attributes", {"key": "t2", "student_ref": "s1", "name": "单雯"}, day=LATER)
    assert len(held()) == 2


def test_a_pupil_is_found_by_every_number_and_by_name_in_the_class() -> None:
    load("students", pupil(id_number=ID, register_number=NUMBER))
    number = Person.objects.get().number
    ways: list[dict[str, str]] = [
        {"person_number": number}, {"id_number": ID}, {"register_number": NUMBER}, {"school_ref": "A1"},
        {"school_ref": "A1", "class_ref": "七(1)班"},
    ]  # fmt: skip
    for at, way in enumerate(ways):
        outcome = load("attributes", {"key": f"w{at}", "name": "单雯", "ethnic_class": "10"[at % 2], **way})
        assert not outcome.findings, way
        assert outcome.created["attributes"] + outcome.updated["attributes"] == 1, way


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"id_number": "110101201301029999"}, "reference.child"),
        ({"id_number": ID, "name": "另一人"}, "attribute.other_name"),
        ({"name": "没有此人", "school_ref": "A1"}, "reference.child"),
        ({"id_number": ID, "class_ref": "七(2)班", "school_ref": "A1", "person_number": "00100000000X"}, ""),
    ],
)
def test_who_is_not_found_or_called_otherwise_is_said(fields: dict[str, str], rule: str) -> None:
    load("students", pupil(id_number=ID))
    outcome = load("attributes", {"key": "t", "aid": "minimum", **fields})
    assert [found[1] for found in rules(outcome)] == ([rule] if rule else [])
    assert PupilAttribute.objects.exists() is not bool(rule)


def test_pupils_of_another_place_staff_and_the_deceased_are_out_of_reach() -> None:
    load("students", pupil(id_number=ID))
    outcome = load("attributes", trait(aid="minimum"), scope=_path("C1"))
    assert rules(outcome) == [(2, "scope.outside", "block")]
    load("staff", {"key": "T", "name": "王老师", "sex": "1", "school_ref": "A1", "staff_number": "T1"})
    teacher = Person.objects.get(name="王老师")
    outcome = load("attributes", {"key": "x", "person_number": teacher.number, "name": "王老师", "aid": "minimum"})
    assert rules(outcome) == [(2, "attribute.no_pupil", "block")]
    Person.objects.filter(name="单雯").update(deceased_on=DAY)
    assert rules(load("attributes", trait(aid="minimum"))) == [(2, "reference.child", "block")]
    assert not PupilAttribute.objects.exists()


def _path(code: str) -> str:
    from lingqu.foundation.registry.models import Organisation

    return str(Organisation.objects.get(code=code).path)


def test_periods_that_are_over_are_kept_as_history_and_agreed_ends_come_by_night() -> None:
    load("students", pupil(id_number=ID))
    row = {"id_number": ID, "name": "单雯"}
    load(
        "attributes", {"key": "a", **row, "aid": "minimum", "begin_on": "2024-09-01", "end_on": "2025-07-10"}, day=LATER
    )
    assert held() == [("aid", "minimum", date(2024, 9, 1), date(2025, 7, 10))]
    load("attributes", {"key": "b", **row, "aid": "other", "begin_on": "2026-09-01", "end_on": "2026-11-20"}, day=LATER)
    assert PupilAttribute.objects.get(valid_to=None).until == date(2026, 11, 20)
    again = load(
        "attributes", {"key": "c", **row, "aid": "minimum", "begin_on": "2024-09-01", "end_on": "2025-07-10"}, day=LATER
    )
    assert (again.created["attributes"], len(held())) == (0, 2)
    PupilAttribute.objects.filter(valid_to=None).update(until=today())
    assert (expiring.end_expired(), expiring.end_expired()) == (1, 0)
    assert not PupilAttribute.objects.filter(valid_to=None).exists()


@pytest.mark.django_db(transaction=True)
def test_boarding_and_teaching_at_home_are_written_into_the_enrolment_and_go_back() -> None:
    load("students", pupil(id_number=ID))
    import_id = uuid4()
    outcome = load(
        "attributes", {"key": "b", "id_number": ID, "name": "单雯", "boarding": "1", "home_taught": "1", "aid": "other"},
        import_id=import_id,
    )  # fmt: skip
    row = Enrolment.objects.get()
    assert (row.boarding, row.attendance, outcome.updated["attributes"]) == (True, "home_taught", 1)
    assert not PupilAttribute.objects.filter(kind__in=["boarding", "home_taught"]).exists()
    withdraw(actor=Actor.system("test"), import_id=import_id, number="IM-1", scope=str(make_root().path))
    row.refresh_from_db()
    assert (row.boarding, row.attendance) == (None, "registered")
    assert not PupilAttribute.objects.filter(valid_to=None).exists()


@pytest.mark.django_db(transaction=True)
def test_degrees_of_staff_are_kept_changed_with_history_and_restored() -> None:
    row = {"key": "T", "name": "王老师", "sex": "1", "school_ref": "A1", "staff_number": "T1", "post": "10"}
    load("staff", {**row, "education_level": "21", "degree": "4", "full_time": "1", "title": "A3"})
    person, post = Person.objects.get(), Appointment.objects.get()
    assert person.attributes == {"education_level": "21", "degree": "4"}
    assert (post.full_time, post.title) == (True, "A3")
    import_id = uuid4()
    outcome = load("staff", {**row, "education_level": "14", "degree": "3", "full_time": "0"}, import_id=import_id)
    assert (outcome.updated["people"], outcome.updated["appointments"]) == (1, 1)
    person.refresh_from_db()
    post.refresh_from_db()
    assert (person.attributes, post.full_time) == ({"education_level": "14", "degree": "3"}, False)
    assert person.history.get().before == {"education_level": "21", "degree": "4"}
    assert not load("staff", {**row, "education_level": "14", "degree": "3", "full_time": "0"}).has_changes
    assert not load("staff", {**row, "email": ""}).has_changes, "what a row does not state stays"
    withdraw(actor=Actor.system("test"), import_id=import_id, number="IM-1", scope=str(make_root().path))
    person.refresh_from_db()
    assert person.attributes == {"education_level": "21", "degree": "4"}


@pytest.mark.django_db(transaction=True)
def test_the_household_of_a_pupil_is_restored_too() -> None:
    load("students", pupil())
    import_id: Any = uuid4()
    load("students", pupil(household_type="2"), import_id=import_id)
    assert Person.objects.get().attributes == {"household_type": "2"}
    withdraw(actor=Actor.system("test"), import_id=import_id, number="IM-1", scope=str(make_root().path))
    assert Person.objects.get().attributes == {}
