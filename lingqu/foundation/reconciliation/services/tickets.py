"""关键数据变更: a wish with its evidence, opened from the person's page. The register itself stays as it is."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, crypto, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .. import policies, register
from ..models import Ticket
from ..types.events import TicketEnded
from ..types.words import TicketField, TicketState
from .deadlines import Deadlines, region_of
from .running import digest_of

_NAME = re.compile(r"[^\x00-\x1f<>=+@]{2,60}")
LIVE = (TicketState.ASKED, TicketState.OPEN)
_ID = re.compile(r"[A-Z0-9()/·.]{4,30}")


def school_of(person: Any) -> Any:
    """Where the child sits, else the school that keeps the record."""
    seat = register.enrolments().filter(person_id__in=registry.ids_of(person.id), valid_to=None).order_by("-id").first()
    return seat.school if seat else person.organisation


def _value(field: str, text: str) -> tuple[str, str]:
    """The wished value in the form of a file, and as it is shown."""
    text = text.strip()
    if field == TicketField.NAME and _NAME.fullmatch(text):
        return text, text
    if field == TicketField.SEX and text in ("1", "2"):
        return text, _("男") if text == "1" else _("女")
    if field == TicketField.BIRTH:
        try:
            born = date.fromisoformat(text)
        except ValueError:
            born = None
        if born and date(1990, 1, 1) <= born <= clock.today():
            return born.isoformat(), f"{born.year}-{born.month:02d}-**"
    if field == TicketField.ID and _ID.fullmatch(text.upper()):
        value = text.upper()
        return value, f"{value[:3]}****{value[-3:]}" if len(value) > 8 else "****"
    raise Invalid(_("想改成的值不对，请核对。"), details={"value": _("想改成的值不对，请核对。")})


@transaction.atomic
def open_ticket(*, actor: Actor, number: str, field: str, value: str, reason: str) -> Ticket:
    """Note what the national system should say about a child, once per field.

    Raises :class:`Invalid` for values of the wrong form, :class:`Conflict` while such a wish is open. Nothing of the person
    changes: the name, sex, birthday and ID number belong to the national system.
    """
    person = register.people().filter(number=number).select_related("organisation", "canonical__organisation").first()
    person = (person.canonical or person) if person else None
    if person is None:
        raise Forbidden()
    if not policies.may_work_at(actor, str(school_of(person).path)):
        raise Forbidden()
    return _make(actor, person, field, value, reason)


@transaction.atomic
def ask_ticket(*, actor: Actor, person_id: UUID, field: str, value: str, reason: str) -> Ticket:
    """The same wish of a family, not yet looked at by the school. For the module that knows who may ask for whom."""
    person = register.people().filter(id=person_id, deceased_on=None).select_related("organisation").first()
    if person is None:
        raise Forbidden()
    return _make(actor, person, field, value, reason, state=TicketState.ASKED)


@transaction.atomic
def link_case(*, person_id: UUID, case_id: UUID) -> Ticket:
    """The wish that a family has just written goes with a case. :class:`Conflict` without one."""
    rows = Ticket.objects.select_for_update().filter(
        person_id__in=registry.ids_of(person_id), state=TicketState.ASKED, case_id=None
    )
    ticket = rows.order_by("-opened_at").first()
    if ticket is None:
        raise Conflict(_("请从服务大厅的“关键数据变更”申请。"), code="no_ticket")
    ticket.case_id = case_id
    ticket.save(update_fields=["case_id"])
    return ticket


def find_ticket(case_id: UUID) -> Ticket | None:
    """The wish that a case is about."""
    return Ticket.objects.filter(case_id=case_id).first()


@transaction.atomic
def accept_ticket(*, actor: Actor, case_id: UUID) -> None:
    """The school has looked at the originals: the wish waits for the national file. Repeating changes nothing.

    For the case, which says who may. Raises :class:`Conflict` for one that is over.
    """
    ticket = Ticket.objects.select_for_update().get(case_id=case_id)
    if ticket.state == TicketState.OPEN:
        return
    if ticket.state != TicketState.ASKED:
        raise Conflict(_("这一条已经结束。"), code="ticket_closed")
    ticket.state, ticket.opened_by = TicketState.OPEN, actor.name
    ticket.save(update_fields=["state", "opened_by"])
    audit.record(actor, "reconciliation.ticket.opened", subject_kind="person", subject_id=ticket.person_id,
                 path=str(ticket.path), data={"field": ticket.field, "ticket": str(ticket.id)})  # fmt: skip


@transaction.atomic
def drop_ticket(*, actor: Actor, case_id: UUID) -> None:
    """The case does not come about: its wish is withdrawn. One that is over stays as it is."""
    ticket = Ticket.objects.select_for_update().filter(case_id=case_id).first()
    if ticket is not None and ticket.state in LIVE:
        _withdraw(actor, ticket)


def _make(
    actor: Actor, person: Any, field: str, value: str, reason: str, state: str = TicketState.OPEN
) -> Ticket:  # fmt: skip
    school = school_of(person)
    if field not in TicketField.values:
        raise Invalid(_("请选择要变更的项目。"), details={"field": _("请选择要变更的项目。")})
    kept, shown = _value(field, value)
    reason = reason.strip()[:500]
    if len(reason) < 2:
        raise Invalid(_("请写明理由。"), details={"reason": _("请写明理由。")})
    if Ticket.objects.filter(person=person, field=field, state__in=LIVE).exists():
        raise Conflict(_("这一项已经登记过变更，等国家文件。"), code="ticket_open")
    ticket = Ticket.objects.create(
        person=person, school=school, path=school.path, field=field, wanted_sealed=crypto.seal_fields({"value": kept}),
        wanted_shown=shown, wanted_digest=digest_of(field, kept), reason=reason, opened_by=actor.name, state=state,
        due_on=Deadlines().due_after(clock.today(), region_of(school.kind, str(school.path))),
    )  # fmt: skip
    audit.record(actor, f"reconciliation.ticket.{'asked' if state == TicketState.ASKED else 'opened'}",
                 subject_kind="person", subject_id=person.id, path=str(school.path),
                 data={"field": field, "ticket": str(ticket.id)})  # fmt: skip
    return ticket


def locked_ticket(actor: Actor, ticket_id: UUID) -> Ticket:
    """An open ticket that the actor may work on, locked until the end of the transaction."""
    ticket = Ticket.objects.select_for_update().filter(id=ticket_id).first()
    if ticket is None:
        raise NotFound()
    policies.require_work_ticket(actor, ticket)
    if ticket.state not in LIVE:
        raise Conflict(_("这一条已经结束。"), code="ticket_closed")
    return ticket


@transaction.atomic
def withdraw_ticket(*, actor: Actor, ticket_id: UUID) -> Ticket:
    """Take a wish back; it stays in the list as withdrawn."""
    return _withdraw(actor, locked_ticket(actor, ticket_id))


def _withdraw(actor: Actor, ticket: Ticket) -> Ticket:
    ticket.state = TicketState.WITHDRAWN
    ticket.save(update_fields=["state"])
    audit.record(actor, "reconciliation.ticket.withdrawn", subject_kind="person", subject_id=ticket.person_id,
                 path=str(ticket.path), data={"field": ticket.field, "ticket": str(ticket.id)})  # fmt: skip
    events.publish(TicketEnded(ticket_id=ticket.id, case_id=ticket.case_id, state=ticket.state))
    return ticket
