"""Credentials: made, verified, revoked."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.compiled import Compiled
from lingqu.kernel.errors import Invalid, NotFound

from .. import policies
from ..models import Credential, Tenant
from ..selectors.authority import authority_of
from ..types.faults import Unauthorised
from ..types.scopes import ALL, SCOPES
from ..types.values import Caller, NewCredential
from .session_keys import PREFIX, session_caller

CLOSED = frozenset({"suspended", "retired"})
REMEMBERED_SECONDS, MOST_REMEMBERED = 5.0, 10_000
_remembered: dict[str, tuple[float, Caller]] = {}
_FIND = Compiled(
    lambda key: Credential.objects.filter(key=key, revoked_at=None).values_list(
        "id", "mark", "scopes", "tenant_id", "tenant__application_id", "tenant__application__client_id"
    ),
    key="\n",
)


@transaction.atomic
def create_credential(
    *,
    actor: Actor,
    name: str,
    scopes: tuple[str, ...] = (ALL,),
    application_id: UUID | None = None,
    organisation_id: UUID | None = None,
) -> NewCredential:
    """A key and its secret, which is shown once. Credentials of one application at one organisation see the same records."""
    policies.require_credentials(actor, application_id, organisation_id)
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise Invalid(_("没有这种权限：%(names)s") % {"names": ", ".join(unknown)})
    set_name = "" if application_id else name
    where: dict[str, Any] = {"application_id": application_id, "organisation_id": organisation_id}
    tenant, _made = Tenant.objects.get_or_create(**where, name=set_name)
    return _make(actor, tenant, name, scopes)


def _make(actor: Actor, tenant: Tenant, name: str, scopes: tuple[str, ...]) -> NewCredential:
    key, secret = secrets.token_hex(12), secrets.token_urlsafe(32)
    row = Credential.objects.create(
        tenant=tenant, key=key, mark=mark_of(secret), name=name, scopes=list(scopes), made_by=actor.name
    )
    audit.record(actor, "records.credential_made", subject_kind="records.credential", subject_id=row.id)
    return NewCredential(endpoint=f"{settings.LINGQU_PUBLIC_URL}/xapi", key=key, secret=secret, name=name)


@transaction.atomic
def revoke_credential(*, actor: Actor, key: str) -> None:
    """It opens nothing from now on (in other processes within five seconds)."""
    row = _locked(key)
    policies.require_credentials(actor, row.tenant.application_id)
    row.revoked_at = now()
    row.save(update_fields=["revoked_at"])
    _remembered.clear()
    audit.record(actor, "records.credential_revoked", subject_kind="records.credential", subject_id=row.id)


@transaction.atomic
def rotate_credential(*, actor: Actor, key: str) -> NewCredential:
    """Another key with the same rights to the same records; the old one holds until it is revoked."""
    row = _locked(key)
    tenant = row.tenant
    policies.require_credentials(actor, tenant.application_id)
    return _make(actor, tenant, row.name, tuple(row.scopes))


def _locked(key: str) -> Credential:
    row = (
        Credential.objects.select_for_update(of=("self",)).select_related("tenant").filter(key=key, revoked_at=None)
    ).first()
    if row is None:
        raise NotFound(_("没有这个凭证。"))
    return row


def mark_of(secret: str) -> bytes:
    return crypto.mark("records.secret", [secret.encode()])


def caller_of(authorisation: str) -> Caller:
    """Who sent this Authorization header; :class:`Unauthorised` when nobody did."""
    known = _remembered.get(authorisation)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    key, secret = _pair_of(authorisation)
    if key.startswith(PREFIX):
        return session_caller(key, secret)
    row = _FIND.row(key=key)
    if row is None or not crypto.is_mark(bytes(row[1]), "records.secret", [secret.encode()]):
        raise Unauthorised("unknown key or wrong secret")
    if row[5] and (app := applications.find_application(row[5])) is not None and app.state in CLOSED:
        raise Unauthorised("the application is suspended")
    caller = Caller(
        credential=row[0], key=key, tenant=row[3], scopes=tuple(row[2]), application_id=row[4],
        authority=authority_of(row[5] or key),
    )  # fmt: skip
    if len(_remembered) >= MOST_REMEMBERED:
        _remembered.clear()
    _remembered[authorisation] = time.monotonic() + REMEMBERED_SECONDS, caller
    return caller


def _pair_of(authorisation: str) -> tuple[str, str]:
    kind, _space, encoded = authorisation.partition(" ")
    if kind.lower() != "basic":
        raise Unauthorised("HTTP Basic authentication is needed")
    try:
        key, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthorised("the Authorization header cannot be read") from None
    if not colon or "\0" in key:
        raise Unauthorised("the Authorization header cannot be read")
    return key, secret
