"""Setting the kinds of leave and the limits of a place."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Invalid

from .. import policies
from ..models import LeaveRule
from ..selectors.rules import stored
from ..types.values import Kind
from ..types.words import Audience

MOST_KINDS, MOST_DAYS = 20, Decimal(200)


@transaction.atomic
def set_rules(
    *, actor: Actor, organisation: Any, audience: str, first: Decimal, second: Decimal, kinds: Sequence[Kind]
) -> None:
    """What counts at a place and below, until a place below says otherwise."""
    policies.require_rules(actor, organisation)
    if audience not in Audience.values:
        raise Invalid(_("请选择学生或教职工。"), code="bad_audience")
    if not 0 < first <= second <= MOST_DAYS:
        sentence = _("天数要逐步增加，第一步至少半天。")
        raise Invalid(sentence, code="bad_days", details={"second": sentence})
    codes = [kind.code for kind in kinds]
    if not kinds or len(kinds) > MOST_KINDS or len(set(codes)) != len(codes) or not all(kind.name for kind in kinds):
        sentence = _("写 1 到 20 种假，名称不能重复。")
        raise Invalid(sentence, code="bad_kinds", details={"kinds": sentence})
    row, made = LeaveRule.objects.update_or_create(
        organisation=organisation, audience=audience,
        defaults={"first_days": first, "second_days": second, "kinds": list(map(stored, kinds))},
    )  # fmt: skip
    _trace(actor, organisation, "office.rules.set", row.id, "c" if made else "u")


@transaction.atomic
def unset_rules(*, actor: Actor, organisation: Any, audience: str) -> None:
    """Back to what the place above says."""
    policies.require_rules(actor, organisation)
    for row in LeaveRule.objects.select_for_update().filter(organisation=organisation, audience=audience):
        _trace(actor, organisation, "office.rules.unset", row.id, "d")
        row.delete()


def _trace(actor: Actor, organisation: Any, action: str, rule_id: int, operation: str) -> None:
    audit.record(
        actor, action, subject_kind="organisation", subject_id=organisation.id, path=str(organisation.path),
        data={"rule": rule_id},
    )  # fmt: skip
    changes.log("office.rule", [rule_id], operation)
