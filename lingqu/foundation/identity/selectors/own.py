"""What belongs to somebody's own account: where it is signed in, attempts, and everything held about its person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now

from .. import agents, roles
from ..models import ActivationCode, GuardianClaim, RoleAssignment, SignInAttempt, SsoSession
from ..types.values import Visit
from ..types.words import Outcome
from . import accounts, looks, real_names

MOST_VISITS, MOST_ATTEMPTS, MOST_ROWS = 50, 10, 5000


def list_visits(*, actor: Actor, here: UUID | None) -> tuple[Visit, ...]:
    """One's own sign-ins, running ones first, the newest before the older."""
    rows = SsoSession.objects.filter(account_id=_own(actor)).order_by("-began_at")[:MOST_VISITS]
    made = [_visit(row, here) for row in rows]
    return tuple(sorted(made, key=lambda one: (not one.is_here, one.ended_at is not None)))


def list_attempts(*, actor: Actor) -> tuple[dict[str, Any], ...]:
    """The latest attempts to get into one's own account, by anybody."""
    rows = SignInAttempt.objects.filter(account_id=_own(actor)).order_by("-id")[:MOST_ATTEMPTS]
    return tuple(
        {"at": row.at, "ok": row.outcome == "ok", "label": str(Outcome(row.outcome).label)}
        for row in rows
        if row.outcome in Outcome.values
    )


def everything_about(actor: Actor) -> dict[str, Any]:
    """All that register and accounts hold about oneself, as plain values; sensitive numbers as one may see them oneself.

    No secrets: passwords, PINs and codes are not part of it, and neither is who else stands in a row.
    """
    account = accounts.get_account(_own(actor))
    running = Q(account=account)
    return {
        "account": {
            "login": account.login, "state": account.state, "opened_at": account.opened_at,
            "activated_at": account.activated_at, "last_login": account.last_login,
            "verified_email": account.verified_email, "has_verified_phone": account.verified_phone_blind is not None,
            "language": account.language,
        },
        "roles": [
            {"role": row.role, "title": roles.title_of(row.role), "organisation": row.organisation.name,
             "from": row.valid_from, "until": row.valid_until, "ended_at": row.ended_at}
            for row in RoleAssignment.objects.filter(running).select_related("organisation").order_by("id")
        ],
        "sign_ins": [
            {"began_at": row.began_at, "kind": row.kind, "means": row.amr, "browser": agents.words_of(row.agent),
             "ended_at": row.ended_at, "because": row.ended_because}
            for row in SsoSession.objects.filter(running).order_by("-began_at")[:MOST_ROWS]
        ],
        "attempts": list(
            SignInAttempt.objects.filter(running).order_by("-id").values("at", "outcome")[:MOST_ROWS]
        ),
        "passkeys": list(account.passkeys.order_by("made_at").values("name", "made_at", "last_used_at")),
        "real_name": [
            {"source": one.source, "detail": one.detail, "at": one.noted_at, "by": one.noted_by,
             "revoked_at": one.revoked_at, "reason": one.reason}
            for one in real_names.proofs_of(account.id)
        ],
        "codes": list(
            ActivationCode.objects.filter(running).order_by("-id").values(
                "purpose", "issued_at", "issued_by", "expires_at", "used_at"
            )[:MOST_ROWS]
        ),
        "claims_of_children": list(
            GuardianClaim.objects.filter(running).order_by("-made_at").values("relation", "state", "made_at", "decided_at")
        ),
        "seen_by": [
            {"at": look.at, "name": look.name, "role": look.role, "purpose": look.purpose}
            for look in (looks.list_looks(actor=actor, person_id=actor.person_id, limit=500) if actor.person_id else ())
        ],
        "register": registry.own_record(actor),
    }  # fmt: skip


def _visit(row: SsoSession, here: UUID | None) -> Visit:
    over = row.ended_at or (row.expires_at if row.expires_at <= now() else None)
    return Visit(
        id=row.id, where=agents.words_of(row.agent), kind=row.get_kind_display(), amr=tuple(row.amr),
        began_at=row.began_at, seen_at=row.seen_at, ended_at=over,
        ended_because=row.get_ended_because_display() if row.ended_because else "", is_here=row.id == here,
    )  # fmt: skip


def _own(actor: Actor) -> UUID:
    require(actor.account_id is not None)
    assert actor.account_id is not None
    return actor.account_id
