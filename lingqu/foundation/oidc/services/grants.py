"""Codes and refresh tokens. Each is used by one conditional UPDATE on the grant's own row.

A second use of a code, and any use of a refresh token that is not the newest, ends the grant with everything that came of
it (RFC 9700 2.1.1, 4.14): whoever came first may have been a thief. So of parallel uses exactly one is answered.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.db.models import Q

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel.clock import now
from lingqu.kernel.compiled import prepared

from ..models import Grant
from ..selectors.hot import find_live
from ..types.values import Asked
from ..types.words import GrantEnd
from . import handles

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")
CODE_FOR = timedelta(seconds=60)
KEPT = timedelta(days=30)
_REDEEM = """
UPDATE oidc_grant SET redeemed_at = %(at)s
WHERE id = %(grant)s AND redeemed_at IS NULL AND ended_at IS NULL AND code_until > %(at)s
"""
_NEXT = "UPDATE oidc_grant SET generation = generation + 1 WHERE id = %s AND generation = %s AND ended_at IS NULL"
NOT_GOOD = "The code or token is unknown, used, expired or not yours"


def issue_code(*, app: applications.App, session: identity.SessionFact, subject: str, asked: Asked) -> str:
    """A grant for the signed-in session, and the code that stands for it. Lasts as long as the session at most."""
    at = now()
    cap = at + timedelta(minutes=app.session_minutes) if app.session_minutes else session.expires_at
    made = Grant.objects.create(
        application_id=app.id, account_id=session.account_id, session_id=session.id, subject=subject,
        scopes=list(asked.scopes), redirect_uri=asked.redirect_uri, challenge=asked.challenge, nonce=asked.nonce,
        auth_time=session.auth_time, amr=list(session.amr), code_until=at + CODE_FOR, lasts_until=min(cap, session.expires_at),
    )  # fmt: skip
    return handles.make(handles.CODE, made.id)


def redeem(*, app: applications.App, code: str, redirect_uri: str, verifier: str) -> Grant:
    """The grant behind a code, from now on used. Raises Authlib's ``invalid_grant``."""
    handle = handles.read(handles.CODE, code)
    grant = find_live(handle[0], application_id=app.id) if handle else None
    if grant is None:
        if handle:
            _end_if_redeemed(handle[0], app.id)
        raise InvalidGrantError(NOT_GOOD)
    if grant.redeemed_at is None:
        _check_proof(grant, redirect_uri, verifier)
    if not _take_code(grant.id):
        _end_if_redeemed(grant.id, app.id)
        raise InvalidGrantError(NOT_GOOD)
    return grant


def _take_code(grant_id: UUID) -> bool:
    """Whether this call was the first to use the code, in time."""
    with prepared() as cursor:
        cursor.execute(_REDEEM, {"grant": grant_id, "at": now()})
        return bool(cursor.rowcount)


def refresh(*, app: applications.App, token: str, wanted: tuple[str, ...] = ()) -> Grant:
    """The grant with its next generation taken. ``wanted`` narrows the scopes of what comes of it, never the grant."""
    handle = handles.read(handles.REFRESH, token)
    grant = find_live(handle[0], application_id=app.id) if handle else None
    if grant is None or handle is None:
        raise InvalidGrantError(NOT_GOOD)
    if not set(wanted) <= set(grant.scopes):
        raise InvalidScopeError("More was asked for than was granted")
    if not take_generation(grant.id, handle[1]):
        end(Q(id=grant.id), GrantEnd.REFRESH_REUSED)
        raise InvalidGrantError(NOT_GOOD)
    grant.generation = handle[1] + 1
    return grant


def take_generation(grant_id: UUID, generation: int) -> bool:
    """Whether this call moved the grant on from ``generation``. Of any number at once one returns True."""
    with prepared() as cursor:
        cursor.execute(_NEXT, [grant_id, generation])
        return bool(cursor.rowcount)


def refresh_token(grant: Grant) -> str:
    """The newest one of the grant. A grant just redeemed is at generation 0, so this writes nothing."""
    return handles.make(handles.REFRESH, grant.id, grant.generation)


def end(which: Q, because: GrantEnd) -> int:
    """End grants that run; their codes, refresh tokens and, at our endpoints, access tokens are no good from now on."""
    return Grant.objects.filter(which, ended_at__isnull=True).update(ended_at=now(), ended_because=because)


def end_of_application(application_id: UUID, account_ids: Iterable[UUID] | None = None) -> int:
    which = Q(application_id=application_id)
    if account_ids is None:
        return end(which, GrantEnd.SUSPENDED)
    return end(which & Q(account_id__in=list(account_ids)), GrantEnd.ACCOUNT)


def purge() -> int:
    """Grants go a month after the last of their tokens."""
    return Grant.objects.filter(lasts_until__lt=now() - KEPT).delete()[0]


def _end_if_redeemed(grant_id: UUID, application_id: UUID) -> None:
    which = Q(id=grant_id, application_id=application_id, redeemed_at__isnull=False)
    end(which, GrantEnd.CODE_REUSED)


def _check_proof(grant: Grant, redirect_uri: str, verifier: str) -> None:
    """The same redirect URI as at the start, and the verifier of the challenge (RFC 7636 4.6)."""
    if not hmac.compare_digest(grant.redirect_uri.encode(), redirect_uri.encode()):
        raise InvalidGrantError("redirect_uri is not the one of the authorization request")
    if not grant.challenge:
        if verifier:
            raise InvalidGrantError("code_verifier without a code_challenge")
        return
    if not _VERIFIER.match(verifier):
        raise InvalidRequestError("code_verifier is missing or malformed")
    if not hmac.compare_digest(create_s256_code_challenge(verifier), grant.challenge):
        raise InvalidGrantError("code_verifier does not match")
