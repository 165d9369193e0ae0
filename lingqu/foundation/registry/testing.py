"""Factories: each gives a valid thing without arguments; tests name only what matters to them."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from lingqu.kernel.actor import Actor
from lingqu.kernel.crypto import blind, seal_fields

from .models import (
    Appointment,
    ClassGroup,
    ClassMembership,
    Duty,
    Enrolment,
    Guardianship,
    Organisation,
    OrganisationCount,
    OrganisationParent,
    Person,
    Post,
    PostHolder,
    RegisterEntry,
)
from .selectors.places import current_school_year
from .services.reference import ensure_root, next_label
from .types.names import name_key

_serial = count(1)
START = date(2026, 9, 1)


def make_root(name: str = "云汀市教育局（演示）") -> Organisation:
    return ensure_root(name=name, code="990000", actor=Actor.system("tests"))


def make_organisation(parent: Organisation | None = None, kind: str = "bureau", **fields: Any) -> Organisation:
    """A place below ``parent`` (the root by default), with its parent episode and counts."""
    parent = parent or make_root()
    label, number = next_label(), next(_serial)
    name = fields.pop("name", f"第{number}机构")
    key, initials = name_key(name)
    made = Organisation.objects.create(
        parent=parent, kind=kind, label=label, path=f"{parent.path}.{label}", name=name, name_key=key,
        name_initials=initials, code=fields.pop("code", f"99{number:08d}"), **fields,
    )  # fmt: skip
    OrganisationParent.objects.create(organisation=made, parent=parent, valid_from=date(2020, 9, 1))
    OrganisationCount.objects.create(organisation=made)
    return made


def make_school(parent: Organisation | None = None, **fields: Any) -> Organisation:
    return make_organisation(parent, "school", **{"school_type": "311", "schooling": "six_three", **fields})


def make_class(school: Organisation | None = None, grade: str = "G08", serial: int = 1, **fields: Any) -> ClassGroup:
    name = fields.pop("name", f"八（{serial}）班")
    return ClassGroup.objects.create(
        school=school or make_school(), school_year_id=current_school_year(), grades=[grade], serial=serial, name=name,
        written_name=fields.pop("written_name", name), **fields,
    )  # fmt: skip


def make_person(organisation: Organisation | None = None, name: str = "周禾", **fields: Any) -> Person:
    """``phone``, ``id_number`` and ``address`` are sealed and indexed as the import does."""
    organisation = organisation or make_school()
    sealed = {field: fields.pop(field, "") for field in ("phone", "id_number", "address")}
    key, initials = name_key(name)
    return Person.objects.create(
        number=fields.pop("number", f"0019{next(_serial):07d}0"), organisation=organisation, path=organisation.path,
        name=name, name_key=key, name_initials=initials, sealed=seal_fields(sealed),
        phone_blind=blind("phone", sealed["phone"]) if sealed["phone"] else None,
        id_blind=blind("id", sealed["id_number"]) if sealed["id_number"] else None, **fields,
    )  # fmt: skip


def make_pupil(group: ClassGroup | None = None, name: str = "周禾", **fields: Any) -> Person:
    """A child with 就读, 学籍 and a seat in the class."""
    group = group or make_class()
    attendance, number = fields.pop("attendance", "registered"), fields.pop("class_number", None)
    person = make_person(group.school, name, **fields)
    Enrolment.objects.create(
        person=person, school=group.school, path=group.school.path, name_key=person.name_key, grade=group.grades[0],
        attendance=attendance, school_number=f"2024{next(_serial):06d}", valid_from=START,
    )  # fmt: skip
    ClassMembership.objects.create(class_group=group, person=person, number=number, valid_from=START)
    if attendance != "guest":
        RegisterEntry.objects.create(
            person=person, school=group.school, path=group.school.path, source="national-pupil", as_of=START,
            valid_from=START,
        )  # fmt: skip
    return person


def make_teacher(school: Organisation | None = None, name: str = "吴静", **fields: Any) -> Person:
    school = school or make_school()
    staff_number = fields.pop("staff_number", f"T{next(_serial):04d}")
    person = make_person(school, name, **fields)
    Appointment.objects.create(
        person=person, organisation=school, path=school.path, name_key=person.name_key, staff_number=staff_number,
        valid_from=START,
    )  # fmt: skip
    return person


def make_guardian(child: Person | None = None, name: str = "王若琳", kind: str = "legal", **fields: Any) -> Person:
    child = child or make_pupil()
    person = make_person(child.organisation, name, **fields)
    Guardianship.objects.create(
        child=child, guardian=person, relation="52", kind=kind, is_primary=True, valid_from=START
    )
    return person


def make_head(group: ClassGroup, person: Person | None = None) -> Person:
    person = person or make_teacher(group.school)
    Duty.objects.create(
        person=person, organisation=group.school, path=group.school.path, kind="head_teacher", class_group=group,
        valid_from=START,
    )  # fmt: skip
    return person


def route_samples() -> dict[str, dict[str, str]]:
    """Route name → arguments of something that exists: for tests that visit every address."""
    group = make_class()
    pupil = make_pupil(group)
    code = {"code": str(group.school.code)}
    return {
        "registry:organisation": code, "registry:school": code, "registry:school_classes": code,
        "registry:school_staff": code, "registry:school_students": code, "registry:teaching": code,
        "registry:class": {"class_id": str(group.id)}, "registry:class_roster": {"class_id": str(group.id)},
        "registry:person": {"number": pupil.number}, "registry:person_reveal": {"number": pupil.number},
        "registry:person_edit": {"number": pupil.number},
    }  # fmt: skip


def make_post(
    organisation: Any, kind: str = "school_office", a: Any = None, b: Any = None, phone: str = "0530-5550123"
) -> Any:
    """A post, held by people who work at its organisation."""
    made = Post.objects.create(organisation=organisation, kind=kind, phone=phone)
    for place, person in (("a", a), ("b", b)):
        if person is not None:
            PostHolder.objects.create(post=made, person=person, place=place, valid_from=START)
    return made


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """A post of each school."""
    posts = [make_post(node.school) for node in (world.own, world.other)]
    pair = ({"post_id": posts[0].id}, {"post_id": posts[1].id})
    return {f"registry:{name}": pair for name in ("post_hand_over", "post_phone", "post_close")}
