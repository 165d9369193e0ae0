"""SSO sessions as other modules see them."""

from __future__ import annotations

from uuid import UUID

from ..models import SsoSession
from ..types.values import SessionFact


def find_sso_session(session_id: UUID) -> SessionFact | None:
    """The session whatever became of it; ``is_live`` says whether it still runs. None after seven months."""
    found = SsoSession.objects.filter(id=session_id).first()
    return as_fact(found) if found else None


def as_fact(session: SsoSession) -> SessionFact:
    return SessionFact(
        id=session.id, account_id=session.account_id, kind=session.kind, amr=tuple(session.amr),
        auth_time=session.auth_time, began_at=session.began_at, expires_at=session.expires_at,
        group_id=session.group_id, ended_at=session.ended_at, ended_because=session.ended_because,
    )  # fmt: skip
