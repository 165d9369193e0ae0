"""Saying which roles must have a second factor."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Invalid

from .. import roles
from ..models import FactorRule, RoleAssignment
from ..selectors.factors import NEVER, factor_need
from ..types import rights
from . import signing_in

MOST_GRACE = 90


def set_rule(*, actor: Actor, wanted: Iterable[str], grace_days: int) -> None:
    """From now on these roles need a second factor; with a further role every grace (0 to 90 days) begins today.

    Whoever holds one is asked at the next request, or reads how many days are left.
    """
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    chosen = sorted(set(wanted))
    if any(code not in roles.ROLES or code in NEVER for code in chosen):
        raise Invalid(_("有一个角色不能要求两步验证。"), code="role_without_factor")
    if not 0 <= grace_days <= MOST_GRACE:
        message = _("宽限天数在0到%(most)d之间。") % {"most": MOST_GRACE}
        raise Invalid(message, code="grace_out_of_range", details={"grace_days": message})
    with transaction.atomic():
        before = factor_need()
        is_wider = not set(chosen) <= set(before.roles)
        FactorRule.objects.update_or_create(
            id=1,
            defaults={
                "roles": chosen, "grace_days": grace_days, "changed_by": actor.name,
                "since": now() if is_wider else before.since,
            },
        )  # fmt: skip
        touched = RoleAssignment.objects.filter(role__in={*before.roles, *chosen}, ended_at=None)
        signing_in.refresh_rights(id__in=touched.values("account_id"))
        audit.record(
            actor, "identity.factor_rule.set", subject_kind="factor_rule", subject_id=1,
            data={"roles": chosen, "grace_days": grace_days, "before": list(before.roles)},
        )  # fmt: skip
