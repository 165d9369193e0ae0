"""The audit trail's writing side."""

from __future__ import annotations

from typing import Any

from .actor import Actor
from .models import AuditEntry


def record(
    actor: Actor,
    action: str,
    *,
    subject_kind: str = "",
    subject_id: object = "",
    path: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write one audit row in the current transaction. ``data`` holds ids, counts and field names, never personal values."""
    AuditEntry.objects.create(
        actor_kind=actor.kind,
        account_id=actor.account_id,
        person_id=actor.person_id,
        actor_name=actor.name,
        role=actor.role,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        path=path or None,
        purpose=actor.purpose,
        request_id=actor.request_id,
        data=data or {},
    )
