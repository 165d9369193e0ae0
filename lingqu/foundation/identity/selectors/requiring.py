"""What the rule of second factors means for each role."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from lingqu.kernel import clock
from lingqu.kernel.actor import Actor, require

from .. import roles
from ..models import RoleAssignment
from ..types import rights
from ..types.values import RoleFactors
from .factors import NEVER, factor_need, with_factor
from .standing import live_assignments


def list_role_factors(*, actor: Actor) -> tuple[RoleFactors, ...]:
    """Every role that may be asked for a second factor, with the accounts it is granted to today."""
    require(actor.holds_at_top(rights.SECURITY_MANAGE))
    at, needed = clock.now(), factor_need().roles
    rows: Any = RoleAssignment.objects.filter(live_assignments(at), account__state__in=("new", "active")).values("role")
    counted = rows.annotate(
        n=Count("account_id", distinct=True),
        ready=Count("account_id", distinct=True, filter=with_factor("account_id")),
    )
    held: dict[str, dict[str, int]] = {row["role"]: row for row in counted}
    return tuple(
        RoleFactors(
            role=role.code, title=str(role.title), is_needed=role.code in needed,
            holders=held.get(role.code, {}).get("n", 0), with_factor=held.get(role.code, {}).get("ready", 0),
        )
        for role in sorted(roles.ROLES.values(), key=lambda one: one.order)
        if role.code not in NEVER
    )  # fmt: skip
