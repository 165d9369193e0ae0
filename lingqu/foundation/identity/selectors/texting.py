"""Budgets and use of SMS, templates, and what failed lately."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from lingqu.kernel import delivery
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import today
from lingqu.kernel.models import Message

from .. import policies
from ..models import SmsTemplate, SmsUse
from ..types.values import Budget, Failure, TemplateRow
from ..types.words import TemplateState

BUDGET_SQL = """
SELECT o.name, b.monthly, b.stopped, o.id = %(id)s FROM registry_organisation x
JOIN registry_organisation o ON o.path @> x.path JOIN identity_smsbudget b ON b.organisation_id = o.id
WHERE x.id = COALESCE(%(id)s, (SELECT r.id FROM registry_organisation r WHERE r.parent_id IS NULL LIMIT 1))
ORDER BY nlevel(o.path) DESC
"""
MOST_FAILURES = 20
MONTHS = 12


def budget_of(organisation_id: UUID | None) -> Budget:
    """The nearest number at or above a place, and who stopped it; one statement. None asks for the region's stop only."""
    with connection.cursor() as cursor:
        cursor.execute(BUDGET_SQL, {"id": organisation_id})
        rows = cursor.fetchall()
    said = next(((name, monthly) for name, monthly, _stopped, _own in rows if monthly is not None), None)
    own = next(((monthly, stopped) for _name, monthly, stopped, is_own in rows if is_own), (None, False))
    return Budget(
        monthly=said[1] if said else int(settings.LINGQU_SMS_BUDGET), said_by=said[0] if said else "",
        stopped_by=next((name for name, _monthly, stopped, _own in rows if stopped), ""), own_monthly=own[0],
        is_stopped=own[1],
    )  # fmt: skip


def list_use(*, actor: Actor, organisation: Any) -> tuple[SmsUse, ...]:
    """A year of use, the newest month first."""
    require(policies.may_see_sms_budget(actor, organisation))
    return tuple(SmsUse.objects.filter(organisation=organisation).order_by("-month")[:MONTHS])


def used_this_month(organisation: Any) -> int:
    found = SmsUse.objects.filter(organisation=organisation, month=today().replace(day=1)).first()
    return found.sent if found else 0


def list_below(*, actor: Actor, organisation: Any, most: int = 50) -> tuple[tuple[str, str, int], ...]:
    """Schools below a place that used most this month: name, code, number."""
    require(policies.may_set_sms_budget(actor, organisation))
    rows = SmsUse.objects.filter(month=today().replace(day=1), organisation__path__within=str(organisation.path))
    found = rows.exclude(organisation=organisation).order_by("-sent", "organisation_id").select_related("organisation")
    return tuple((row.organisation.name, row.organisation.code or "", row.sent) for row in found[:most])


def list_templates(*, actor: Actor) -> tuple[TemplateRow, ...]:
    """Every kind of SMS with its template, if there is one."""
    require(policies.may_manage_texting(actor))
    held = {row.kind: row for row in SmsTemplate.objects.all()}
    return tuple(
        TemplateRow(
            kind=kind.code, title=str(kind.title), params=kind.params, code=row.code if row else "",
            sign_name=row.sign_name if row else "", state=row.state if row else "",
            state_label=str(TemplateState(row.state).label) if row else "",
        )
        for kind in sorted(delivery.KINDS.values(), key=lambda kind: kind.code)
        for row in (held.get(kind.code),)
    )  # fmt: skip


def list_failures(*, actor: Actor) -> tuple[Failure, ...]:
    """SMS that did not arrive lately, with the cause in words; never to whom."""
    require(policies.may_manage_texting(actor))
    rows = Message.objects.filter(channel="sms").exclude(error="").order_by("-created_at")[:MOST_FAILURES]
    kinds = delivery.KINDS
    return tuple(
        Failure(
            at=row.created_at, title=str(kinds[row.kind].title) if row.kind in kinds else row.kind,
            cause=str(delivery.WORDS.get(row.error, row.error)), code=row.error,
        )
        for row in rows
    )  # fmt: skip
