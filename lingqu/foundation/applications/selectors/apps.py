"""Applications as the protocols see them."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from lingqu.kernel.clock import now
from lingqu.kernel.errors import NotFound

from ..models import Application, Secret
from ..types.values import App
from ..types.words import AppState, Basis

IN_SANDBOX = (AppState.DRAFT, AppState.SUBMITTED, AppState.REFUSED)
LONGEST_CLIENT_ID = 64


def find_application(client_id: str) -> App | None:
    """The application of a client id with what it was granted; one statement."""
    return _find(Q(client_id=client_id)) if len(client_id) <= LONGEST_CLIENT_ID and "\0" not in client_id else None


def get_application(application_id: UUID) -> App:
    """The same by id; :class:`NotFound` if there is none."""
    found = _find(Q(id=application_id))
    if found is None:
        raise NotFound(_("没有这个应用。"))
    return found


def applications_of(ids: set[UUID]) -> dict[UUID, App]:
    """Several by id; one statement."""
    return {row.id: as_app(row) for row in _with_grants(Application.objects.filter(id__in=ids))}


def _find(wanted: Q) -> App | None:
    row = _with_grants(Application.objects.filter(wanted)).first()
    return as_app(row) if row else None


def _with_grants(rows: QuerySet[Application]) -> QuerySet[Any]:
    """Rows with their owner's path and the granted scopes."""
    is_open = Q(grants__ended_at__isnull=True, grants__scope__isnull=False)
    return rows.annotate(
        organisation_path=F("organisation__path"),
        granted=ArrayAgg("grants__scope", filter=is_open, default=Value([])),
        by_consent=ArrayAgg(
            Case(When(grants__basis=Basis.CONSENT, then=F("grants__scope"))),
            filter=is_open & Q(grants__basis=Basis.CONSENT), default=Value([]),
        ),
    )  # fmt: skip


def as_app(row: Any) -> App:
    """``row`` comes from :func:`_with_grants`. ``openid`` is always granted: without an id nobody can be known again."""
    tried = row.is_sandbox and row.state in IN_SANDBOX
    return App(
        id=row.id, client_id=row.client_id, name=row.name, state=row.state, is_live=row.state == AppState.LIVE or tried,
        is_sandbox=row.is_sandbox, subject_type=row.subject_type, session_minutes=row.session_minutes,
        logout_support=row.logout_support, organisation_id=row.organisation_id,
        organisation_path=str(row.organisation_path), audiences=tuple(row.audiences),
        scopes=tuple(sorted({"openid", *row.granted})), home_url=row.home_url, entry_url=row.entry_url,
        vendor_id=row.vendor_id, consent_scopes=tuple(sorted(row.by_consent)),
    )  # fmt: skip


def digest_of(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def check_secret(*, application_id: UUID, secret: str) -> bool:
    """Whether it is one of the live secrets. All are compared, each in constant time."""
    given, at, found = digest_of(secret), now(), False
    live = Secret.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at), application_id=application_id, revoked_at=None
    )
    for digest in live.values_list("digest", flat=True):
        found |= hmac.compare_digest(bytes(digest), given)
    return found
