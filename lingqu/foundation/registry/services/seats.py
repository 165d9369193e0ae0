"""Where a child sits: changing the class, leaving for a while or for good, coming back. 学籍 is not touched here."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..loading.counts import recount
from ..models import ClassGroup, ClassMembership, Enrolment, Organisation, Person
from ..selectors.places import ids_of
from ..types.events import RelationsChanged
from ..types.words import Attendance, ClassKind, Leave
from .facts import locked_class, locked_person, require_day, require_reason


@transaction.atomic
def move_to_class(
    *, actor: Actor, person_id: UUID, class_id: UUID, on: date, reason: str, number: int | None = None
) -> None:
    """调班: another class of the same school and grade from a day on; the former seat ends that day.

    Needs the right to edit pupils at the school. Raises :class:`Invalid` (``other_grade``) for a class that does not
    have the child's grade: 跳级 and 留级 are not a change of class.
    """
    person, group = locked_person(person_id), locked_class(class_id)
    policies.require_edit_pupils_at(actor, str(group.school.path))
    _require_living(person)
    require_reason(reason)
    ids = ids_of(person.id)
    sits = _open_enrolment(ids, group.school_id)
    _require_seat(group, sits.grade)
    former = [seat for seat in _open_seats(ids, group.school_id) if seat.class_group.kind != ClassKind.TEACHING]
    if any(seat.class_group_id == group.id for seat in former):
        raise Conflict(_("这名学生已经在这个班。"), code="already_there")
    if sits.attendance == Attendance.ABSENT and not former:
        raise Conflict(_("这名学生不在校，请先登记返校。"), code="absent")
    require_day(on, not_before=max([sits.valid_from, *(seat.valid_from for seat in former)]))
    _end_seats(former, on)
    ClassMembership.objects.create(class_group=group, person=person, number=number, source="local", valid_from=on)
    data = {
        "from": [str(seat.class_group_id) for seat in former], "to": str(group.id), "on": on.isoformat(),
        "reason": reason.strip()[:200],
    }  # fmt: skip
    _trace(actor, "registry.person.class_moved", person, group.school, data)


@transaction.atomic
def leave_school(
    *, actor: Actor, person_id: UUID, school_id: UUID, on: date, kind: str, reason: str, expected_on: date | None = None
) -> None:
    """A child leaves: ``suspended`` (休学, illness …; stays in the school's list as 有籍不在读, with the day by which it
    should be back) or ``left`` (the 就读 ends, the account stays). Seats end that day.

    学籍 changes only in the national system.
    """
    person, school = locked_person(person_id), _school(school_id)
    policies.require_edit_pupils_at(actor, str(school.path))
    _require_living(person)
    require_reason(reason)
    if kind not in Leave.values:
        raise Invalid(_("请选择离校方式。"), code="unknown_kind")
    ids = ids_of(person.id)
    sits = _open_enrolment(ids, school.id)
    seats = _open_seats(ids, school.id)
    require_day(on, not_before=max([sits.valid_from, *(seat.valid_from for seat in seats)]))
    if kind == Leave.SUSPENDED:
        if sits.attendance == Attendance.ABSENT:
            raise Conflict(_("这名学生已经登记为不在校。"), code="already_absent")
        if expected_on is None or expected_on <= on:
            told = _("请填写预计返校日期，晚于离校日期。")
            raise Invalid(told, code="expected_missing", details={"expected_on": told})
    _end_seats(seats, on)
    _end_enrolment(sits, on)
    if kind == Leave.SUSPENDED:
        _open(sits, person, on, attendance=Attendance.ABSENT, reason=reason.strip()[:200], expected_on=expected_on)
    data = {"kind": kind, "on": on.isoformat(), "reason": reason.strip()[:200]}
    _trace(actor, "registry.person.left", person, school, data)


@transaction.atomic
def prolong_absence(*, actor: Actor, person_id: UUID, school_id: UUID, until: date, reason: str) -> None:
    """A child that is absent is expected later than was said: 休学 goes on. Repeating changes nothing.

    Raises :class:`Conflict` for a child that is not absent, :class:`Invalid` for a day that is not later.
    """
    person, school = locked_person(person_id), _school(school_id)
    policies.require_edit_pupils_at(actor, str(school.path))
    _require_living(person)
    require_reason(reason)
    sits = _open_enrolment(ids_of(person.id), school.id)
    if sits.attendance != Attendance.ABSENT:
        raise Conflict(_("这名学生没有登记休学。"), code="not_absent")
    if sits.expected_on == until:
        return
    if sits.expected_on is not None and until < sits.expected_on:
        told = _("延长后的日期要晚于原来的返校日期。")
        raise Invalid(told, code="not_later", details={"expected_on": told})
    Enrolment.objects.filter(id=sits.id).update(expected_on=until, reason=reason.strip()[:200])
    _trace(actor, "registry.person.absence_prolonged", person, school, {"until": until.isoformat()})


@transaction.atomic
def return_to_school(
    *,
    actor: Actor,
    person_id: UUID,
    class_id: UUID,
    on: date,
    attendance: str = Attendance.REGISTERED,
    reason: str = "",
) -> None:
    """A child that was absent, or had left, sits in a class of the school from a day on.

    The grade is the class's (one of the class's for 复式: the former grade if it is among them, else the first).
    Raises :class:`Conflict` for a child that sits here already.
    """
    person, group = locked_person(person_id), locked_class(class_id)
    school = group.school
    policies.require_edit_pupils_at(actor, str(school.path))
    policies.require_edit_person(actor, person)
    _require_living(person)
    if attendance not in set(Attendance.values) - {Attendance.ABSENT}:
        raise Invalid(_("请选择就读方式。"), code="unknown_kind")
    ids = ids_of(person.id)
    open_ones = list(Enrolment.objects.filter(person_id__in=ids, school_id=school.id, valid_to=None))
    if any(row.attendance != Attendance.ABSENT for row in open_ones):
        raise Conflict(_("这名学生现在就在本校就读。"), code="already_there")
    last = Enrolment.objects.filter(person_id__in=ids, school_id=school.id).order_by("-valid_from", "-id").first()
    if last is None:
        raise Forbidden()
    grade = last.grade if last.grade in group.grades else group.grades[0] if group.grades else last.grade
    _require_seat(group, grade)
    former = [seat for seat in _open_seats(ids, school.id) if seat.class_group.kind != ClassKind.TEACHING]
    begun = [last.valid_to or last.valid_from, last.valid_from, *(seat.valid_from for seat in former)]
    require_day(on, not_before=max(begun))
    _end_seats(former, on)
    for row in open_ones:
        _end_enrolment(row, on)
    _open(last, person, on, attendance=attendance, grade=grade, reason=reason.strip()[:200])
    ClassMembership.objects.create(class_group=group, person=person, source="local", valid_from=on)
    data = {"to": str(group.id), "on": on.isoformat(), "reason": reason.strip()[:200]}
    _trace(actor, "registry.person.returned", person, school, data)


def _school(school_id: UUID) -> Organisation:
    found = Organisation.objects.filter(id=school_id).first()
    if found is None:
        raise Forbidden()
    return found


def _require_living(person: Person) -> None:
    if person.deceased_on is not None:
        raise Conflict(_("这个人已经登记去世。"), code="deceased")


def _require_seat(group: ClassGroup, grade: str) -> None:
    if not ClassGroup.objects.in_use().filter(id=group.id).exists():
        raise Invalid(_("这个班级已经撤销，或者不是本学年的。"), code="class_closed")
    if grade and group.grades and grade not in group.grades:
        told = _("这个班没有这名学生所在的年级；跳级、留级不用调班办理。")
        raise Invalid(told, code="other_grade", details={"class_id": told})


def _open_enrolment(ids: tuple[UUID, ...], school_id: UUID) -> Enrolment:
    rows = Enrolment.objects.select_for_update().filter(person_id__in=ids, school_id=school_id, valid_to=None)
    found = rows.order_by("-valid_from", "-id").first()
    if found is None:
        raise Forbidden()
    return found


def _open_seats(ids: tuple[UUID, ...], school_id: UUID) -> list[ClassMembership]:
    rows = ClassMembership.objects.filter(person_id__in=ids, class_group__school_id=school_id, valid_to=None)
    return list(rows.select_related("class_group"))


def _end_seats(seats: list[ClassMembership], on: date) -> None:
    """What began that very day leaves no episode of zero days."""
    ids = [seat.id for seat in seats]
    ClassMembership.objects.filter(id__in=ids, valid_from__gte=on).delete()
    ClassMembership.objects.filter(id__in=ids).update(valid_to=on)


def _end_enrolment(row: Enrolment, on: date) -> None:
    if row.valid_from >= on:
        Enrolment.objects.filter(id=row.id).delete()
    else:
        Enrolment.objects.filter(id=row.id).update(valid_to=on)


def _open(former: Enrolment, person: Person, on: date, **news: Any) -> None:
    values = {
        "person": person, "school_id": former.school_id, "path": former.path, "name_key": person.name_key,
        "grade": former.grade, "school_number": former.school_number, "boarding": former.boarding, "source": "local",
        "valid_from": on, **news,
    }  # fmt: skip
    Enrolment.objects.create(**values)


def _trace(actor: Actor, action: str, person: Person, school: Organisation, data: dict[str, Any]) -> None:
    recount([school.id])
    audit.record(actor, action, subject_kind="person", subject_id=person.id, path=str(school.path), data=data)
    changes.log("registry.person", [person.id])
    events.publish(RelationsChanged(person_ids=(person.id,)))
