"""The facts of a transfer as its case moves: asked for, sits, submitted to the national system, settled or closed.

The case decides who acts and when; these functions are called by it (``processes``) under the case's lock, and by the import
of a national file. Each leaves its own trace.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes, clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import register
from ..models import Transfer
from ..selectors import checks, seats
from ..selectors.rules import seat_rules, transfer_rule
from ..selectors.standing import standing_of
from ..selectors.transfers import has_open
from ..types.rules import Reason, check_move
from ..types.words import TransferState

SERIAL = re.compile(r"[A-Za-z0-9-]{6,40}")


def reasons_against(person_id: UUID, to_school: Any) -> tuple[Reason, ...]:
    """Everything that stands against moving to a school today: window, grade, 学籍, an open transfer, no free place."""
    standing = standing_of(person_id)
    path = str(to_school.path)
    wish = checks.wish_of(
        standing, free=seats.free_at(to_school, standing.grade), has_open=has_open(person_id),
        to_school=to_school.id,
    )  # fmt: skip
    wish = replace(wish, schooling=to_school.schooling, stops_at_entry=seat_rules([path])[path].entry_stop)
    return check_move(transfer_rule(path), wish)


@transaction.atomic
def open_transfer(*, actor: Actor, person_id: UUID, to_school_id: UUID) -> Transfer:
    """Take a place of the grade at the new school. Raises :class:`Conflict` with every reason against it; of two who want the
    last place one wins.

    For the case that begins: who may ask is decided there.
    """
    school = register.schools().select_for_update().filter(id=to_school_id).first()
    if school is None:
        raise Forbidden()
    against = reasons_against(person_id, school)
    if against:
        raise Conflict(
            " ".join(one.text for one in against), code=against[0].code, details={one.code: one.text for one in against}
        )
    standing = standing_of(person_id)
    if standing.sits is None:
        raise Conflict(_("没有登记在哪所学校就读。"), code="not_sitting")
    made = Transfer.objects.create(
        person=standing.person, from_school=standing.sits.school, to_school=school, path=school.path,
        grade=standing.grade, asked_by=actor.name,
    )  # fmt: skip
    _trace(actor, "service_hall.transfer.asked", made, {"grade": made.grade})
    return made


@transaction.atomic
def link_case(*, transfer_id: UUID, case_id: UUID) -> None:
    Transfer.objects.filter(id=transfer_id).update(case_id=case_id)


@transaction.atomic
def sit(*, actor: Actor, transfer_id: UUID, class_id: UUID, on: date) -> dict[str, list[int]]:
    """就读 begins in a class of the new school; the 学籍 stays where it is."""
    row = _locked(transfer_id)
    if row.took is not None:
        raise Conflict(_("这名学生已经在新学校就读。"), code="already_there")
    group = register.classes().filter(id=class_id, school_id=row.to_school_id).first()
    if group is None:
        raise Invalid(_("请选择转入学校的班级。"), code="class", details={"class_id": _("请选择转入学校的班级。")})
    if row.grade not in group.grades:
        told = _("这个班不是%(grade)s。") % {"grade": registry.grade_label(row.grade)}
        raise Invalid(told, code="other_grade", details={"class_id": told})
    row.took = registry.sit_at_new_school(actor=trusted(actor), person_id=row.person_id, class_id=class_id, on=on)
    row.sits_from = on
    row.save(update_fields=["took", "sits_from"])
    _trace(actor, "service_hall.transfer.sat", row, {"on": on.isoformat()})
    return dict(row.took)


@transaction.atomic
def unsit(*, actor: Actor, transfer_id: UUID) -> None:
    """Take the 就读 back, when a transfer that has begun does not come about. Nothing to do for one that did not begin."""
    row = Transfer.objects.select_for_update().get(id=transfer_id)
    if row.took is None or row.state == TransferState.DONE:
        return
    registry.sit_back(actor=trusted(actor), person_id=row.person_id, school_id=row.to_school_id, took=row.took)
    row.took, row.sits_from = None, None
    row.save(update_fields=["took", "sits_from"])
    _trace(actor, "service_hall.transfer.sat_back", row, {})


@transaction.atomic
def submit(*, actor: Actor, transfer_id: UUID, serial: str) -> None:
    """The national system has the application: its serial number is recorded, the 学籍 waits (待国家系统办结)."""
    row, number = _locked(transfer_id), serial.strip().upper()
    if not SERIAL.fullmatch(number):
        told = _("流水号由 6 到 40 位字母、数字或短横组成，请照国家系统抄写。")
        raise Invalid(told, code="serial", details={"serial": told})
    if Transfer.objects.filter(serial=number).exclude(id=row.id).exclude(state=TransferState.CLOSED).exists():
        raise Conflict(_("这个流水号已经登记在另一件转学上。"), code="serial_taken")
    row.serial, row.state, row.submitted_on = number, TransferState.AWAITING, clock.today()
    row.save(update_fields=["serial", "state", "submitted_on"])
    _trace(actor, "service_hall.transfer.submitted", row, {"serial": number})


@transaction.atomic
def settle(*, actor: Actor, transfer_id: UUID, ending: str) -> None:
    """The national system has settled it, by its next file or by evidence: 学籍 and 就读 are at the new school.

    Raises :class:`Conflict` before the serial number is recorded, and for whatever the register refuses.
    """
    row = _locked(transfer_id)
    if row.state != TransferState.AWAITING:
        raise Conflict(_("还没有登记国家系统流水号，学籍不能转移。"), code="no_serial")
    registry.follow_register(
        actor=trusted(actor), person_id=row.person_id, school_id=row.to_school_id, on=clock.today()
    )  # fmt: skip
    _end(actor, row, TransferState.DONE, ending)


@transaction.atomic
def close(*, actor: Actor, transfer_id: UUID, ending: str) -> None:
    """It does not come about: the place is free again, a 就读 that began is taken back. Repeating changes nothing."""
    row = Transfer.objects.select_for_update().get(id=transfer_id)
    if row.ended_on is not None:
        return
    unsit(actor=actor, transfer_id=transfer_id)
    row.refresh_from_db()
    _end(actor, row, TransferState.CLOSED, ending)


def _end(actor: Actor, row: Transfer, state: str, ending: str) -> None:
    row.state, row.ending, row.ended_on = state, ending[:300], clock.today()
    row.save(update_fields=["state", "ending", "ended_on"])
    _trace(actor, f"service_hall.transfer.{state}", row, {})


def _locked(transfer_id: UUID) -> Transfer:
    row = Transfer.objects.select_for_update().filter(id=transfer_id).first()
    if row is None:
        raise Forbidden()
    if row.ended_on is not None:
        raise Conflict(_("这件转学已经结束：%(state)s。") % {"state": row.get_state_display()}, code="ended")
    return row


def trusted(actor: Actor) -> Actor:
    """Who completed the step, acting for the case: it holds the consent of both schools, not every right of theirs."""
    return replace(actor, kind="system")


def _trace(actor: Actor, action: str, row: Transfer, data: dict[str, object]) -> None:
    audit.record(
        actor, action, subject_kind="service_hall.transfer", subject_id=row.id, path=str(row.path), data=data
    )  # fmt: skip
    changes.log("service_hall.transfer", [row.id])
