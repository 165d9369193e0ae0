"""Who ordered what a job makes later."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor, Right

from ..models import Account


def told_of(actor: Actor) -> dict[str, str]:
    """What an order keeps of the one who gave it."""
    return {
        "account_id": str(actor.account_id), "person_id": str(actor.person_id or ""), "name": actor.name,
        "role": actor.role,
    }  # fmt: skip


def find_orderer(order: Any, code: str) -> Actor | None:
    """Who gave ``order``, with just the right ``code`` that was checked then; None when the account was stopped since."""
    if not Account.objects.filter(id=order.made_by, state="active").exists():
        return None
    told = order.actor
    return Actor(
        kind="account", name=told["name"], role=told["role"], account_id=order.made_by,
        person_id=UUID(told["person_id"]) if told["person_id"] else None,
        rights=(Right(code, str(order.organisation.path)),),
    )  # fmt: skip
