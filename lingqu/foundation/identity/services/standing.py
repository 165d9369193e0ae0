"""Choosing the role to act in."""

from __future__ import annotations

from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden

from ..models import Account
from ..types.values import Standing


def choose_role(*, actor: Actor, standing: Standing, key: str) -> None:
    """Remember the chosen role as the next default. Only roles that the account holds can be chosen."""
    require(actor.is_signed_in and actor.account_id == standing.account_id)
    if key not in {choice.key for choice in standing.choices}:
        raise Forbidden()
    Account.objects.filter(id=standing.account_id).update(last_role=key)
