"""任课 and class duties: one open assignment per cell and teacher, changed with dates, never overwritten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..models import Appointment, ClassGroup, Duty, Person, TeachingAssignment
from ..selectors.labels import subject_codes
from ..types.events import RelationsChanged
from ..types.words import DutyKind
from .facts import locked_class, require_day

MOST_PERIODS = Decimal(40)


def _require_colleague(group: ClassGroup, person_id: UUID) -> Person:
    if group.closed_on is not None:
        raise Conflict(_("这个班级已经撤销。"), code="class_closed")
    works = Appointment.objects.filter(person_id=person_id, organisation_id=group.school_id, valid_to=None)
    person = Person.objects.filter(id=person_id, deceased_on=None, canonical=None).first()
    if person is None or not works.exists():
        raise Invalid(_("这位教师不在本校任职。"), code="not_a_colleague")
    return person


@transaction.atomic
def set_teaching(
    *, actor: Actor, class_id: UUID, subject: str, person_id: UUID, weekly_periods: Decimal | None = None,
    replace: bool = True,
) -> int:  # fmt: skip
    """Let a teacher of the school teach a subject in a class from today on; returns the assignment's id.

    ``replace`` ends what others teach in that cell. Repeating it changes nothing. Raises :class:`Forbidden` without the
    right, :class:`Invalid` for an unknown subject, a stranger, or more than 40 periods.
    """
    group = locked_class(class_id)
    policies.require_edit_teaching(actor, str(group.school.path))
    code = subject_codes().get(subject, "")
    if not code:
        raise Invalid(_("没有学科“%(subject)s”。") % {"subject": subject}, code="unknown_subject")
    if weekly_periods is not None and not 0 <= weekly_periods <= MOST_PERIODS:
        raise Invalid(_("周课时应在 0 到 40 之间。"), code="bad_periods")
    person = _require_colleague(group, person_id)
    open_ones = list(TeachingAssignment.objects.filter(class_group=group, subject=code, valid_to=None))
    same = next((row for row in open_ones if row.person_id == person.id), None)
    ended = [row for row in open_ones if row is not same] if replace else []
    if same and not ended and same.weekly_periods == weekly_periods:
        return same.id
    _end(ended)
    if same:
        TeachingAssignment.objects.filter(id=same.id).update(weekly_periods=weekly_periods)
    else:
        same = TeachingAssignment.objects.create(
            class_group=group, person=person, subject=code, weekly_periods=weekly_periods, source="local",
            valid_from=today(),
        )  # fmt: skip
    _trace(actor, "registry.teaching.set", group, code, [person.id, *(row.person_id for row in ended)])
    return same.id


@transaction.atomic
def end_teaching(*, actor: Actor, assignment_id: int) -> None:
    """End an assignment today. Raises :class:`Conflict` when it has ended already."""
    row = TeachingAssignment.objects.filter(id=assignment_id).first()
    if row is None:
        raise Forbidden()
    group = locked_class(row.class_group_id)
    policies.require_edit_teaching(actor, str(group.school.path))
    row.refresh_from_db()
    if row.valid_to is not None:
        raise Conflict(_("这项任课已经结束。"), code="already_ended")
    _end([row])
    _trace(actor, "registry.teaching.ended", group, row.subject, [row.person_id])


def _end(rows: Iterable[TeachingAssignment]) -> None:
    """What began today leaves no episode of zero days behind."""
    for row in rows:
        if row.valid_from >= today():
            row.delete()
        else:
            TeachingAssignment.objects.filter(id=row.id).update(valid_to=today())


@transaction.atomic
def assign_head(
    *, actor: Actor, class_id: UUID, person_id: UUID, kind: str = DutyKind.HEAD_TEACHER, on: date | None = None
) -> None:
    """Make a teacher of the school 班主任 (or 副班主任) of the class from a day (today) on; the former one ends that day.

    Raises :class:`Invalid` for a day in the future or before the former one began.
    """
    on = on or today()
    group = locked_class(class_id)
    policies.require_edit_class(actor, group, str(group.school.path))
    if kind not in (DutyKind.HEAD_TEACHER, DutyKind.DEPUTY_HEAD_TEACHER):
        raise Invalid(_("班级职务只有班主任和副班主任。"), code="bad_duty")
    person = _require_colleague(group, person_id)
    open_ones = list(Duty.objects.filter(class_group=group, kind=kind, valid_to=None))
    if [row.person_id for row in open_ones] == [person.id]:
        return
    others = [row for row in open_ones if row.person_id != person.id]
    require_day(on, not_before=max((row.valid_from for row in others), default=None))
    _end_duties(others, on)
    if len(others) == len(open_ones):
        Duty.objects.create(
            person=person, organisation=group.school, path=group.school.path, kind=kind, class_group=group, source="local",
            valid_from=on,
        )  # fmt: skip
    _trace(actor, "registry.class.head_assigned", group, kind, [person.id, *(row.person_id for row in others)])


@transaction.atomic
def end_head(*, actor: Actor, class_id: UUID, kind: str = DutyKind.HEAD_TEACHER) -> None:
    """Leave the class without a head teacher from today on. Raises :class:`Conflict` when it has none."""
    group = locked_class(class_id)
    policies.require_edit_class(actor, group, str(group.school.path))
    rows = list(Duty.objects.filter(class_group=group, kind=kind, valid_to=None))
    if not rows:
        raise Conflict(_("这个班现在没有班主任。"), code="no_head")
    _end_duties(rows, today())
    _trace(actor, "registry.class.head_ended", group, kind, [row.person_id for row in rows])


def _end_duties(rows: Iterable[Duty], on: date) -> None:
    for row in rows:
        if row.valid_from >= on:
            row.delete()
        else:
            Duty.objects.filter(id=row.id).update(valid_to=on)


def _trace(actor: Actor, action: str, group: ClassGroup, what: str, people: list[UUID]) -> None:
    audit.record(
        actor, action, subject_kind="class", subject_id=group.id, path=str(group.school.path),
        data={"what": what, "people": [str(person_id) for person_id in people]},
    )  # fmt: skip
    changes.log("registry.class", [group.id])
    events.publish(RelationsChanged(person_ids=tuple(people)))
