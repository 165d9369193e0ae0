"""What every request of a program reads: the client's settings, and a grant that still holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from lingqu.foundation.applications import api as applications
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
_OF_SESSION = tuple(f"session__{name}" for name in _SESSION)
_READ = len(_GRANT) + len(_SESSION)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_FIND_CLIENT = Compiled(
    lambda client_id, at: applications.app_rows(
        OidcClient.objects.filter(application__client_id=client_id), at, through="application__", first=_CLIENT
    ),
    client_id="an example", at=_LONG_AGO,
)  # fmt: skip


def _live(grant_id: UUID, at: datetime) -> QuerySet[Grant]:
    """The grant while its session, account and application hold."""
    return Grant.objects.filter(
        id=grant_id, ended_at__isnull=True, lasts_until__gt=at, session__ended_at__isnull=True,
        session__expires_at__gt=at, account__state="active",
    ).exclude(application__state__in=SHUT)  # fmt: skip


_FIND_GRANT = Compiled(
    lambda grant_id, at: _live(grant_id, at).values_list(*_GRANT, *_OF_SESSION), grant_id=UUID(int=1), at=_LONG_AGO
)
_FIND_BEARER = Compiled(
    lambda grant_id, at: applications.app_rows(
        _live(grant_id, at), at, through="application__", first=(*_GRANT, *_OF_SESSION)
    ),
    grant_id=UUID(int=1), at=_LONG_AGO,
)  # fmt: skip


def find_client(client_id: str) -> tuple[applications.App, OidcClient] | None:
    """An application that speaks OpenID Connect, with its settings; one statement."""
    row = _FIND_CLIENT.row(client_id=client_id, at=now()) if applications.is_client_id(client_id) else None
    if row is None:
        return None
    values: dict[str, Any] = dict(zip(_CLIENT, row, strict=False))
    if isinstance(values["jwks"], str):
        values["jwks"] = json.loads(values["jwks"])
    client = OidcClient.from_db("default", _CLIENT, [values[name] for name in _CLIENT])
    return applications.app_of(row[len(_CLIENT) :]), client


def find_live(grant_id: UUID, *, application_id: UUID) -> Grant | None:
    """The application's grant while its session, account and application hold; one statement."""
    row = _FIND_GRANT.row(grant_id=grant_id, at=now())
    grant = _grant_of(row) if row else None
    return grant if grant is not None and grant.application_id == application_id else None


def find_with_app(grant_id: UUID) -> tuple[Grant, applications.App] | None:
    """The same whosever it is, with its application; one statement."""
    row = _FIND_BEARER.row(grant_id=grant_id, at=now())
    return (_grant_of(row), applications.app_of(row[_READ:])) if row else None


def _grant_of(row: tuple[Any, ...]) -> Grant:
    grant = Grant.from_db("default", _GRANT, row[: len(_GRANT)])
    facts: dict[str, Any] = dict(zip(_SESSION, row[len(_GRANT) : _READ], strict=True))
    grant.session_fact = identity.SessionFact(**{**facts, "amr": tuple(facts["amr"])})
    return grant
