"""Classes of a school, and one class with its roster."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..models import (
    Appointment,
    ClassGroup,
    ClassMembership,
    Duty,
    Enrolment,
    Organisation,
    TeachingAssignment,
)
from ..types import rights
from ..types.cards import ClassCard, ClassPage, GradeClasses, PersonRef, RosterRow, TaughtSubject
from ..types.grades import grade_label, grades_label, norm_of, sex_label, stage_of
from ..types.words import GRADES, Attendance, ClassKind, DutyKind
from .labels import subject_label
from .places import ids_of

MIXED = "mixed"


def list_classes(school: Organisation) -> tuple[ClassCard, ...]:
    """Classes in use with their head teachers, in the order of grade and serial: two queries."""
    groups = list(ClassGroup.objects.in_use().filter(school=school))
    heads = heads_of([group.id for group in groups])
    cards = [as_card(group, school, heads.get(group.id, ())) for group in groups]
    return tuple(sorted(cards, key=class_order))


def class_order(card: ClassCard) -> tuple[object, ...]:
    return card.kind == ClassKind.TEACHING, card.grades[:1], len(card.grades), card.serial or 999, card.name


def as_card(group: ClassGroup, school: Organisation, heads: Sequence[PersonRef] = ()) -> ClassCard:
    return ClassCard(
        id=group.id, name=group.name, written_name=group.written_name, kind=group.kind,
        kind_label=str(ClassKind(group.kind).label), grades=tuple(group.grades), grade_label=grades_label(group.grades),
        serial=group.serial, size=group.size, norm=norm_of(group.grades, school.schooling), room=group.room,
        campus=group.campus, heads=tuple(heads), school_code=school.code or "", school_name=school.name,
        school_year=group.school_year_id,
    )  # fmt: skip


def heads_of(class_ids: Iterable[UUID], kind: str = DutyKind.HEAD_TEACHER) -> dict[UUID, tuple[PersonRef, ...]]:
    rows = Duty.objects.filter(class_group_id__in=list(class_ids), kind=kind, valid_to=None).select_related(
        "person__canonical"
    )
    found: dict[UUID, list[PersonRef]] = defaultdict(list)
    for row in rows.order_by("id"):
        person = row.person.canonical or row.person
        if row.class_group_id and person.deceased_on is None:
            found[row.class_group_id].append(PersonRef(id=person.id, number=person.number, name=person.name))
    return {key: tuple(value) for key, value in found.items()}


def heads_of_child(child_id: UUID) -> dict[UUID, tuple[UUID, ...]]:
    """Class → living class teachers of the classes that a child sits in now; two statements."""
    seats = ClassGroup.objects.filter(memberships__person_id__in=ids_of(child_id), memberships__valid_to=None)
    found = heads_of(seats.exclude(kind=ClassKind.TEACHING).values_list("id", flat=True))
    return {class_id: tuple(one.id for one in heads) for class_id, heads in found.items()}


def group_by_grade(cards: Iterable[ClassCard]) -> tuple[GradeClasses, ...]:
    """Classes under their grade; 复式 and classes without a grade come last."""
    found: dict[str, list[ClassCard]] = defaultdict(list)
    for card in cards:
        found[card.grades[0] if len(card.grades) == 1 else MIXED].append(card)
    return tuple(
        GradeClasses(
            code=code, label=_("复式与其他") if code == MIXED else grade_label(code), classes=tuple(inside),
            students=sum(card.size for card in inside if card.kind != ClassKind.TEACHING),
        )
        for code, inside in sorted(found.items(), key=lambda pair: (pair[0] == MIXED, pair[0].replace("K", "A")))
    )  # fmt: skip


def get_class(actor: Actor, class_id: UUID) -> ClassGroup:
    """The class if the actor may see it; otherwise :class:`Forbidden`, whether or not it exists."""
    group = ClassGroup.objects.select_related("school").filter(id=class_id).first()
    if group is None or not policies.may_see_class(actor, group, str(group.school.path)):
        raise Forbidden()
    return group


def get_class_page(actor: Actor, group: ClassGroup) -> ClassPage:
    """A class with its roster (empty for those who may not see names): six queries."""
    school = group.school
    sees_names = policies.may_see_roster(actor, group, str(school.path))
    heads = heads_of([group.id])
    deputies = heads_of([group.id], DutyKind.DEPUTY_HEAD_TEACHER)
    return ClassPage(
        card=as_card(group, school, heads.get(group.id, ())), school_id=school.id, school_code=school.code or "",
        school_name=school.name, school_path=str(school.path), school_year=group.school_year_id,
        local_name=group.local_name, deputies=deputies.get(group.id, ()), teaching=list_taught(group),
        roster=list_roster(group) if sees_names else (), is_current=ClassGroup.objects.in_use().filter(id=group.id).exists(),
        closed_on=group.closed_on,
    )  # fmt: skip


def list_taught(group: ClassGroup) -> tuple[TaughtSubject, ...]:
    rows = TeachingAssignment.objects.filter(class_group=group, valid_to=None).select_related("person__canonical")
    return tuple(as_taught(row) for row in rows.order_by("subject", "id"))


def as_taught(row: TeachingAssignment) -> TaughtSubject:
    person = row.person.canonical or row.person
    return TaughtSubject(
        id=row.id, subject=row.subject, label=subject_label(row.subject),
        teacher=PersonRef(id=person.id, number=person.number, name=person.name),
        weekly_periods=float(row.weekly_periods) if row.weekly_periods is not None else None,
    )  # fmt: skip


def list_roster(group: ClassGroup) -> tuple[RosterRow, ...]:
    """Pupils who sit in the class now, by 班内学号, then name. The deceased and doubles of a merged child are left out."""
    seats = list(
        ClassMembership.objects.filter(class_group=group, valid_to=None).select_related("person__canonical")[:500]
    )
    people = {seat.person_id for seat in seats}
    sits = {
        row.person_id: row
        for row in Enrolment.objects.filter(person_id__in=people, valid_to=None).order_by("id")
        if row.school_id == group.school_id
    }
    made: dict[UUID, tuple[tuple[object, ...], RosterRow]] = {}
    for seat in seats:
        person = seat.person.canonical or seat.person
        if person.deceased_on is not None or seat.person.deceased_on is not None:
            continue
        enrolment = sits.get(seat.person_id)
        attendance = enrolment.attendance if enrolment else ""
        row = RosterRow(
            person=PersonRef(id=person.id, number=person.number, name=person.name), place=seat.number,
            sex_label=sex_label(person.sex), grade_label=grade_label(enrolment.grade) if enrolment else "",
            attendance=attendance, attendance_label=str(Attendance(attendance).label) if attendance else _("无就读记录"),
            school_number=enrolment.school_number if enrolment else "",
            boarding=enrolment.boarding if enrolment else None, since=seat.valid_from,
        )  # fmt: skip
        made.setdefault(person.id, ((seat.number is None, seat.number or 0, person.name_key, person.number), row))
    return tuple(row for _order, row in sorted(made.values(), key=lambda pair: pair[0]))


MOST_COLLEAGUES = 600


def grade_order(grade: str) -> int:
    return GRADES.index(grade)


def offered_grades(school: Organisation) -> tuple[str, ...]:
    """Grades that a school's classes may have, by its 办学类型 or its present classes; all of them if neither says."""
    stages = {stage for stage in STAGES if school.school_type in STAGES[stage]}
    for grades in ClassGroup.objects.filter(school=school, closed_on=None).values_list("grades", flat=True):
        stages |= {stage_of(grade, school.schooling) for grade in grades}
    return tuple(grade for grade in GRADES if not stages or stage_of(grade, school.schooling) in stages)


