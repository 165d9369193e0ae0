"""Finding organisations and people, counting, and the relations of one person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.slots import Slot

from ..models import (
    Appointment,
    ClassGroup,
    ClassMembership,
    CodeValue,
    Duty,
    Enrolment,
    Guardianship,
    Organisation,
    OrganisationRelation,
    Person,
    SchoolYear,
    TeachingAssignment,
)
from ..types.facts import ClassFact, PlaceFact, RelationFacts, WardFact
from ..types.words import DutyKind, GuardianKind

CLASS_DUTIES = (DutyKind.HEAD_TEACHER.value, DutyKind.DEPUTY_HEAD_TEACHER.value)


ACCOUNT_COUNT: Slot[str, int] = Slot("registry.account_count")
"""Filled by whoever keeps accounts: how many belong to people of the subtree at a path."""


def count_accounts_slot(path: str) -> int:
    return sum(ACCOUNT_COUNT.collect(Actor.system("counts"), path))


def root_organisation() -> Organisation | None:
    return Organisation.objects.filter(parent=None).first()


def find_organisation(code: str) -> Organisation | None:
    return Organisation.objects.filter(code=code).first() if code else None


def find_person(number: str) -> Person | None:
    return Person.objects.filter(number=number).select_related("organisation").first()


def find_person_by_staff_number(school_code: str, staff_number: str) -> Person | None:
    """Staff member by ``学校代码`` and ``工号``; None when it is not exactly one open appointment's person."""
    found = list(
        Appointment.objects.filter(
            organisation__code=school_code, staff_number=staff_number, valid_to=None
        ).values_list("person_id", flat=True).distinct()[:2]
    )  # fmt: skip
    return Person.objects.get(id=found[0]) if len(found) == 1 else None


def current_school_year() -> str:
    found = SchoolYear.objects.filter(is_current=True).values_list("code", flat=True).first()
    return found or ""


IDS_SQL = """
SELECT p.id FROM registry_person one
JOIN registry_person p ON p.id = COALESCE(one.canonical_id, one.id) OR p.canonical_id = COALESCE(one.canonical_id, one.id)
WHERE one.id = %(person)s ORDER BY p.canonical_id NULLS FIRST, p.id
"""


def ids_of(person_id: UUID) -> tuple[UUID, ...]:
    """All ids that stand for one person: the canonical one first, then those merged into it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(IDS_SQL, {"person": person_id})
        return tuple(row[0] for row in cursor.fetchall()) or (person_id,)


def count_roster(path: str) -> dict[str, int]:
    """Figures of a subtree, the root organisation of the node left out (``lingqu roster counts``)."""
    sql = """
    WITH orgs AS (SELECT id, kind, parent_id FROM registry_organisation
                  WHERE path >= %(p)s::ltree AND path < %(q)s::ltree AND closed_on IS NULL)
    SELECT (SELECT count(*) FROM orgs WHERE parent_id IS NOT NULL),
           (SELECT count(*) FROM orgs WHERE kind IN ('school', 'teaching_point')),
           (SELECT count(*) FROM registry_classgroup c JOIN orgs o ON o.id = c.school_id),
           (SELECT count(*) FROM registry_person WHERE canonical_id IS NULL AND deceased_on IS NULL
               AND path >= %(p)s::ltree AND path < %(q)s::ltree),
           (SELECT count(DISTINCT person_id) FROM registry_enrolment WHERE valid_to IS NULL
               AND path >= %(p)s::ltree AND path < %(q)s::ltree),
           (SELECT count(DISTINCT person_id) FROM registry_appointment WHERE valid_to IS NULL
               AND path >= %(p)s::ltree AND path < %(q)s::ltree),
           (SELECT count(DISTINCT g.guardian_id) FROM registry_guardianship g JOIN registry_person c ON c.id = g.child_id
               WHERE g.valid_to IS NULL AND c.path >= %(p)s::ltree AND c.path < %(q)s::ltree)
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"p": path, "q": f"{path}-"})
        row: Sequence[Any] = cursor.fetchone()
    names = ("organisations", "schools", "classes", "people", "students_active", "staff_active", "guardians")
    return dict(zip(names, map(int, row), strict=True))


