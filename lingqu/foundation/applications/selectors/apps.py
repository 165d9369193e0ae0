"""Applications as the protocols see them."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lingqu.kernel.clock import now
from lingqu.kernel.compiled import Compiled
from lingqu.kernel.errors import NotFound

from ..models import Application, ScopeGrant, Secret
from ..types.scopes import COLLECTED
from ..types.values import App
from ..types.words import AppState, Basis

IN_SANDBOX = (AppState.DRAFT, AppState.SUBMITTED, AppState.REFUSED)
LONGEST_CLIENT_ID = 64


def find_application(client_id: str) -> App | None:
    """The application of a client id with what it was granted and its secrets; one statement."""
    if not is_client_id(client_id):
        return None
    row = _BY_CLIENT_ID.row(client_id=client_id, at=now())
    return app_of(row) if row else None


def is_client_id(text: str) -> bool:
    """Whether it can be one at all."""
    return 0 < len(text) <= LONGEST_CLIENT_ID and "\0" not in text


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


def with_grants(rows: QuerySet[Any], through: str = "") -> QuerySet[Any]:
    """Rows with their owner's path and the granted scopes. ``through`` leads to the application: ``"application__"``."""
    granted = ScopeGrant.objects.filter(application_id=OuterRef(f"{through}id"), ended_at=None)
    return rows.annotate(
        place_path=F(f"{through}organisation__path"), granted=ArraySubquery(granted.values("scope")),
        by_consent=ArraySubquery(granted.filter(basis=Basis.CONSENT).values("scope")),
    )  # fmt: skip


def app_rows(rows: QuerySet[Any], at: datetime, *, through: str = "", first: Iterable[str] = ()) -> QuerySet[Any, Any]:
    """Rows as tuples: the columns ``first``, then what :func:`app_of` understands, with the secrets that hold at ``at``."""
    live = Secret.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at), application_id=OuterRef(f"{through}id"), revoked_at=None
    )
    held = with_grants(rows, through).annotate(digests=ArraySubquery(live.values("digest")))
    return held.values_list(*first, *(through + name for name in _PLAIN), *_MADE)


def app_of(row: Sequence[Any]) -> App:
    return as_app(SimpleNamespace(**dict(zip((*_PLAIN, *_MADE), row, strict=True))))


_PLAIN = (
    "id", "client_id", "name", "state", "is_sandbox", "subject_type", "session_minutes", "on_screen", "logout_support",
    "organisation_id", "audiences", "home_url", "entry_url", "vendor_id",
)  # fmt: skip
_MADE = ("place_path", "granted", "by_consent", "digests")
_BY_CLIENT_ID = Compiled(
    lambda client_id, at: app_rows(Application.objects.filter(client_id=client_id), at),
    client_id="an example", at=datetime(2000, 1, 1, tzinfo=UTC),
)  # fmt: skip


def as_app(row: Any) -> App:
    """``row`` comes from :func:`with_grants`. ``openid`` is always granted: without an id nobody can be known again."""
    tried = row.is_sandbox and row.state in IN_SANDBOX
    collects = COLLECTED.keys() & set(row.granted)
    return App(
        id=row.id, client_id=row.client_id, name=row.name, state=row.state, is_live=row.state == AppState.LIVE or tried,
        is_sandbox=row.is_sandbox, subject_type=row.subject_type, session_minutes=row.session_minutes,
        on_screen=row.on_screen, logout_support=row.logout_support, organisation_id=row.organisation_id,
        organisation_path=str(row.place_path), audiences=tuple(row.audiences),
        scopes=tuple(sorted({"openid", *row.granted} - collects)), home_url=row.home_url, entry_url=row.entry_url,
        vendor_id=row.vendor_id, consent_scopes=tuple(sorted({*row.by_consent, *collects})), collects=tuple(sorted(collects)),
        secrets=tuple(map(bytes, getattr(row, "digests", ()))),
    )  # fmt: skip


def digest_of(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def check_secret(*, app: App, secret: str) -> bool:
    """Whether it is one of the secrets that held when ``app`` was read. All are compared, each in constant time."""
    given, found = digest_of(secret), False
    for digest in app.secrets:
        found |= hmac.compare_digest(digest, given)
    return found
