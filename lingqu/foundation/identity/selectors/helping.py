"""登不上: people of the own scope with what keeps them out, and what helps."""

from __future__ import annotations

from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

from ..models import Account, ClassPin, SignInAttempt
from ..types.values import Stuck
from ..types.words import ADVICE, AccountState, Outcome
from .real_names import open_proofs

MOST = 20


def list_stuck(*, actor: Actor, text: str) -> tuple[Stuck, ...]:
    """People whom the actor may see and who fit a name or number, each with the account's state and the last failure.

    Buttons beside them lead to services that ask for the right at the very account again.
    """
    rows = registry.search_people(actor, text, limit=MOST).rows[:MOST]
    known = {one.person_id: one for one in Account.objects.filter(person__in=[row.id for row in rows])}
    ids = [one.id for one in known.values()]
    pins = set(ClassPin.objects.filter(account__in=ids).values_list("account_id", flat=True))
    last, proofs = _last_attempts(ids), open_proofs(ids)
    return tuple(
        Stuck(
            person_id=row.id, name=row.name, place=row.place, detail=row.detail, login=account.login,
            state=account.state, state_label=str(AccountState(account.state).label),
            failed_at=attempt.at if attempt and attempt.outcome != "ok" else None,
            cause=_label(attempt), advice=str(ADVICE.get(attempt.outcome, "")) if attempt else "",
            last_login=account.last_login, has_pin=account.id in pins, proof=proofs.get(account.id),
        )
        for row in rows
        if (account := known.get(row.id)) is not None
        for attempt in (last.get(account.id),)
    )  # fmt: skip


def _last_attempts(ids: list[UUID]) -> dict[UUID | None, SignInAttempt]:
    rows = SignInAttempt.objects.filter(account__in=ids).order_by("account_id", "-id").distinct("account_id")
    return {row.account_id: row for row in rows}


def _label(attempt: SignInAttempt | None) -> str:
    if attempt is None or attempt.outcome == "ok" or attempt.outcome not in Outcome.values:
        return ""
    return str(Outcome(attempt.outcome).label)
