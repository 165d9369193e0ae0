"""What people do about findings: waive one with a reason, take that back, give a work order, change a rule."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..models import Finding, QualityRule, WorkOrder
from ..selectors.places import SCHOOL_KINDS, find_place
from ..types import FindingState, Severity
from . import desks


@transaction.atomic
def waive_finding(*, actor: Actor, finding_id: int, reason: str) -> Finding:
    """Say why a finding may stay: it leaves the score and the list until what it says changes. An empty reason takes a
    waiver back. Raises :class:`Conflict` for a finding that is gone."""
    row = Finding.objects.select_for_update(of=("self",)).select_related("school").filter(id=finding_id).first()
    if row is None or not policies.may_handle(actor, str(row.path)):
        raise Forbidden()
    if row.state == FindingState.GONE:
        raise Conflict(_("这个问题已经消除。"), code="finding_gone")
    text = reason.strip()[:200]
    if row.state == FindingState.OPEN and not text:
        raise Invalid(
            _("请写明为什么可以保留。"), code="reason_missing", details={"reason": _("请写明为什么可以保留。")}
        )
    row.state = FindingState.WAIVED if text else FindingState.OPEN
    row.reason, row.waived_by = text, actor.name if text else ""
    row.waived_at = clock.now() if text else None
    row.save(update_fields=["state", "reason", "waived_by", "waived_at"])
    audit.record(
        actor, "quality.finding.waived" if text else "quality.finding.reopened", subject_kind=row.subject_kind,
        subject_id=row.subject_id, path=str(row.path), data={"rule": row.rule_id, "finding": row.id},
    )  # fmt: skip
    return row


@transaction.atomic
def give_order(*, actor: Actor, code: str, deadline: date, note: str, with_hints: bool = False) -> WorkOrder:
    """Ask a school to mend what is open and in no other order. Raises :class:`Invalid` when there is nothing."""
    school = find_place(code)
    account_id = actor.account_id
    if (
        account_id is None
        or school is None
        or school.kind not in SCHOOL_KINDS
        or not policies.may_order(actor, str(school.path))
    ):
        raise Forbidden()
    if deadline < clock.today():
        told = _("期限不能早于今天。")
        raise Invalid(told, code="deadline_passed", details={"deadline": told})
    rows = Finding.objects.select_for_update().filter(school=school, state=FindingState.OPEN, work_order=None)
    if not with_hints:
        rows = rows.exclude(severity=Severity.HINT)
    ids = list(rows.values_list("id", flat=True))
    if not ids:
        raise Invalid(_("这所学校没有还未派单的问题。"), code="nothing_to_order")
    order = WorkOrder.objects.create(
        school=school, path=school.path, deadline=deadline, note=note.strip()[:200], total=len(ids), given_by=actor.name,
        given_by_account=account_id,
    )  # fmt: skip
    Finding.objects.filter(id__in=ids).update(work_order=order)
    desks.ask_school(order)
    audit.record(
        actor, "quality.order.given", subject_kind="organisation", subject_id=school.id, path=str(school.path),
        data={"order": order.id, "findings": len(ids)},
    )  # fmt: skip
    return order


@transaction.atomic
def edit_rule(*, actor: Actor, code: str, severity: str, is_active: bool, parameter: int | None) -> None:
    """Change how serious a rule is, its limit, or stop it. What it found is settled at the next evaluation."""
    require(policies.may_edit_rules(actor))
    rule = QualityRule.objects.select_for_update().filter(code=code).first()
    if rule is None:
        raise Forbidden()
    if severity not in Severity.values:
        raise Invalid(_("请选择严重程度。"), code="unknown_severity")
    if (rule.parameter is None) != (parameter is None) or (parameter is not None and not 1 <= parameter <= 1000):
        told = _("界限应为 1 至 1000 的整数。")
        raise Invalid(told, code="bad_limit", details={"parameter": told})
    before = {"severity": rule.severity, "active": rule.is_active, "parameter": rule.parameter}
    rule.severity, rule.is_active, rule.parameter, rule.changed_by = severity, is_active, parameter, actor.name
    rule.save(update_fields=["severity", "is_active", "parameter", "changed_by"])
    audit.record(actor, "quality.rule.changed", subject_kind="rule", subject_id=code, data={"before": before})
