"""How a client proves itself at our endpoints (RFC 6749 2.3, OIDC Core 9): by one way, and by the one it registered."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from django.db import connection
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lingqu.foundation.applications import api as applications
from lingqu.kernel import limits
from lingqu.kernel.clock import now

from ..models import OidcClient, SpentId
from ..selectors.hot import find_client
from ..types.words import AuthMethod, SpentKind
from .tokens import issuer

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGS = ["ES256", "RS256", "PS256", "EdDSA"]
LONGEST_ASSERTION = timedelta(minutes=10)
FAILURES, FAILURE_SECONDS = 60, 60
REFUSED = "Client authentication failed"


class Proof:
    """What a request brought: the client's name and, by one way only, how it proves to be that client."""

    def __init__(self, header: str, form: Mapping[str, str]) -> None:
        basic = _basic(header)
        ways = [bool(basic), bool(form.get("client_secret")), bool(form.get("client_assertion"))]
        if sum(ways) > 1:
            raise InvalidRequestError("More than one way of client authentication")
        self.is_basic = bool(header)
        self.assertion = form.get("client_assertion", "")
        self.assertion_type = form.get("client_assertion_type", "")
        self.client_id, self.secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        if self.assertion and not self.client_id:
            self.client_id = _subject_of(self.assertion)
        if basic and form.get("client_id", basic[0]) != basic[0]:
            raise InvalidRequestError("client_id differs from the authorization header")


def authenticate(proof: Proof, *, address: str) -> tuple[applications.App, OidcClient]:
    """The live application that made the request. Raises Authlib's ``invalid_client`` with 401."""
    found = find_client(proof.client_id)
    if found is None or not found[0].is_live or not _is_proved(*found, proof):
        limits.hit(f"oidc.client:{proof.client_id}:{address}", FAILURES, FAILURE_SECONDS)
        raise InvalidClientError(REFUSED, status_code=401)
    return found


def check_assertion(assertion: str, *, client_id: str, keys: Mapping[str, Any], audiences: tuple[str, ...]) -> bool:
    """Whether a client's JWT (RFC 7523 3) is signed by one of its keys, meant for us, short, and seen for the first time."""
    try:
        found = jwt.decode(assertion, KeySet.import_key_set(keys), algorithms=ASSERTION_ALGS)  # type: ignore[arg-type]
    except (JoseError, ValueError):
        return False
    claims, at = found.claims, now()
    given = claims.get("aud")
    aimed = given if isinstance(given, list) else [given]
    until, jti = claims.get("exp"), claims.get("jti")
    is_ours = claims.get("iss") == claims.get("sub") == client_id and bool({*audiences} & {str(one) for one in aimed})
    if not is_ours or not isinstance(until, int | float) or not isinstance(jti, str) or not 0 < len(jti) <= 200:
        return False
    if not at.timestamp() < until <= (at + LONGEST_ASSERTION).timestamp():
        return False
    return spend(SpentKind.ASSERTION, f"{client_id} {jti}", until)


def spend(kind: SpentKind, value: str, until: float) -> bool:
    """Note an id as used; False when it was."""
    ends = datetime.fromtimestamp(until, tz=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO oidc_spentid (kind, value, until) VALUES (%s, %s, %s) ON CONFLICT (kind, value) DO NOTHING",
            [kind, value, ends],
        )
        return bool(cursor.rowcount)


def _is_proved(app: applications.App, client: OidcClient, proof: Proof) -> bool:
    if client.auth_method == AuthMethod.SECRET:
        return bool(proof.secret) and applications.check_secret(app=app, secret=proof.secret)
    if client.auth_method == AuthMethod.KEY:
        is_kind = proof.assertion_type == ASSERTION_TYPE and bool(proof.assertion)
        aimed = (issuer(), f"{issuer()}/oidc/token")
        return is_kind and check_assertion(
            proof.assertion, client_id=app.client_id, keys=client.jwks or {}, audiences=aimed
        )
    return not proof.secret and not proof.assertion


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _space, value = header.partition(" ")
    if not header:
        return None
    if scheme.lower() != "basic":
        raise InvalidClientError(REFUSED, status_code=401)
    try:
        name, colon, secret = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidClientError(REFUSED, status_code=401) from error
    if not colon:
        raise InvalidClientError(REFUSED, status_code=401)
    return unquote_plus(name), unquote_plus(secret)


def _subject_of(assertion: str) -> str:
    """Who an assertion says it is; believed only after its signature was checked by that client's keys."""
    try:
        payload = json.loads(jws.extract_compact(assertion.encode()).payload)
    except (JoseError, ValueError):
        return ""
    return str(payload.get("sub", "")) if isinstance(payload, dict) else ""


def purge() -> int:
    """Ids whose tokens are over by themselves."""
    return SpentId.objects.filter(until__lt=now()).delete()[0]
