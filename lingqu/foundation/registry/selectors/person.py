"""One person's page: identity, 学籍 and 就读 as two facts, family, work, timeline, now or as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.crypto import unseal_fields
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..models import Appointment, ClassMembership, Duty, Enrolment, Guardianship, Person, RegisterEntry
from ..types import rights
from ..types.cards import (
    AccessEntry,
    AppointmentFact,
    ClassCard,
    EnrolmentFact,
    GuardianCard,
    PersonPage,
    PersonRef,
    RegisterFact,
)
from ..types.grades import grade_label, sex_label
from ..types.masking import masked
from ..types.words import AppointmentRelation, Attendance, DutyKind, EmploymentKind, GuardianKind
from .attributes import Attributes, attributes_as_of, current_attributes, shown_fields
from .classes import as_card
from .labels import label, subject_label
from .places import ids_of
from .timeline import list_timeline

READING = "registry.person.revealed"


def get_person(actor: Actor, number: str) -> Person:
    """The person if the actor may see them; otherwise :class:`Forbidden`, whether or not they exist.

    A merged number leads to the person that it stands for today.
    """
    found = Person.objects.filter(number=number).select_related("organisation", "canonical__organisation").first()
    person = found.canonical or found if found else None
    if person is None or not policies.may_see_person(actor, person):
        raise Forbidden()
    return person


def open_on(day: date | None) -> Q:
    """Episodes that were open on a day (half-open: the last day is the one before ``valid_to``); today when None."""
    if day is None:
        return Q(valid_to=None) | Q(valid_to__gt=today())
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def get_person_page(
    actor: Actor, person: Person, *, as_of: date | None = None, is_revealed: bool = False, with_timeline: bool = True
) -> PersonPage:
    """``is_revealed`` shows sensitive values: only ``services.reveal`` asks for it, after its checks and audit row."""
    ids = ids_of(person.id)
    attributes = attributes_as_of(person, ids, as_of) if as_of else current_attributes(person)
    mine = Q(person_id__in=ids) & open_on(as_of)
    enrolments = [_enrolment(row) for row in Enrolment.objects.filter(mine).select_related("school").order_by("id")]
    register, numbers = _register(mine, is_revealed=is_revealed)
    appointments = [_appointment(row) for row in Appointment.objects.filter(mine).select_related("organisation")]
    wards = _wards(ids, as_of)
    entities = _entities(bool(enrolments or register), bool(appointments), bool(wards))
    return PersonPage(
        id=person.id, number=person.number, name=str(attributes.plain["name"]),
        sex_label=sex_label(str(attributes.plain["sex"])), age=_age(attributes, as_of or today()), entities=entities,
        deceased_on=person.deceased_on, synthetic=person.synthetic, path=str(person.path),
        organisation_name=person.organisation.name,
        fields=shown_fields(
            attributes, entities[0], register_number="、".join(numbers), is_revealed=is_revealed
        ),
        enrolments=tuple(enrolments), register=register, appointments=tuple(appointments), duties=_duties(mine),
        classes=_classes(mine), guardians=_guardians(ids, as_of, is_revealed=is_revealed), wards=wards,
        timeline=list_timeline(person, as_of=as_of) if with_timeline else (),
        merged_numbers=tuple(
            Person.objects.filter(canonical=person).order_by("number").values_list("number", flat=True)
        ) if len(ids) > 1 else (),
        as_of=as_of, is_revealed=is_revealed,
    )  # fmt: skip


def _entities(is_pupil: bool, is_staff: bool, is_guardian: bool) -> tuple[str, ...]:
    found = [name for name, holds in (("student", is_pupil), ("staff", is_staff), ("guardian", is_guardian)) if holds]
    return tuple(found) or ("guardian",)


def entity_of(person: Person) -> str:
    """Which ownership of fields applies to the person: student, staff or guardian."""
    ids = ids_of(person.id)
    if Enrolment.objects.filter(person_id__in=ids).exists() or RegisterEntry.objects.filter(person_id__in=ids).exists():
        return "student"
    return "staff" if Appointment.objects.filter(person_id__in=ids).exists() else "guardian"


def _age(attributes: Attributes, day: date) -> int | None:
    stated = attributes.plain.get("birth_date")
    if not stated:
        return None
    born = date.fromisoformat(str(stated))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _enrolment(row: Enrolment) -> EnrolmentFact:
    return EnrolmentFact(
        id=row.id, school_id=row.school_id, school_code=row.school.code or "", school_name=row.school.name,
        grade_label=grade_label(row.grade), attendance=row.attendance,
        attendance_label=str(Attendance(row.attendance).label), school_number=row.school_number, boarding=row.boarding,
        valid_from=row.valid_from, valid_to=row.valid_to,
    )  # fmt: skip


def _register(mine: Q, *, is_revealed: bool) -> tuple[tuple[RegisterFact, ...], list[str]]:
    facts, numbers = [], []
    for row in RegisterEntry.objects.filter(mine).select_related("school").order_by("id"):
        number = unseal_fields(row.sealed).get("register_number", "")
        numbers += [number] if number else []
        facts.append(
            RegisterFact(
                school_name=row.school.name, number=number if is_revealed else masked("register_number", number),
                state_label=label("XSDQZT", row.state), grade_label=grade_label(row.grade), source=row.source,
                as_of=row.as_of, valid_from=row.valid_from, valid_to=row.valid_to,
            )
        )  # fmt: skip
    return tuple(facts), numbers


def _appointment(row: Appointment) -> AppointmentFact:
    kind = row.employment_kind
    return AppointmentFact(
        school_code=row.organisation.code or "", school_name=row.organisation.name,
        relation_label=str(AppointmentRelation(row.relation).label),
        employment_label=str(EmploymentKind(kind).label) if kind in EmploymentKind.values else kind,
        staff_number=row.staff_number, post=label("GWZY", row.post), title=label("professional_titles_edu", row.title),
        subject=subject_label(row.subject), valid_from=row.valid_from, valid_to=row.valid_to,
    )  # fmt: skip


def _duties(mine: Q) -> tuple[str, ...]:
    rows = Duty.objects.filter(mine).select_related("organisation", "class_group").order_by("kind", "id")
    names = dict(DutyKind.choices)
    return tuple(
        f"{names.get(row.kind, row.kind)} · {row.class_group.name if row.class_group else row.organisation.name}" for row in rows
    )


def _classes(mine: Q) -> tuple[ClassCard, ...]:
    seats = ClassMembership.objects.filter(mine).select_related("class_group__school").order_by("id")
    return tuple(as_card(seat.class_group, seat.class_group.school) for seat in seats)


def _guardians(ids: Sequence[UUID], day: date | None, *, is_revealed: bool) -> tuple[GuardianCard, ...]:
    links = Guardianship.objects.filter(Q(child_id__in=ids) & open_on(day))
    made = []
    for link in links.select_related("guardian__canonical", "guardian_organisation").order_by("-is_primary", "id"):
        person = (link.guardian.canonical or link.guardian) if link.guardian else None
        if person and person.deceased_on:
            continue
        phone = unseal_fields(person.sealed).get("phone", "") if person else ""
        made.append(
            GuardianCard(
                person=PersonRef(id=person.id, number=person.number, name=person.name) if person else None,
                name=person.name if person else (link.guardian_organisation.name if link.guardian_organisation else ""),
                relation_label=label("family_relation", link.relation), kind_label=str(GuardianKind(link.kind).label),
                phone=phone if is_revealed else masked("phone", phone), is_primary=link.is_primary,
                lives_with=link.lives_with,
            )
        )  # fmt: skip
    return tuple(made)


def _wards(ids: Sequence[UUID], day: date | None) -> tuple[tuple[PersonRef, str, str], ...]:
    links = Guardianship.objects.filter(Q(guardian_id__in=ids) & open_on(day)).select_related("child__canonical")
    found: dict[UUID, tuple[PersonRef, str, str]] = {}
    for link in links.order_by("id"):
        child = link.child.canonical or link.child
        if child.deceased_on is None:
            ref = PersonRef(id=child.id, number=child.number, name=child.name)
            found[child.id] = (ref, label("family_relation", link.relation), str(GuardianKind(link.kind).label))
    return tuple(found.values())


def may_see_accesses(actor: Actor, person: Person) -> bool:
    """The log of unmasked reads: the person, the guardian, and those who keep the record."""
    if actor.person_id and actor.person_id in ids_of(person.id):
        return True
    if actor.person_id and Guardianship.objects.filter(
        guardian_id__in=ids_of(actor.person_id), child_id__in=ids_of(person.id), valid_to=None
    ).exclude(kind=GuardianKind.PROXY).exists():
        return True
    return policies.holds_on_person(actor, person, rights.PERSON_EDIT)


def list_accesses(actor: Actor, person: Person, limit: int = 20) -> tuple[AccessEntry, ...]:
    """Who read the sensitive values of the person in clear, newest first. Raises :class:`Forbidden` for others."""
    if not may_see_accesses(actor, person):
        raise Forbidden()
    entries = audit.list_for_subject("person", person.id, limit=limit).items
    names: dict[str, Any] = {READING: _("查看敏感信息"), "registry.person.edited": _("修改信息")}
    return tuple(
        AccessEntry(
            at=entry.at, who=entry.actor_name, role=entry.role, purpose=entry.purpose,
            action_label=names.get(entry.action, entry.action),
        )
        for entry in entries
    )  # fmt: skip