STAGES: dict[str, frozenset[str]] = {
    "preschool": frozenset({"111", "119"}), "primary": frozenset({"211", "218", "219", "312", "345"}),
    "junior": frozenset({"311", "312", "319", "341", "345"}), "senior": frozenset({"341", "342", "345", "349"}),
}  # fmt: skip
"""JY/T 1001 BXLX of schools that teach a stage."""


def list_colleagues(school: Organisation) -> tuple[tuple[str, str], ...]:
    """(person id, name and 工号) of who works at a school, by name."""
    rows = Appointment.objects.filter(
        organisation=school, valid_to=None, person__deceased_on=None, person__canonical=None
    )
    found = {
        str(person_id): f"{name} {number}".strip()
        for person_id, name, number in rows.order_by("name_key", "id").values_list(
            "person_id", "person__name", "staff_number"
        )[:MOST_COLLEAGUES]
    }
    return tuple(found.items())


def list_kept_schools(actor: Actor, ids: Sequence[UUID]) -> tuple[tuple[str, str], ...]:
    """(id, name) of schools where a child is enrolled and whose pupils the actor keeps."""
    rows = Enrolment.objects.filter(person_id__in=ids, valid_to=None).select_related("school").order_by("id")
    return tuple(
        {str(row.school_id): row.school.name for row in rows if actor.holds(rights.PERSON_EDIT, str(row.path))}.items()
    )


def list_target_classes(actor: Actor, ids: Sequence[UUID]) -> tuple[tuple[str, str], ...]:
    """(id, name and size) of classes that a child could change to: same school, same grade, not where it sits."""
    sits = Enrolment.objects.filter(person_id__in=ids, valid_to=None).select_related("school")
    seated = set(
        ClassMembership.objects.filter(person_id__in=ids, valid_to=None).values_list("class_group_id", flat=True)
    )
    return tuple(
        pair
        for row in sits
        if actor.holds(rights.PERSON_EDIT, str(row.path))
        for pair in _as_choices(_present(row.school), row.grade, seated)
    )


def list_return_classes(actor: Actor, ids: Sequence[UUID]) -> tuple[tuple[str, str], ...]:
    """(id, name and size) of classes of the schools that a child is absent from or left."""
    rows = Enrolment.objects.filter(person_id__in=ids).select_related("school").order_by("-valid_from", "-id")
    schools = {row.school_id: row.school for row in rows if actor.holds(rights.PERSON_EDIT, str(row.path))}
    return tuple(pair for school in schools.values() for pair in _as_choices(_present(school), "", set()))


def _present(school: Organisation) -> list[ClassGroup]:
    rows = ClassGroup.objects.in_use().filter(school=school)
    return list(rows.exclude(kind=ClassKind.TEACHING))


def _as_choices(groups: Iterable[ClassGroup], grade: str, seated: set[UUID]) -> Iterable[tuple[str, str]]:
    for group in sorted(groups, key=lambda group: (group.grades[:1], group.serial or 0, group.name)):
        if group.id not in seated and (not grade or grade in group.grades):
            yield str(group.id), _("%(name)s · %(size)d 人") % {"name": group.name, "size": group.size}