def relations_of(person_id: UUID) -> RelationFacts:
    """Open relations of the person, over all ids that stand for them. Nine queries, no matter how many relations."""
    ids = ids_of(person_id)
    mine = Q(person_id__in=ids, valid_to=None)
    duties = list(Duty.objects.filter(mine).select_related("organisation", "class_group__school"))
    teaching = (
        TeachingAssignment.objects.filter(mine).select_related("class_group__school").order_by("class_group__name")
    )
    seats = ClassMembership.objects.filter(mine).select_related("class_group__school")
    enrolments = Enrolment.objects.filter(mine).select_related("school")
    appointments = Appointment.objects.filter(mine).select_related("organisation")
    return RelationFacts(
        enrolments=tuple(_place(e.school, e.attendance, e.grade) for e in enrolments),
        classes=tuple(_class(seat.class_group) for seat in seats),
        head_classes=tuple(
            _class(d.class_group, duty=d.kind) for d in duties if d.kind in CLASS_DUTIES and d.class_group
        ),
        taught_classes=tuple(
            _class(t.class_group, subject=t.subject, weekly_periods=_periods(t.weekly_periods)) for t in teaching
        ),
        wards=_wards(ids),
        duties=tuple(_place(d.organisation, d.kind, d.grade) for d in duties if d.kind not in CLASS_DUTIES),
        appointments=tuple(_place(a.organisation, a.relation, post=a.post) for a in appointments),
        is_deceased=Person.objects.filter(id__in=ids, deceased_on__isnull=False).exists(),
    )


def _wards(ids: Sequence[UUID]) -> tuple[WardFact, ...]:
    """Living children; one that was merged appears once, under its present id."""
    links = Guardianship.objects.filter(guardian_id__in=ids, valid_to=None).select_related("child__canonical")
    found: dict[UUID, WardFact] = {}
    for link in links:
        child = link.child.canonical or link.child
        if child.deceased_on is None and link.child.deceased_on is None:
            fact = WardFact(
                person_id=child.id, number=child.number, name=child.name, relation=link.relation, kind=link.kind,
                path=str(child.path),
            )  # fmt: skip
            if child.id not in found or fact.kind != GuardianKind.PROXY:
                found[child.id] = fact
    return tuple(sorted(found.values(), key=lambda ward: ward.number))


def members_led_by(heads: Iterable[UUID]) -> dict[UUID, tuple[tuple[str, str], ...]]:
    """Head → (path of a member, what the head's people may do there: ``read`` or ``manage``), of relations open today."""
    rows = OrganisationRelation.objects.filter(head_id__in=list(heads), valid_to=None, valid_from__lte=today())
    found: dict[UUID, list[tuple[str, str]]] = {}
    for head, path, role in rows.exclude(role="").values_list("head_id", "member__path", "role").order_by("id"):
        found.setdefault(head, []).append((str(path), role))
    return {head: tuple(members) for head, members in found.items()}


def may_message(person_id: UUID) -> bool:
    """Whether anything may be sent to or about the person: never once somebody recorded the death."""
    return not Person.objects.filter(id__in=ids_of(person_id), deceased_on__isnull=False).exists()


def _place(organisation: Organisation, kind: str, grade: str = "", post: str = "") -> PlaceFact:
    return PlaceFact(
        organisation_id=organisation.id, name=organisation.name, path=str(organisation.path), kind=kind, grade=grade,
        organisation_kind=organisation.kind, post=post,
    )  # fmt: skip


def _periods(value: Decimal | None) -> float | None:
    return float(value) if value is not None else None


def _class(group: ClassGroup, **more: Any) -> ClassFact:
    return ClassFact(
        class_id=group.id, name=group.name, school_id=group.school_id, school_name=group.school.name,
        path=str(group.school.path), size=group.size, **more,
    )  # fmt: skip


def organisation_at(path: str) -> Organisation:
    return Organisation.objects.get(path=path)


def school_facts() -> dict[str, tuple[str, str]]:
    """(学制, 办学类型) by school code and by school name: what class names are read with."""
    facts: dict[str, tuple[str, str]] = {}
    rows = Organisation.objects.filter(kind__in=("school", "teaching_point")).values_list(
        "code", "name", "schooling", "school_type"
    )
    for code, name, schooling, school_type in rows:
        facts[name] = (schooling, school_type)
        if code:
            facts[code] = (schooling, school_type)
    return facts


def code_names() -> dict[str, dict[str, str]]:
    """Name and synonyms → code, by code table."""
    tables: dict[str, dict[str, str]] = {}
    for table, code, name, synonyms in CodeValue.objects.values_list("table_id", "code", "name", "synonyms"):
        words = tables.setdefault(table, {})
        words.update(dict.fromkeys([name, *synonyms], code))
    return tables


def list_keepers(organisation_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Whom to call about a school's records: its register officer, else its administrator, else its principal."""
    kinds = (DutyKind.REGISTER_OFFICER, DutyKind.SCHOOL_ADMIN, DutyKind.PRINCIPAL)
    rows = Duty.objects.filter(
        organisation_id__in=organisation_ids, kind__in=kinds, valid_to=None, person__deceased_on=None
    ).select_related("person")
    found: dict[UUID, str] = {}
    for row in sorted(rows, key=lambda row: (kinds.index(DutyKind(row.kind)), row.id)):
        found.setdefault(row.organisation_id, row.person.name)
    return found
