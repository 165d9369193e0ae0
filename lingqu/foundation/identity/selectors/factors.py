"""Which accounts have a second factor, and who must have one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q

from lingqu.kernel import home

from ..models import Account, FactorRule, OneTimeApp, Passkey, RoleAssignment
from ..types.values import FactorNeed
from ..types.words import DUTY_ROLES

GRACE_DAYS = 14
NEVER = frozenset({"student", "guardian", "sandbox"})
"""Roles of children and families, and people who are none: never asked."""


def with_factor(account: str = "id") -> Q:
    """Rows whose account has an authenticator app in use or a passkey; ``account`` is the column that names it."""
    app = OneTimeApp.objects.filter(account=OuterRef(account), confirmed_at__isnull=False)
    return Q(Exists(app)) | Q(Exists(Passkey.objects.filter(account=OuterRef(account))))


def has_factor(account: Account) -> bool:
    """Whether the door asks this account for a second factor."""
    return Account.objects.filter(with_factor(), id=account.id).exists()


def has_passkey(account_id: UUID) -> bool:
    return Passkey.objects.filter(account_id=account_id).exists()


def has_app(account_id: UUID) -> bool:
    return OneTimeApp.objects.filter(account_id=account_id, confirmed_at__isnull=False).exists()


def factor_need() -> FactorNeed:
    """The rule of the node: the separated duties after two weeks, in a demo home nobody, until somebody sets it."""
    row = FactorRule.objects.first()
    if row is None:
        return FactorNeed(roles=() if home.is_demo() else DUTY_ROLES, grace_days=GRACE_DAYS)
    return FactorNeed(roles=tuple(row.roles), grace_days=row.grace_days, since=row.since, changed_by=row.changed_by)


def factor_due(account: Account, held: Iterable[str]) -> datetime | None:
    """When an account that acts in these roles must have set up a second factor; None if none is asked for or it has one.

    The grace begins with the account's first use, the latest grant of such a role, or the rule, whichever is last.
    """
    asking = set(held) - NEVER
    if not asking:
        return None
    need = factor_need()
    asking &= set(need.roles)
    if not asking or has_factor(account):
        return None
    granted = RoleAssignment.objects.filter(account=account, role__in=asking, ended_at=None)
    begun = (account.activated_at or account.opened_at, need.since, granted.aggregate(at=Max("valid_from"))["at"])
    return max(at for at in begun if at is not None) + timedelta(days=need.grace_days)
