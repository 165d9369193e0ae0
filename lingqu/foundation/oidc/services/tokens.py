"""What is signed: access tokens (RFC 9068), ID tokens (OIDC Core 2), logout tokens (Back-Channel Logout 2.4).

An access token is a JWT of ten minutes: nothing is stored for it, and our own endpoints still ask for its grant, session,
account and application at each use, so an end holds at once.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError

from lingqu.kernel.clock import now

from ..types.words import Algorithm
from . import keys

ACCESS_FOR = timedelta(minutes=10)
ID_FOR = timedelta(minutes=10)
LOGOUT_FOR = timedelta(minutes=2)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
ACCESS_TYPE, LOGOUT_TYPE = "at+jwt", "logout+jwt"


class BadToken(Exception):
    """Not signed by us, of another kind, or over."""


def issuer() -> str:
    """The configured public address; never what a request says of itself."""
    return str(settings.PUBLIC.geturl())


def access_token(
    *, client_id: str, subject: str, scopes: Iterable[str], until: datetime | None = None, grant_id: UUID | None = None
) -> tuple[str, int]:
    """The token and for how many seconds it is good."""
    at = now()
    ends = min(at + ACCESS_FOR, until) if until else at + ACCESS_FOR
    claims = {
        "iss": issuer(), "sub": subject, "aud": issuer(), "client_id": client_id, "scope": " ".join(scopes),
        "iat": int(at.timestamp()), "exp": int(ends.timestamp()), "jti": secrets.token_urlsafe(12),
    }  # fmt: skip
    if grant_id:
        claims["gid"] = grant_id.hex
    return sign(claims, kind=ACCESS_TYPE), max(0, int((ends - at).total_seconds()))


def id_token(
    *,
    client_id: str,
    subject: str,
    session_id: UUID,
    auth_time: datetime,
    amr: list[str],
    until: datetime,
    nonce: str = "",
    access: str = "",
    alg: str = Algorithm.ES256,
    more: Mapping[str, Any] | None = None,
) -> str:
    """``auth_time``, ``amr`` and ``sid`` are those of the SSO session at entry, also after a refresh."""
    at = now()
    claims: dict[str, Any] = {
        **(more or {}), "iss": issuer(), "sub": subject, "aud": client_id, "azp": client_id, "iat": int(at.timestamp()),
        "exp": int(min(at + ID_FOR, until).timestamp()), "auth_time": int(auth_time.timestamp()), "amr": amr,
        "sid": str(session_id),
    }  # fmt: skip
    if nonce:
        claims["nonce"] = nonce
    if access:
        half = sha256(access.encode()).digest()[:16]
        claims["at_hash"] = urlsafe_b64encode(half).rstrip(b"=").decode()
    return sign(claims, alg=alg)


def logout_token(*, client_id: str, subject: str, session_id: UUID, alg: str = Algorithm.ES256) -> str:
    """Never with a ``nonce``, so that it cannot pass for an ID token."""
    at = now()
    claims = {
        "iss": issuer(), "sub": subject, "aud": client_id, "iat": int(at.timestamp()), "sid": str(session_id),
        "exp": int((at + LOGOUT_FOR).timestamp()), "jti": secrets.token_urlsafe(16), "events": {LOGOUT_EVENT: {}},
    }  # fmt: skip
    return sign(claims, kind=LOGOUT_TYPE, alg=alg)


def sign(claims: dict[str, Any], *, kind: str = "JWT", alg: str = Algorithm.ES256) -> str:
    key = keys.ring().signing[alg]
    return jwt.encode({"alg": str(alg), "typ": kind, "kid": key.kid}, claims, key, algorithms=[str(alg)])


def read(token: str, *, kind: str, is_over_fine: bool = False) -> dict[str, Any]:
    """The claims of a token of ours. Raises :class:`BadToken`."""
    try:
        found = jwt.decode(token, keys.ring().published, algorithms=list(Algorithm.values))
    except (JoseError, ValueError) as error:
        raise BadToken from error
    claims = found.claims
    if found.header.get("typ") != kind or claims.get("iss") != issuer() or "exp" not in claims:
        raise BadToken
    if not is_over_fine and claims["exp"] <= now().timestamp():
        raise BadToken
    return claims
