"""Every role × every write of the register, at the own school, and with ids of another one: a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from lingqu.foundation.identity.roles import ROLES
from lingqu.foundation.registry import testing
from lingqu.foundation.registry.models import Guardianship, Organisation, OrganisationRelation, Person
from lingqu.foundation.registry.services import (
    classes,
    deaths,
    guardians,
    merging,
    naming,
    organisations,
    people,
    relations,
    seats,
    teaching,
)
from lingqu.foundation.registry.types import rights
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry, Change

pytestmark = pytest.mark.django_db
DAY = testing.START + timedelta(days=30)


class Site:
    """A county with a school: two classes, pupils, a teacher, a guardian."""

    def __init__(self) -> None:
        self.county = testing.make_organisation(kind="region")
        self.school = testing.make_school(self.county)
        self.empty = testing.make_school(self.county)
        self.group, self.second = testing.make_class(self.school), testing.make_class(self.school, serial=2)
        self.pupil, self.double = testing.make_pupil(self.group), testing.make_pupil(self.group)
        self.teacher = testing.make_teacher(self.school)
        self.guardian = testing.make_guardian(self.pupil)
        self.link = Guardianship.objects.get(guardian=self.guardian)
        self.relation = OrganisationRelation.objects.create(
            kind="group", head=self.school, member=self.empty, valid_from=testing.START
        )


def merge(actor: Actor, site: Site) -> None:
    merging.merge_people(actor=actor, kept_id=site.pupil.id, merged_id=site.double.id, reason="同")


ACTIONS: dict[str, Callable[[Actor, Site], Any]] = {
    "organisation.create": lambda a, s: organisations.create_organisation(
        actor=a, parent_id=s.school.id, kind="teaching_point", values={"name": "新点"}),
    "organisation.edit": lambda a, s: organisations.edit_organisation(
        actor=a, organisation_id=s.school.id, values={"phone": "0990"}),
    "organisation.move": lambda a, s: organisations.move_organisation(
        actor=a, organisation_id=s.empty.id, parent_id=s.county.id, on=DAY, reason="改"),
    "organisation.close": lambda a, s: organisations.close_organisation(
        actor=a, organisation_id=s.empty.id, on=today(), reason="撤"),
    "organisation.reopen": lambda a, s: organisations.reopen_organisation(actor=a, organisation_id=s.empty.id, reason="复"),
    "relation.add": lambda a, s: relations.add_relation(
        actor=a, kind="trusteeship", head_id=s.school.id, member_id=s.empty.id, valid_from=DAY),
    "relation.end": lambda a, s: relations.end_relation(actor=a, relation_id=s.relation.id, on=today()),
    "class.create": lambda a, s: classes.create_class(actor=a, school_id=s.school.id, grades=["G07"], serial=8),
    "class.edit": lambda a, s: classes.edit_class(actor=a, class_id=s.group.id, values={"room": "301"}),
    "class.regrade": lambda a, s: classes.edit_class(actor=a, class_id=s.second.id, values={"serial": 5}),
    "class.close": lambda a, s: classes.close_class(actor=a, class_id=s.second.id, on=today(), reason="并"),
    "class.names": lambda a, s: naming.set_display_rule(actor=a, school_id=s.school.id, rule="dotted"),
    "class.head": lambda a, s: teaching.assign_head(actor=a, class_id=s.group.id, person_id=s.teacher.id),
    "teaching.set": lambda a, s: teaching.set_teaching(
        actor=a, class_id=s.group.id, subject="数学", person_id=s.teacher.id),
    "person.edit": lambda a, s: people.edit_person(
        actor=a, person_id=s.pupil.id, changes={"phone": "12000000002"}, reason="换"),
    "person.class": lambda a, s: seats.move_to_class(
        actor=a, person_id=s.pupil.id, class_id=s.second.id, on=DAY, reason="调"),
    "person.leave": lambda a, s: seats.leave_school(
        actor=a, person_id=s.pupil.id, school_id=s.school.id, on=DAY, kind="left", reason="走"),
    "person.return": lambda a, s: seats.return_to_school(
        actor=a, person_id=s.pupil.id, class_id=s.second.id, on=DAY + timedelta(days=1), reason="回"),
    "person.deceased": lambda a, s: deaths.mark_deceased(actor=a, person_id=s.pupil.id, on=DAY, proof="证明"),
    "guardian.add": lambda a, s: guardians.add_guardian(
        actor=a, child_id=s.pupil.id, kind="legal", relation="", proof="", valid_from=DAY, name="李", phone="12000000003"),
    "guardian.end": lambda a, s: guardians.end_guardian(actor=a, guardianship_id=s.link.id, on=DAY, reason="判决"),
    "people.find": lambda a, s: merging.find_suspects(actor=a, path=str(s.school.path)),
    "people.merge": merge,
    "people.unmerge": lambda a, s: merging.unmerge_people(actor=a, merged_id=s.double.id, reason="误"),
    "people.apart": lambda a, s: merging.keep_apart(actor=a, first_id=s.pupil.id, second_id=s.double.id, reason="异"),
}  # fmt: skip
READY: dict[str, Callable[[Site], Any]] = {
    "organisation.reopen": lambda s: Organisation.objects.filter(id=s.empty.id).update(closed_on=today()),
    "person.return": lambda s: ACTIONS["person.leave"](Actor.system("tests"), s),
    "people.unmerge": lambda s: merge(Actor.system("tests"), s),
}
CLASS_TEACHER = {"class.edit", "class.head", "person.edit", "person.deceased", "guardian.add"}
OFFICER = CLASS_TEACHER | {
    "guardian.end",
    "class.create", "class.regrade", "class.close", "class.names", "person.class", "person.leave", "person.return",
    "people.find", "people.merge", "people.unmerge", "people.apart",
}  # fmt: skip
ACADEMIC = {"class.create", "class.edit", "class.regrade", "class.close", "class.names", "class.head", "teaching.set"}
SCHOOL_ADMIN = OFFICER | {"organisation.create", "organisation.edit", "teaching.set"}
ACADEMIC = {
    "class.create", "class.edit", "class.regrade", "class.close", "class.names", "class.head", "teaching.set",
}  # fmt: skip
MAY: dict[str, set[str]] = {
    "county_admin": set(ACTIONS), "register_officer": OFFICER, "school_admin": SCHOOL_ADMIN, "class_teacher": CLASS_TEACHER,
    "academic_director": ACADEMIC,
}  # fmt: skip
"""At the county for the county's administrator, at the school for the others; every role that is not named may nothing."""


