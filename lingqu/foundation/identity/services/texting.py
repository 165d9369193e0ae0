"""The gate of every SMS: an approved template where the service wants one, the budget of the school, the region's stop."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, delivery
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Invalid

from .. import policies
from ..models import SmsBudget, SmsTemplate
from ..selectors.texting import budget_of
from ..types.words import TemplateState

MOST_MONTHLY = 1_000_000
MOST_TEXT = 64
LEAST_KEPT_MONTHS = 36


class NoTemplate(delivery.NotAdmitted):
    """No approved template for this kind of message: it would be refused by the service."""

    code = "no_template"


class BudgetUsedUp(delivery.NotAdmitted):
    """The school has sent as many as it may this month."""

    code = "sms_budget_used_up"


class TextingStopped(delivery.NotAdmitted):
    """The region has stopped SMS."""

    code = "sms_stopped"


def admit(planned: delivery.Planned) -> delivery.Template | None:
    """The gate: refuse, or count the message for who pays. A message that is rolled back is not counted."""
    budget = budget_of(planned.charge_to)
    if budget.stopped_by:
        raise TextingStopped(_("%(name)s已停发短信，请改用其他办法，或联系管理员。") % {"name": budget.stopped_by})
    template = _template_of(planned) if planned.needs_template else None
    if planned.charge_to is not None:
        _charge(planned.charge_to, budget.monthly)
    return template


def _template_of(planned: delivery.Planned) -> delivery.Template:
    found = SmsTemplate.objects.filter(kind=planned.kind, state=TemplateState.APPROVED).first()
    if found is None:
        raise NoTemplate(_("这类短信还没有报备通过的模板，现在发不出去。请联系系统管理员。"))
    known = delivery.KINDS.get(planned.kind)
    names = known.params if known else ()
    return delivery.Template(
        code=found.code, sign_name=found.sign_name, params=tuple((name, planned.params.get(name, "")) for name in names)
    )


def _charge(organisation_id: UUID, monthly: int) -> None:
    month = today().replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_smsuse AS held (organisation_id, month, sent)"
            " SELECT %(id)s, %(month)s, 1 WHERE %(most)s > 0"
            " ON CONFLICT (organisation_id, month) DO UPDATE SET sent = held.sent + 1 WHERE held.sent < %(most)s RETURNING 1",
            {"id": organisation_id, "month": month, "most": monthly},
        )
        if cursor.fetchone() is not None:
            return
    raise BudgetUsedUp(_("本校这个月的短信（%(n)d条）已用完，请联系学校管理员，或下月再试。") % {"n": monthly})


def save_template(*, actor: Actor, kind: str, code: str, sign_name: str, state: str) -> None:
    """What the service approved, as the system administrator enters it."""
    require(policies.may_manage_texting(actor))
    code, sign_name = code.strip(), sign_name.strip()
    if kind not in delivery.KINDS:
        raise Invalid(_("没有这类短信。"), code="unknown_kind")
    details = {}
    if not code or len(code) > MOST_TEXT:
        details["code"] = _("请填写短信平台的模板编号。")
    if not sign_name or len(sign_name) > MOST_TEXT:
        details["sign_name"] = _("请填写短信签名。")
    if state not in TemplateState.values:
        details["state"] = _("请选择状态。")
    if details:
        raise Invalid(next(iter(details.values())), details=details)
    with transaction.atomic():
        SmsTemplate.objects.update_or_create(
            kind=kind,
            defaults={
                "code": code, "sign_name": sign_name, "state": state, "changed_by": actor.name, "changed_at": now(),
            },
        )  # fmt: skip
        audit.record(
            actor, "identity.sms.template_saved", subject_kind="sms_template", subject_id=kind,
            data={"code": code, "state": state},
        )  # fmt: skip


def set_budget(*, actor: Actor, organisation: Any, monthly: int | None, stopped: bool) -> None:
    """SMS a month for each school at or below a place; None: as the place above says. From above, never for oneself."""
    require(policies.may_set_sms_budget(actor, organisation))
    if monthly is not None and not 0 <= monthly <= MOST_MONTHLY:
        told = _("条数在 0 到 %(most)d 之间。") % {"most": MOST_MONTHLY}
        raise Invalid(told, code="out_of_range", details={"monthly": told})
    with transaction.atomic():
        SmsBudget.objects.update_or_create(
            organisation=organisation,
            defaults={"monthly": monthly, "stopped": stopped, "changed_by": actor.name, "changed_at": now()},
        )
        audit.record(
            actor, "identity.sms.budget_set", subject_kind="organisation", subject_id=organisation.id,
            path=str(organisation.path), data={"monthly": monthly, "stopped": stopped},
        )  # fmt: skip


def purge() -> int:
    """Use stays three years, like the trail."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM identity_smsuse WHERE month < (current_date - make_interval(months => %s))",
            [LEAST_KEPT_MONTHS],
        )
        return int(cursor.rowcount)
