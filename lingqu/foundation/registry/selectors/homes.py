"""One's own place in the register, for home pages: a teacher's classes, a pupil's class, a guardian's children, the parts
of an officer's area. Each costs the same whatever the size of the city."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from ..models import (
    ClassGroup,
    ClassMembership,
    Duty,
    Enrolment,
    Guardianship,
    Organisation,
    Person,
    TeachingAssignment,
)
from ..types import rights
from ..types.cards import ClassCard, PersonRef, TaughtSubject
from ..types.grades import grade_label
from ..types.homes import ChildCard, PartTotals, PupilCard, TaughtClass, TeachingHome
from ..types.words import Attendance, DutyKind, GuardianKind
from .classes import as_card, class_order, heads_of, list_taught
from .labels import label, subject_label
from .places import IDS_SQL, ids_of

SCHOOL_KINDS = ("school", "teaching_point")
MOST_PARTS = 100


def get_teaching_home(actor: Actor) -> TeachingHome:
    """Classes that the actor teaches or heads now: five queries."""
    if actor.person_id is None:
        return TeachingHome(ids=(), taught=(), headed=(), periods=0, pupils=0)
    ids = ids_of(actor.person_id)
    assignments = list(
        TeachingAssignment.objects.filter(person_id__in=ids, valid_to=None).select_related("class_group__school")
    )
    duties = Duty.objects.filter(
        person_id__in=ids, valid_to=None, kind=DutyKind.HEAD_TEACHER, class_group__isnull=False
    ).select_related("class_group__school")
    headed = {duty.class_group.id: duty.class_group for duty in duties if duty.class_group is not None}
    groups = {row.class_group_id: row.class_group for row in assignments}
    heads = heads_of({*groups, *headed})
    subjects: dict[UUID, list[tuple[str, float | None]]] = defaultdict(list)
    for row in assignments:
        subjects[row.class_group_id].append((subject_label(row.subject), _periods(row)))
    taught = [
        TaughtClass(card=_card(group, heads), subjects=tuple(subjects[class_id]), is_head=class_id in headed)
        for class_id, group in groups.items()
    ]
    cards = sorted((_card(group, heads) for group in headed.values()), key=class_order)
    every = {group.id: group.size for group in (*groups.values(), *headed.values())}
    return TeachingHome(
        ids=ids, taught=tuple(sorted(taught, key=lambda one: class_order(one.card))), headed=tuple(cards),
        periods=sum(one.periods for one in taught), pupils=sum(every.values()),
    )  # fmt: skip


def get_pupil_home(actor: Actor) -> PupilCard | None:
    """The actor's own seat with the teachers of the class."""
    if actor.person_id is None:
        return None
    found = _pupils([actor.person_id])
    return _with_teaching(found[0]) if found else None


def list_children(actor: Actor) -> tuple[ChildCard, ...]:
    """Living children of the actor, oldest link first; a child merged from doubles appears once."""
    if actor.person_id is None:
        return ()
    own = RawSQL(IDS_SQL.replace("%(person)s", "%s"), [actor.person_id])  # noqa: S611 - a constant
    links = Guardianship.objects.filter(guardian_id__in=own, valid_to=None).order_by("id")
    mine: dict[UUID, Guardianship] = {}
    for link in links.select_related("child"):
        mine.setdefault(link.child.canonical_id or link.child_id, link)
    pupils = {pupil.person.id: pupil for pupil in _pupils(list(mine))}
    return tuple(
        ChildCard(
            pupil=pupils[child_id], relation_label=label("family_relation", link.relation) or pgettext("一人", "监护人"),
            is_proxy=link.kind == GuardianKind.PROXY,
        )
        for child_id, link in mine.items()
        if child_id in pupils
    )  # fmt: skip


def get_child(actor: Actor, number: str = "") -> tuple[tuple[ChildCard, ...], PupilCard | None]:
    """All children of the actor, and one of them (the first, or by number) with the teachers of the class.

    Raises :class:`Forbidden` for a number that is not one of them, whether or not it exists.
    """
    children = list_children(actor)
    if not children:
        return (), None
    fitting = [child for child in children if not number or child.pupil.person.number == number]
    if not fitting:
        raise Forbidden()
    return children, _with_teaching(fitting[0].pupil)


def list_parts(actor: Actor, organisation: Organisation) -> tuple[PartTotals, ...]:
    """Sums for each part directly below an organisation; schools directly below it come together as one line."""
    if not actor.holds(rights.COUNT_VIEW, str(organisation.path)):
        raise Forbidden()
    with connection.cursor() as cursor:
        cursor.execute(PARTS_SQL, {"parent": organisation.id, "schools": list(SCHOOL_KINDS), "most": MOST_PARTS})
        rows = cursor.fetchall()
    made = [
        PartTotals(
            code=code or "", name=name or _("直属学校"), kind=kind, schools=schools, classes=classes, students=students,
            staff=staff,
        )
        for code, name, kind, schools, classes, students, staff in rows
    ]  # fmt: skip
    return tuple(part for part in made if part.schools or part.kind != "school")


