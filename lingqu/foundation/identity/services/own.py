"""What people do with their own account: end sign-ins elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require

from ..models import SsoSession
from ..types.words import SessionEnd
from . import sso

FRESH = timedelta(minutes=10)
"""So long after the password one's own data may be taken."""


def end_visits(*, actor: Actor, session_ids: Iterable[UUID]) -> int:
    """End sessions of one's own account; others are left alone. Returns how many ended."""
    require(actor.account_id is not None)
    mine = SsoSession.objects.filter(account=actor.account_id, id__in=list(session_ids))
    with transaction.atomic():
        ended = sso.end(mine.values_list("id", flat=True), SessionEnd.REVOKED)
        if ended:
            audit.record(
                actor, "identity.sessions.revoked", subject_kind="account", subject_id=actor.account_id,
                data={"sessions": ended},
            )  # fmt: skip
    return ended
