"""Applications as the protocols see them."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from lingqu.kernel.clock import now
from lingqu.kernel.compiled import Compiled
from lingqu.kernel.errors import NotFound

from ..models import Application, Secret
from ..types.values import App
from ..types.words import AppState, Basis

IN_SANDBOX = (AppState.DRAFT, AppState.SUBMITTED, AppState.REFUSED)
LONGEST_CLIENT_ID = 64


def find_application(client_id: str) -> App | None:
    """The application of a client id with what it was granted; one statement."""
    if len(client_id) > LONGEST_CLIENT_ID or "\0" in client_id:
        return None
    row = _BY_CLIENT_ID.row(client_id=client_id)
    return as_app(SimpleNamespace(**dict(zip(_COLUMNS, row, strict=True)))) if row else None


def get_application(application_id: UUID) -> App:
    """The same by id; :class:`NotFound` if there is none."""
    found = _find(Q(id=application_id))
    if found is None:
        raise NotFound(_("没有这个应用。"))
    return found


def applications_of(ids: set[UUID]) -> dict[UUID, App]:
    """Several by id; one statement."""
    return {row.id: as_app(row) for row in with_grants(Application.objects.filter(id__in=ids))}


def _find(wanted: Q) -> App | None:
    row = with_grants(Application.objects.filter(wanted)).first()
    return as_app(row) if row else None


def with_grants(rows: QuerySet[Application]) -> QuerySet[Any]:
    """Rows with their owner's path and the granted scopes."""
    is_open = Q(grants__ended_at__isnull=True, grants__scope__isnull=False)
    return rows.annotate(
        place_path=F("organisation__path"),
        granted=ArrayAgg("grants__scope", filter=is_open, default=Value([])),
        by_consent=ArrayAgg(
            Case(When(grants__basis=Basis.CONSENT, then=F("grants__scope"))),
            filter=is_open & Q(grants__basis=Basis.CONSENT), default=Value([]),
        ),
    )  # fmt: skip


_COLUMNS = (
    "id", "client_id", "name", "state", "is_sandbox", "subject_type", "session_minutes", "on_screen", "logout_support",
    "organisation_id", "place_path", "audiences", "granted", "by_consent", "home_url", "entry_url", "vendor_id",
)  # fmt: skip
_BY_CLIENT_ID = Compiled(
    lambda client_id: with_grants(Application.objects.filter(client_id=client_id)).values_list(*_COLUMNS),
    client_id="an example",
)


def as_app(row: Any) -> App:
    """``row`` comes from :func:`with_grants`. ``openid`` is always granted: without an id nobody can be known again."""
    tried = row.is_sandbox and row.state in IN_SANDBOX
    return App(
        id=row.id, client_id=row.client_id, name=row.name, state=row.state, is_live=row.state == AppState.LIVE or tried,
        is_sandbox=row.is_sandbox, subject_type=row.subject_type, session_minutes=row.session_minutes,
        on_screen=row.on_screen, logout_support=row.logout_support, organisation_id=row.organisation_id,
        organisation_path=str(row.place_path), audiences=tuple(row.audiences),
        scopes=tuple(sorted({"openid", *row.granted})), home_url=row.home_url, entry_url=row.entry_url,
        vendor_id=row.vendor_id, consent_scopes=tuple(sorted(row.by_consent)),
    )  # fmt: skip


def digest_of(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def check_secret(*, application_id: UUID, secret: str) -> bool:
    """Whether it is one of the live secrets. All are compared, each in constant time."""
    given, found = digest_of(secret), False
    for (digest,) in _LIVE_SECRETS.rows(application_id=application_id, at=now()):
        found |= hmac.compare_digest(bytes(digest), given)
    return found


_LIVE_SECRETS = Compiled(
    lambda application_id, at: Secret.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at), application_id=application_id, revoked_at=None
    ).values_list("digest"),
    application_id=UUID(int=1), at=datetime(2000, 1, 1, tzinfo=UTC),
)  # fmt: skip
