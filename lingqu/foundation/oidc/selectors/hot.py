"""What every request of a program reads: the client's settings, and a grant that still holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lingqu.foundation.identity import api as identity
from lingqu.kernel.clock import now
from lingqu.kernel.compiled import Compiled

from ..models import Grant, OidcClient

SHUT = ("suspended", "retired")
"""States of an application in which nothing of it is good, whatever was issued before."""
_CLIENT = tuple(field.attname for field in OidcClient._meta.concrete_fields)
_GRANT = tuple(field.attname for field in Grant._meta.concrete_fields)
_SESSION = (
    "id", "account_id", "kind", "amr", "auth_time", "began_at", "expires_at", "group_id", "ended_at", "ended_because",
)  # fmt: skip
_FIND_CLIENT = Compiled(
    lambda application_id: OidcClient.objects.filter(application_id=application_id).values_list(*_CLIENT),
    application_id=UUID(int=1),
)
_FIND_GRANT = Compiled(
    lambda grant_id, at: Grant.objects.filter(
        id=grant_id, ended_at__isnull=True, lasts_until__gt=at, session__ended_at__isnull=True,
        session__expires_at__gt=at, account__state="active",
    ).exclude(application__state__in=SHUT).values_list(*_GRANT, *(f"session__{name}" for name in _SESSION)),
    grant_id=UUID(int=1), at=datetime(2000, 1, 1, tzinfo=UTC),
)  # fmt: skip


def find_client(application_id: UUID) -> OidcClient | None:
    """The OpenID Connect settings of an application."""
    row = _FIND_CLIENT.row(application_id=application_id)
    if row is None:
        return None
    values: dict[str, Any] = dict(zip(_CLIENT, row, strict=True))
    if isinstance(values["jwks"], str):
        values["jwks"] = json.loads(values["jwks"])
    return OidcClient.from_db("default", _CLIENT, [values[name] for name in _CLIENT])


def find_live(grant_id: UUID, *, application_id: UUID | None = None) -> Grant | None:
    """The grant while its session, account and application hold; one statement."""
    row = _FIND_GRANT.row(grant_id=grant_id, at=now())
    if row is None:
        return None
    grant = Grant.from_db("default", _GRANT, row[: len(_GRANT)])
    if application_id is not None and grant.application_id != application_id:
        return None
    facts: dict[str, Any] = dict(zip(_SESSION, row[len(_GRANT) :], strict=True))
    grant.session_fact = identity.SessionFact(**{**facts, "amr": tuple(facts["amr"])})
    return grant