def actor_as(role: str, site: Site) -> Actor:
    if role in ("class_teacher", "teacher"):
        place = f"class:{site.group.id}"
    elif role == "guardian":
        place = f"person:{site.pupil.id}"
    else:
        place = str(site.county.path if role == "county_admin" else site.school.path)
    held = tuple(Right(code, place) for code in ROLES[role].rights)
    person = site.pupil.id if role == "student" else site.guardian.id if role == "guardian" else None
    return Actor(kind="account", name=role, role=role, rights=held, person_id=person)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_what_a_role_may_at_home_and_nowhere_else(role: str) -> None:
    """Also: a refusal writes nothing, neither in the record nor in the trail."""
    from django.db import transaction

    own, other = Site(), Site()
    home = actor_as(role, own)
    wrong = []
    for name, action in ACTIONS.items():
        for site in (own, other):
            with transaction.atomic():
                READY.get(name, lambda _site: None)(site)
                entries, changed = AuditEntry.objects.count(), Change.objects.count()
                allowed = site is own and name in MAY.get(role, set())
                try:
                    action(home, site)
                except Forbidden:
                    done = False
                    if (AuditEntry.objects.count(), Change.objects.count()) != (entries, changed):
                        wrong.append((name, "left a trace"))
                except (Conflict, Invalid) as refusal:
                    done = refusal.code in ("already_there",)
                else:
                    done = True
                if done is not allowed:
                    wrong.append((name, "own" if site is own else "other", done))
                transaction.set_rollback(True)
    assert wrong == []


def test_the_table_names_every_right_that_writes() -> None:
    writing = {rights.ORGANISATION_EDIT, rights.CLASS_EDIT, rights.PERSON_EDIT, rights.TEACHING_EDIT}
    for role in ROLES:
        assert bool(MAY.get(role)) is bool(writing & set(ROLES[role].rights)), role


def test_a_pair_across_two_schools_needs_both() -> None:
    own, other = Site(), Site()
    for role in ("register_officer", "school_admin", "county_admin"):
        with pytest.raises(Forbidden):
            merging.merge_people(actor=actor_as(role, own), kept_id=own.pupil.id, merged_id=other.pupil.id, reason="同")
    assert not Person.objects.filter(canonical__isnull=False).exists()
