"""OpenID Connect as relying party: code with PKCE, ID token checked, back-channel logout tokens."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lingqu.kernel import fetched_keys
from lingqu.kernel.clock import now

from ..models import IssuerKeys
from ..types import Arrived, Distrusted, KeysGone, NumberKind, Trip
from .asking import get_json, means, post_form, text_of
from .base import Options

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Only signatures with a key pair: ``none`` and shared secrets are refused."""
SKEW, LOGOUT_AGE = 120, 300
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
CLAIMS = {
    "phone": "phone_number",
    "id_number": "id_number",
    "person_number": "lingqu_person_number",
    "school_staff": "school_staff",
    **{name: name for name in NumberKind.values},
}


class Oidc:
    needs, is_asked = ("issuer", "client_id"), True

    def begin(self, options: Options, trip: Trip) -> str:
        challenge = urlsafe_b64encode(sha256(trip.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": options["client_id"], "redirect_uri": trip.back_url, "state": trip.state,
            "nonce": trip.nonce, "scope": options.get("scope") or "openid profile", "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        address = text_of(discover(options), "authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    def finish(self, options: Options, secret: str, trip: Trip | None, given: Mapping[str, str]) -> Arrived:
        if trip is None or not given.get("code"):
            raise Distrusted(f"no code: {given.get('error', '')[:80]}")
        if given.get("iss") and given["iss"] != options["issuer"]:
            raise Distrusted("answer comes from another issuer")
        found = discover(options)
        answer = post_form(
            text_of(found, "token_endpoint"),
            {"grant_type": "authorization_code", "code": given["code"], "redirect_uri": trip.back_url,
             "code_verifier": trip.verifier, "client_id": options["client_id"]},
            user=options["client_id"], password=secret,
        )  # fmt: skip
        claims = claims_in(options, found, text_of(answer, "id_token"))
        if not hmac.compare_digest(str(claims.get("nonce", "")), trip.nonce):
            raise Distrusted("nonce differs")
        if "exp" not in claims or float(claims["exp"]) < now().timestamp() - SKEW:
            raise Distrusted("ID token is over")
        more = _userinfo(found, answer, str(claims["sub"]))
        arrived = as_arrived({**more, **claims}, options)
        return replace(arrived, **means(claims.get("amr"), claims.get("acr")))


def _userinfo(found: Mapping[str, Any], answer: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """Claims behind the access token, if the platform has them; only of the same subject."""
    token, address = answer.get("access_token"), found.get("userinfo_endpoint")
    if not isinstance(token, str) or not isinstance(address, str):
        return {}
    told = get_json(address, headers={"Authorization": f"Bearer {token}"})
    if told.get("sub") != subject:
        raise Distrusted("userinfo is about somebody else")
    return told


def as_arrived(claims: Mapping[str, Any], options: Options) -> Arrived:
    """Attributes count as verified where the platform says so, or where it always verifies (a number of its own)."""
    names = {**CLAIMS, **dict(options.get("claims") or {})}
    facts = {ours: str(claims[theirs]) for ours, theirs in names.items() if claims.get(theirs)}
    if "phone" in facts and claims.get("phone_number_verified") is not True:
        del facts["phone"]
    return Arrived(
        subject=str(claims["sub"]), session=str(claims.get("sid", "")), name=str(claims.get("name", "")), facts=facts
    )


def discover(options: Options) -> dict[str, Any]:
    """The platform's own description; it must be of the issuer that was registered."""
    issuer = str(options["issuer"])
    found = get_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise Distrusted("issuer differs from its own description")
    return found


def claims_in(options: Options, found: Mapping[str, Any], token: str) -> dict[str, Any]:
    """Claims of a token that the issuer signed for us."""
    try:
        keys = KeySet.import_key_set(_keys_of(found, token))  # type: ignore[arg-type]
        claims: dict[str, Any] = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as fault:
        raise Distrusted("token is not signed by the issuer") from fault
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != options["issuer"] or options["client_id"] not in audiences:
        raise Distrusted("token is of another issuer or for another client")
    if len(audiences) > 1 and claims.get("azp") != options["client_id"]:
        raise Distrusted("token was made for another client")
    if not isinstance(claims.get("iat"), int | float) or claims["iat"] > now().timestamp() + SKEW:
        raise Distrusted("token is from the future")
    return claims


def _keys_of(found: Mapping[str, Any], token: str) -> dict[str, Any]:
    """The issuer's keys, as it shows them or has shown them within the last day."""
    issuer, address = str(found["issuer"]), text_of(found, "jwks_uri")
    held = IssuerKeys.objects.filter(issuer=issuer).first() or IssuerKeys()

    def fetch() -> dict[str, Any] | None:
        try:
            told = get_json(address)
        except Distrusted:
            return None
        return told if isinstance(told.get("keys"), list) else None

    try:
        return fetched_keys.current(
            fetched_keys.Kept(keys=held.keys, read_at=held.read_at, tried_at=held.tried_at),
            kid=jws.extract_compact(token.encode()).headers().get("kid"), fetch=fetch,
            keep=lambda kept: _keep(issuer, kept),
        )  # fmt: skip
    except fetched_keys.KeysUnreadable as fault:
        raise KeysGone(str(fault)) from fault


def _keep(issuer: str, kept: fetched_keys.Kept) -> None:
    values = {"keys": kept.keys, "read_at": kept.read_at, "tried_at": kept.tried_at}
    IssuerKeys.objects.update_or_create(issuer=issuer, defaults=values)


def read_logout(options: Options, token: str) -> tuple[str, str, str, float]:
    """OpenID Connect Back-Channel Logout 1.0 § 2.6: ``(sid, sub, jti, good until)``. Raises :class:`Distrusted`."""
    claims = claims_in(options, discover(options), token)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict) or "nonce" in claims:
        raise Distrusted("not a logout token")
    sid, subject, jti = (str(claims.get(name) or "") for name in ("sid", "sub", "jti"))
    until = min(float(claims.get("exp") or 0) or float(claims["iat"]) + LOGOUT_AGE, float(claims["iat"]) + LOGOUT_AGE)
    if not jti or not (sid or subject) or until + SKEW < now().timestamp():
        raise Distrusted("logout token names nobody, or is too old")
    return sid, subject, jti, until + SKEW