PARTS_SQL = """
WITH part AS (
  SELECT id, code, name, kind, path, sort_order, name_key FROM registry_organisation
  WHERE parent_id = %(parent)s AND closed_on IS NULL AND kind <> ALL(%(schools)s)
  ORDER BY sort_order, name_key LIMIT %(most)s)
SELECT part.code, part.name, part.kind,
       count(o.id) FILTER (WHERE o.kind = ANY(%(schools)s)),
       COALESCE(sum(c.classes), 0)::int, COALESCE(sum(c.students), 0)::int, COALESCE(sum(c.staff), 0)::int
FROM part JOIN registry_organisation o ON o.path >= part.path AND o.path < (part.path::text || '-')::ltree
     AND o.closed_on IS NULL
LEFT JOIN registry_organisationcount c ON c.organisation_id = o.id
GROUP BY part.id, part.code, part.name, part.kind, part.sort_order, part.name_key
UNION ALL
SELECT '', '', 'school', count(o.id), COALESCE(sum(c.classes), 0)::int, COALESCE(sum(c.students), 0)::int,
       COALESCE(sum(c.staff), 0)::int
FROM registry_organisation o LEFT JOIN registry_organisationcount c ON c.organisation_id = o.id
WHERE o.parent_id = %(parent)s AND o.closed_on IS NULL AND o.kind = ANY(%(schools)s)
"""


def _pupils(person_ids: Sequence[UUID]) -> list[PupilCard]:
    """Cards of living people in the order given; doubles count for the one they were merged into. Four queries."""
    rows = list(Person.objects.filter(Q(id__in=person_ids, deceased_on=None) | Q(canonical_id__in=person_ids)))
    people = {row.id: row for row in rows if row.id in person_ids}
    owner = {row.id: row.id for row in rows if row.id in people}
    owner |= {row.id: row.canonical_id for row in rows if row.canonical_id in people}
    seats: dict[UUID, ClassMembership] = {}
    for seat in _seats(owner):
        kept = seats.setdefault(owner[seat.person_id], seat)
        if kept.class_group.kind == "teaching" and seat.class_group.kind != "teaching":
            seats[owner[seat.person_id]] = seat
    sits: dict[UUID, Enrolment] = {}
    for row in Enrolment.objects.filter(person_id__in=owner, valid_to=None).select_related("school").order_by("id"):
        sits.setdefault(owner[row.person_id], row)
    heads = heads_of(seat.class_group_id for seat in seats.values())
    return [
        _pupil(people[person_id], sits.get(person_id), seats.get(person_id), heads)
        for person_id in person_ids
        if person_id in people
    ]


def _seats(ids: Iterable[UUID]) -> Iterable[ClassMembership]:
    rows = ClassMembership.objects.filter(person_id__in=list(ids), valid_to=None)
    return rows.select_related("class_group__school").order_by("id")


def _pupil(
    person: Person, sits: Enrolment | None, seat: ClassMembership | None, heads: dict[UUID, tuple[PersonRef, ...]]
) -> PupilCard:
    school = sits.school if sits else seat.class_group.school if seat else None
    group = seat.class_group if seat else None
    return PupilCard(
        person=PersonRef(id=person.id, number=person.number, name=person.name),
        school_name=school.name if school else "", school_code=(school.code or "") if school else "",
        class_id=group.id if group else None, class_name=group.name if group else "",
        class_size=group.size if group else 0, room=group.room if group else "", place=seat.number if seat else None,
        grade_label=grade_label(sits.grade) if sits and sits.grade else "",
        attendance_label=str(Attendance(sits.attendance).label) if sits and sits.attendance else "",
        school_number=sits.school_number if sits else "", boarding=sits.boarding if sits else None,
        heads=heads.get(group.id, ()) if group else (),
    )  # fmt: skip


def _with_teaching(pupil: PupilCard) -> PupilCard:
    """The same card with the subjects of its class; those without a class stay as they are."""
    if pupil.class_id is None:
        return pupil
    teaching: tuple[TaughtSubject, ...] = list_taught(ClassGroup(id=pupil.class_id))
    return replace(pupil, teaching=teaching)


def _card(group: ClassGroup, heads: dict[UUID, tuple[PersonRef, ...]]) -> ClassCard:
    return as_card(group, group.school, heads.get(group.id, ()))


def _periods(row: TeachingAssignment) -> float | None:
    return float(row.weekly_periods) if row.weekly_periods is not None else None
