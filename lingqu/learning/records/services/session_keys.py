"""Secrets of a cmi5 session: the address that gives its token once, the token itself, and the way to its files."""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from lingqu.kernel import crypto
from lingqu.kernel.clock import now

from ..models import Credential, Session
from ..selectors.authority import authority_of
from ..types.faults import Unauthorised
from ..types.scopes import PROFILE, READ, STATE, WRITE
from ..types.values import Caller

PREFIX = "cmi5-"
LONGEST = timedelta(hours=24)
"""How long after its launch a session's token can be fetched and its files are served."""
_FETCH, _TOKEN, _FILES = "records.fetch", "records.session", "records.files"
UNIT_SCOPES = (WRITE, READ, STATE, PROFILE)


def new_fetch() -> tuple[str, bytes]:
    """A secret for a fetch address and its mark."""
    secret = secrets.token_urlsafe(32)
    return secret, crypto.mark(_FETCH, [secret.encode()])


def fetch_url(session_id: UUID, secret: str) -> str:
    return f"{settings.LINGQU_PUBLIC_URL}/cmi5/fetch?token={session_id.hex}.{secret}"


@transaction.atomic
def fetch_token(token: str) -> str | None:
    """The token that a unit puts behind ``Basic``, given once (8.2.3); None for everything but the first request."""
    number, _dot, secret = token.partition(".")
    session_id = _uuid(number)
    row = Session.objects.select_for_update().filter(id=session_id).first() if session_id else None
    if row is None or not crypto.is_mark(bytes(row.fetch_mark), _FETCH, [secret.encode()]):
        return None
    if row.fetched_at is not None or row.ended_at is not None or row.launched_at < now() - LONGEST:
        return None
    made = secrets.token_urlsafe(32)
    row.fetched_at, row.mark = now(), crypto.mark(_TOKEN, [made.encode()])
    row.save(update_fields=["fetched_at", "mark"])
    return base64.b64encode(f"{PREFIX}{row.id.hex}:{made}".encode()).decode()


def session_caller(key: str, secret: str) -> Caller:
    """Who shows a session's token; what it may do is asked at each request."""
    session_id = _uuid(key.removeprefix(PREFIX))
    row = (
        Session.objects.filter(id=session_id).values_list("mark", "registration__course__tenant_id").first()
        if session_id
        else None
    )
    if row is None or row[0] is None or not crypto.is_mark(bytes(row[0]), _TOKEN, [secret.encode()]):
        raise Unauthorised("unknown key or wrong secret")
    return platform_caller(row[1], session_id)


def platform_caller(tenant: int, session_id: UUID | None = None) -> Caller:
    """The platform as it writes into the records of courses; for a session, in its bounds."""
    number, key = Credential.objects.filter(tenant_id=tenant).order_by("id").values_list("id", "key")[0]
    return Caller(
        credential=number,
        key=key,
        tenant=tenant,
        scopes=UNIT_SCOPES,
        authority=authority_of(key),
        session_id=session_id,
    )


def files_token(session_id: UUID) -> str:
    mark = crypto.mark(_FILES, [session_id.bytes])
    return f"{session_id.hex}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def session_of_files(token: str) -> Session | None:
    """The session whose files a token opens, for a day after its launch."""
    number, _dot, encoded = token.partition(".")
    session_id = _uuid(number)
    try:
        mark = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError):
        return None
    if session_id is None or not crypto.is_mark(mark, _FILES, [session_id.bytes]):
        return None
    return Session.objects.filter(id=session_id, launched_at__gt=now() - LONGEST).select_related("registration").first()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(hex=text) if len(text) == 32 else None
    except ValueError:
        return None
