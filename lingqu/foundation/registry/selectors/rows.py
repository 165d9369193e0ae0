"""Lines of lists of people: what each person is here, from few queries for the whole page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lingqu.kernel.language import listed

from ..models import Appointment, ClassMembership, Enrolment, Guardianship, Person
from ..types.cards import PersonRow
from ..types.grades import grade_label, sex_label
from ..types.words import Attendance, EmploymentKind
from .labels import label, subject_label

TONES = {"registered": "good", "guest": "warn", "absent": "bad", "home_taught": "neutral", "exchange": "warn"}


def rows_of(people: Sequence[Person]) -> tuple[PersonRow, ...]:
    """One line a person, from all records that stand for them: pupil, staff member or parent, in that order of
    preference. Six queries."""
    ids = [person.id for person in people]
    owners = {person_id: person_id for person_id in ids}
    owners |= dict(Person.objects.filter(canonical_id__in=ids).values_list("id", "canonical_id"))
    enrolments = _first(Enrolment.objects.filter(person_id__in=owners, valid_to=None).select_related("school"), owners)
    classes = {owners[person_id]: name for person_id, name in classes_of(list(owners)).items()}
    rest = [person_id for person_id, owner in owners.items() if owner not in enrolments]
    staff = _first(Appointment.objects.filter(person_id__in=rest, valid_to=None).select_related("organisation"), owners)
    wards: dict[UUID, tuple[tuple[str, str], ...]] = defaultdict(tuple)
    for person_id, names in wards_of([person_id for person_id in rest if owners[person_id] not in staff]).items():
        wards[owners[person_id]] += names
    return tuple(
        pupil_row(person, enrolments[person.id], classes.get(person.id, ""))
        if person.id in enrolments
        else staff_row(person, staff[person.id])
        if person.id in staff
        else guardian_row(person, wards.get(person.id, ()))
        for person in people
    )


def _first(rows: Iterable[Any], owners: Mapping[UUID, UUID]) -> dict[UUID, Any]:
    found: dict[UUID, Any] = {}
    for row in rows:
        found.setdefault(owners[row.person_id], row)
    return found


def classes_of(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names of the classes that people sit in; teaching classes only if there is no other."""
    seats = ClassMembership.objects.filter(person_id__in=ids, valid_to=None).select_related("class_group")
    found: dict[UUID, str] = {}
    for seat in sorted(seats, key=lambda seat: (seat.class_group.kind == "teaching", seat.id)):
        found.setdefault(seat.person_id, seat.class_group.name)
    return found


def wards_of(ids: Sequence[UUID]) -> dict[UUID, tuple[tuple[str, str], ...]]:
    """Guardian → (child's name, relation); deceased children are not named."""
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    if ids:
        links = Guardianship.objects.filter(guardian_id__in=ids, valid_to=None, child__deceased_on=None)
        for link in links.select_related("child").order_by("id"):
            if link.guardian_id:
                found[link.guardian_id].append((link.child.name, label("family_relation", link.relation)))
    return {key: tuple(value) for key, value in found.items()}


def pupil_row(person: Person, enrolment: Enrolment, class_name: str) -> PersonRow:
    return PersonRow(
        id=person.id, number=person.number, name=person.name, sex_label=sex_label(person.sex), part="student",
        part_label=pgettext("一人", "学生"), place=enrolment.school.short_name or enrolment.school.name,
        detail=class_name or grade_label(enrolment.grade), state=enrolment.attendance,
        state_label=str(Attendance(enrolment.attendance).label), tone=TONES.get(enrolment.attendance, "neutral"),
        note=_("住宿") if enrolment.boarding else "", secondary=enrolment.school_number,
    )  # fmt: skip


def staff_row(person: Person, appointment: Appointment) -> PersonRow:
    kind = appointment.employment_kind
    return PersonRow(
        id=person.id, number=person.number, name=person.name, sex_label=sex_label(person.sex), part="staff",
        part_label=_("教职工"), place=appointment.organisation.short_name or appointment.organisation.name,
        detail=subject_label(appointment.subject) or label("GWZY", appointment.post), state=kind,
        state_label=str(EmploymentKind(kind).label) if kind in EmploymentKind.values else kind, tone="neutral",
        note=label("professional_titles_edu", appointment.title), secondary=appointment.staff_number,
    )  # fmt: skip


def guardian_row(person: Person, wards: Sequence[tuple[str, str]]) -> PersonRow:
    children = listed(name for name, _relation in wards)
    return PersonRow(
        id=person.id, number=person.number, name=person.name, sex_label=sex_label(person.sex),
        part="guardian" if wards else "person", part_label=pgettext("一人", "家长") if wards else _("人员"), place="", detail=children,
        state="", state_label=wards[0][1] if wards else "", tone="neutral",
    )  # fmt: skip
