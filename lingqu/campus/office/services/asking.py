"""Leave that is asked for online: the way into a case, and what the case calls when it is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.language import writing_to

from .. import policies, register
from ..models import OnlineLeave
from ..selectors.absences import counting, last_day, meeting, school_days
from ..selectors.rules import online_at, rules_at
from ..types.processes import DESIGNS, PUPIL_KEY, STAFF_KEY
from ..types.values import NewAbsence
from ..types.words import Audience, Way
from .absences import record_absence, require_possible

NOON = time(12, 30)
SYSTEM = Actor.system("office")


@transaction.atomic
def offer(*, actor: Actor, organisation: Any, is_on: bool = True, reason: str = "") -> None:
    """Leave can be asked for online at a place and below, or no longer; cases under way run on. Switched on, both processes
    are put in force or brought up to date. Raises :class:`Invalid` without a reason for switching off: families read it."""
    policies.require_rules(actor, organisation)
    if not is_on and len(reason.strip()) < 2:
        raise Invalid(_("停用要写明理由，家长和教师会看到。"), code="no_reason")
    if is_on:
        for design in DESIGNS.values():
            workflow.install(actor=SYSTEM, organisation=organisation, design=design())
    values = {"is_on": is_on, "reason": reason.strip()[:200], "set_by": actor.name, "set_at": now()}
    row, made = OnlineLeave.objects.update_or_create(organisation=organisation, defaults=values)
    audit.record(
        actor, "office.online.offered" if is_on else "office.online.stopped", subject_kind="organisation",
        subject_id=organisation.id, path=str(organisation.path), data={"reason": values["reason"]},
    )  # fmt: skip
    changes.log("office.online", [row.id], "c" if made else "u")


@transaction.atomic
def ask(*, actor: Actor, new: NewAbsence) -> UUID:
    """A guardian asks for a child, a teacher for oneself; returns the case.

    Raises :class:`Forbidden` for somebody else's child (代办人 do not ask), :class:`Invalid` and :class:`Conflict` for leave
    that could not be recorded, :class:`NotFound` where leave is not asked for online.
    """
    if new.audience == Audience.PUPIL:
        group = register.get_class(new.class_id) if new.class_id else None
        if group is None or not _guards(actor, new.person_id):
            raise Forbidden()
        school, key = group.school, PUPIL_KEY
    else:
        school, key = register.organisations().filter(id=new.school_id).first(), STAFF_KEY
        if school is None or actor.person_id is None or new.person_id not in registry.ids_of(actor.person_id):
            raise Forbidden()
    if not online_at(str(school.path)).is_on:
        raise NotFound(_("这里没有启用网上请假。"), code="not_online")
    require_possible(replace(new, approved_by=actor.name))
    part = "afternoon" if new.starts_at else "morning" if new.ends_at else "whole"
    fields: dict[str, Any] = {
        "kind": new.kind, "starts_on": new.starts_on.isoformat(), "ends_on": new.ends_on.isoformat(), "part": part,
        "reason": new.reason,
    }  # fmt: skip
    if new.audience == Audience.PUPIL:
        fields["symptoms"] = list(new.symptoms)
    case = workflow.start(actor=actor, key=key, organisation_id=school.id, fields=fields, subject_id=new.person_id)
    return case.id


def _guards(actor: Actor, child_id: UUID) -> bool:
    return any(one.pupil.person.id == child_id and not one.is_proxy for one in registry.list_children(actor))


def read_part(part: str) -> tuple[time | None, time | None]:
    """First and last clock time of a morning or an afternoon."""
    return (NOON if part == "afternoon" else None, NOON if part == "morning" else None)


def weigh(_actor: Actor, request: workflow.Ask) -> str:
    """1, 2 or 3: how far up the leave has to go. What cannot be read goes to the first step, who may send it back."""
    case, fields = request.case, request.case.fields
    try:
        first, last = date.fromisoformat(str(fields.get("starts_on"))), date.fromisoformat(str(fields.get("ends_on")))
    except ValueError:
        return "1"
    if not 0 <= (last - first).days <= 366:
        return "1"
    audience = Audience.STAFF if case.key == STAFF_KEY else Audience.PUPIL
    days = school_days(case.path, first, last, *read_part(str(fields.get("part") or "")))
    return str(rules_at(case.path, audience).step(days))


def record(_actor: Actor, request: workflow.Ask) -> str:
    """The absence that was decided; its id. The same leave asked for twice (by both parents) is one."""
    new = _new_of(request.case)
    try:
        return str(record_absence(actor=SYSTEM, new=new))
    except Conflict:
        rows = counting().filter(meeting(new.starts_on, new.ends_on), person_id__in=registry.ids_of(new.person_id))
        same = next((one for one in rows if one.starts_on <= new.starts_on and last_day(one) >= new.ends_on), None)
        if same is None:
            raise
        return str(same.id)


def _new_of(case: workflow.CaseFact) -> NewAbsence:
    fields: Mapping[str, Any] = case.fields
    if case.subject_id is None:
        raise Invalid(_("请写明是谁请假。"), code="nobody")
    try:
        first, last = date.fromisoformat(str(fields["starts_on"])), date.fromisoformat(str(fields["ends_on"]))
    except (KeyError, ValueError) as error:
        raise Invalid(_("日期写成 2026-09-01 的样子。"), code="bad_day") from error
    starts_at, ends_at = read_part(str(fields.get("part") or ""))
    with writing_to():
        granted = _("网上审批 %(number)s") % {"number": case.number}
    starter = (
        register.people().filter(id=case.starter_id).values_list("name", flat=True).first() if case.starter_id else ""
    )
    is_staff = case.key == STAFF_KEY
    return NewAbsence(
        audience=Audience.STAFF if is_staff else Audience.PUPIL, person_id=case.subject_id, kind=str(fields.get("kind")),
        starts_on=first, ends_on=last, starts_at=starts_at, ends_at=ends_at, way=Way.ONLINE, approved_by=granted,
        school_id=case.organisation_id if is_staff else None, class_id=None if is_staff else class_of(case.subject_id),
        symptoms=[str(one) for one in fields.get("symptoms") or ()], reason=str(fields.get("reason") or ""),
        asked_by=starter or "", accepts_quota=True, case_id=case.id,
    )  # fmt: skip


def class_of(person_id: UUID) -> UUID | None:
    """The class in which a pupil sits now, an administrative one before others."""
    rows = register.memberships().filter(person_id__in=registry.ids_of(person_id), valid_to=None)
    found = sorted(
        rows.values_list("class_group_id", "class_group__kind", "id"), key=lambda one: (one[1] == "teaching", one[2])
    )
    return found[0][0] if found else None
