"""Who may do what with whom: a table of places against actions."""

from __future__ import annotations

import pytest

from lingqu.foundation.registry import policies, testing
from lingqu.foundation.registry.types import rights
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.testing import actor_with

pytestmark = pytest.mark.django_db

ROLES: dict[str, tuple[str, ...]] = {
    "register_officer": (rights.PERSON_VIEW, rights.PERSON_EDIT, rights.PERSON_REVEAL),
    "operator": (rights.PERSON_VIEW,),
    "bureau_leader": (rights.COUNT_VIEW, rights.ORGANISATION_VIEW),
    "system_admin": (),
    "auditor": ("kernel.audit.view",),
}
TABLE = [
    # role, where, (see, edit, reveal, log)
    ("register_officer", "above", (True, True, True, True)),
    ("register_officer", "own", (True, True, True, True)),
    ("register_officer", "other", (False, False, False, False)),
    ("operator", "above", (True, False, False, False)),
    ("operator", "other", (False, False, False, False)),
    ("bureau_leader", "above", (False, False, False, False)),
    ("system_admin", "above", (False, False, False, False)),
    ("auditor", "above", (False, False, False, False)),
]


@pytest.mark.parametrize(("role", "where", "expected"), TABLE)
def test_rights_on_the_tree(role: str, where: str, expected: tuple[bool, ...]) -> None:
    district = testing.make_organisation()
    school = testing.make_school(district)
    pupil = testing.make_pupil(testing.make_class(school))
    paths = {"above": district.path, "own": school.path, "other": testing.make_school().path}
    actor = actor_with(*ROLES[role], path=str(paths[where]), role=role)
    found = policies.standing_on(actor, pupil)
    assert (found.may_see, found.may_edit, found.may_reveal, found.may_see_log) == expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [("pupil", True), ("mother", True), ("proxy", False), ("classmate", False), ("head", True), ("stranger", False)],
)
def test_the_access_log_is_for_person_guardian_and_keeper(who: str, expected: bool) -> None:
    group = testing.make_class()
    pupil = testing.make_pupil(group)
    people = {
        "pupil": pupil, "mother": testing.make_guardian(pupil), "proxy": testing.make_guardian(pupil, "陈姨", "proxy"),
        "classmate": testing.make_pupil(group, "贺宁"), "head": testing.make_head(group), "stranger": testing.make_teacher(),
    }  # fmt: skip
    held = {
        "mother": (Right(rights.PERSON_VIEW, f"person:{pupil.id}"),),
        "proxy": (Right(rights.PERSON_VIEW, f"person:{pupil.id}"),),
        "head": (Right(rights.PERSON_EDIT, f"class:{group.id}"), Right(rights.PERSON_VIEW, f"class:{group.id}")),
    }
    actor = Actor(kind="account", name=who, person_id=people[who].id, rights=held.get(who, ()))
    assert policies.standing_on(actor, pupil).may_see_log is expected


def test_a_class_teacher_reaches_pupils_and_their_parents_only() -> None:
    group = testing.make_class()
    pupil, other = testing.make_pupil(group), testing.make_pupil(testing.make_class(group.school, serial=2))
    mother, stranger = testing.make_guardian(pupil), testing.make_guardian(other)
    actor = Actor(kind="account", name="吴静", rights=(Right(rights.PERSON_VIEW, f"class:{group.id}"),))
    everybody = [person.id for person in (pupil, other, mother, stranger)]
    assert policies.held_among(actor, everybody) == {pupil.id, mother.id}


def test_a_school_that_sits_in_the_district_is_read_but_not_changed() -> None:
    district = testing.make_organisation()
    municipal = testing.make_school(territory_path=district.path)
    pupil = testing.make_pupil(testing.make_class(municipal))
    actor = actor_with(*ROLES["register_officer"], path=str(district.path))
    found = policies.standing_on(actor, pupil)
    assert (found.may_see, found.may_edit) == (True, False)


def test_the_deceased_are_seen_by_their_keepers_only() -> None:
    school = testing.make_school()
    pupil = testing.make_pupil(testing.make_class(school), deceased_on=testing.START)
    reader = actor_with(rights.PERSON_VIEW, path=str(school.path))
    keeper = actor_with(rights.PERSON_VIEW, rights.PERSON_EDIT, path=str(school.path))
    assert policies.standing_on(reader, pupil).may_see is False
    assert policies.standing_on(keeper, pupil).may_see is True


@pytest.mark.parametrize(
    ("entity", "field", "expected"),
    [
        ("student", "name", False), ("student", "id_number", False), ("student", "register_number", False),
        ("student", "phone", True), ("student", "boarding", True), ("staff", "name", False), ("staff", "phone", True),
        ("guardian", "name", True), ("student", "no_such_field", False),
    ],
)  # fmt: skip
def test_what_the_nation_owns_is_not_edited_here(entity: str, field: str, expected: bool) -> None:
    assert policies.may_edit_field(entity, field) is expected
    if not expected:
        with pytest.raises(Forbidden):
            policies.require_local(entity, field)


@pytest.mark.parametrize(
    ("role", "where", "expected"),
    [
        ("register_officer", "above", True), ("register_officer", "own", True), ("register_officer", "other", False),
        ("bureau_leader", "above", False), ("system_admin", "above", False),
    ],
)  # fmt: skip
def test_a_list_of_people_opens_only_where_it_can_hold_somebody(role: str, where: str, expected: bool) -> None:
    district = testing.make_organisation()
    school = testing.make_school(district)
    paths = {"above": district.path, "own": school.path, "other": testing.make_school().path}
    actor = actor_with(*ROLES[role], path=str(paths[where]), role=role)
    assert policies.may_list_people(actor, str(school.path)) is expected
