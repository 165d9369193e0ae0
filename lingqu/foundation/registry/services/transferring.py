"""转学 between schools of the platform: 就读 may begin before the 学籍 follows, and is taken back; the mirror of the 学籍 follows
when the national system has settled it.

For modules above that run the case: they hold the consent of both schools. Who acts still needs the right to edit pupils at
the new school.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..loading.counts import recount
from ..models import ClassGroup, ClassMembership, Enrolment, Organisation, Person, RegisterEntry
from ..selectors.places import ids_of
from ..types.events import RelationsChanged
from ..types.words import Attendance
from .facts import locked_class, locked_person, require_day

TRANSFER = "transfer"
"""Source of a 就读 and of a 学籍 that a transfer brought; reconciliation knows the former as 转学途中."""


@transaction.atomic
def sit_at_new_school(*, actor: Actor, person_id: UUID, class_id: UUID, on: date) -> dict[str, list[int]]:
    """The child sits in a class of another school from a day on, its 学籍 still where it was (无籍借读 here until it follows).

    Ends the open 就读 and seats elsewhere. Answers what :func:`sit_back` needs to take it back.
    """
    person, group = locked_person(person_id), locked_class(class_id)
    policies.require_edit_pupils_at(actor, str(group.school.path))
    if person.deceased_on is not None:
        raise Conflict(_("这个人已经登记去世。"), code="deceased")
    if not ClassGroup.objects.in_use().filter(id=group.id).exists():
        raise Invalid(_("这个班级已经撤销，或者不是本学年的。"), code="class_closed")
    ids = ids_of(person.id)
    former = list(Enrolment.objects.select_for_update().filter(person_id__in=ids, valid_to=None).order_by("id"))
    if any(row.school_id == group.school_id for row in former):
        raise Conflict(_("这名学生现在就在本校就读。"), code="already_there")
    seats = list(ClassMembership.objects.select_for_update().filter(person_id__in=ids, valid_to=None))
    begun = [*(row.valid_from for row in former), *(seat.valid_from for seat in seats)]
    require_day(on, not_before=max(begun, default=on))
    grade = next((row.grade for row in former if row.grade in group.grades), group.grades[0] if group.grades else "")
    Enrolment.objects.filter(id__in=[row.id for row in former]).update(valid_to=on)
    ClassMembership.objects.filter(id__in=[row.id for row in seats]).update(valid_to=on)
    made = Enrolment.objects.create(
        person=person, school=group.school, path=group.school.path, name_key=person.name_key, grade=grade,
        attendance=Attendance.GUEST, source=TRANSFER, reason=_("转学，待国家系统办结"), valid_from=on,
    )  # fmt: skip
    seat = ClassMembership.objects.create(class_group=group, person=person, source=TRANSFER, valid_from=on)
    _trace(actor, "registry.person.transfer_sat", person, group.school, [row.school_id for row in former])
    return {
        "enrolments": [row.id for row in former], "seats": [row.id for row in seats], "made": [made.id],
        "made_seats": [seat.id],
    }  # fmt: skip


@transaction.atomic
def sit_back(*, actor: Actor, person_id: UUID, school_id: UUID, took: dict[str, list[int]]) -> None:
    """The transfer does not come about: the child sits again where it sat, as if it had never left."""
    person, school = locked_person(person_id), _school(school_id)
    policies.require_edit_pupils_at(actor, str(school.path))
    ids = ids_of(person.id)
    made = Enrolment.objects.select_for_update().filter(id__in=took["made"], person_id__in=ids, valid_to=None)
    if made.count() != len(took["made"]):
        raise Conflict(_("就读登记后来又有变动，请人工核对。"), code="moved_on")
    made.delete()
    ClassMembership.objects.filter(id__in=took["made_seats"], person_id__in=ids).delete()
    former = Enrolment.objects.filter(id__in=took["enrolments"], person_id__in=ids)
    former.update(valid_to=None)
    ClassMembership.objects.filter(id__in=took["seats"], person_id__in=ids).update(valid_to=None)
    _trace(actor, "registry.person.transfer_undone", person, school, list(former.values_list("school_id", flat=True)))


@transaction.atomic
def follow_register(*, actor: Actor, person_id: UUID, school_id: UUID, on: date) -> None:
    """The mirror of the 学籍 follows what the national system settled: it is held at the new school from a day on, and a child
    that sits there already is no guest any more. Repeating changes nothing.

    Raises :class:`Conflict` for a child without 学籍 here, without 就读 at the school, or dead.
    """
    person, school = locked_person(person_id), _school(school_id)
    policies.require_edit_pupils_at(actor, str(school.path))
    if person.deceased_on is not None:
        raise Conflict(_("这个人已经登记去世。"), code="deceased")
    ids = ids_of(person.id)
    entries = list(RegisterEntry.objects.select_for_update().filter(person_id__in=ids, valid_to=None).order_by("id"))
    if not entries:
        raise Conflict(_("本平台没有这名学生的学籍。"), code="no_register")
    sits = Enrolment.objects.filter(person_id__in=ids, school=school, valid_to=None)
    if not sits.exists():
        raise Conflict(_("这名学生还没有在新学校登记就读。"), code="not_sitting")
    sits.filter(source=TRANSFER, attendance=Attendance.GUEST).update(attendance=Attendance.REGISTERED, reason="")
    if not any(row.school_id == school.id for row in entries):
        last = entries[-1]
        RegisterEntry.objects.filter(id__in=[row.id for row in entries], valid_from__lt=on).update(valid_to=on)
        RegisterEntry.objects.filter(id__in=[row.id for row in entries], valid_to=None).delete()
        RegisterEntry.objects.create(
            person=person, school=school, path=school.path, number_blind=last.number_blind, sealed=last.sealed,
            state="01", grade=last.grade, source=TRANSFER, as_of=on, valid_from=on,
        )  # fmt: skip
    _trace(actor, "registry.person.register_followed", person, school, [row.school_id for row in entries])


def _school(school_id: UUID) -> Organisation:
    found = Organisation.objects.filter(id=school_id).first()
    if found is None:
        raise Forbidden()
    return found


def _trace(actor: Actor, action: str, person: Person, school: Organisation, others: Sequence[UUID]) -> None:
    recount(list({school.id, *others}))
    data = {"others": [str(one) for one in others]}
    audit.record(actor, action, subject_kind="person", subject_id=person.id, path=str(school.path), data=data)
    changes.log("registry.person", [person.id])
    events.publish(RelationsChanged(person_ids=(person.id,)))
