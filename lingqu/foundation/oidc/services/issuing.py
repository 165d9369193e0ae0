"""What the token endpoint answers: one function a grant type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
)

from lingqu.foundation.applications import api as applications

from ..models import Grant, OidcClient
from ..types.words import GrantType
from . import grants, tokens

PERSONAL = frozenset({"openid", "profile", "roles", "classes", "person_number", "phone", "email", "vendor_user"})
"""Scopes that speak of the signed-in person: nothing an application may ask for about itself."""


def answer(*, app: applications.App, client: OidcClient, form: Mapping[str, str]) -> dict[str, Any]:
    """The body of a token response. Raises Authlib's errors."""
    kind = form.get("grant_type", "")
    if not kind:
        raise InvalidRequestError("grant_type is missing")
    if kind not in GrantType.values:
        raise UnsupportedGrantTypeError(kind) if kind.isascii() else InvalidRequestError("grant_type")
    if kind not in client.grants:
        raise UnauthorizedClientError("This client may not use the grant type")
    if kind == GrantType.CLIENT:
        return _for_itself(app, form)
    if kind == GrantType.REFRESH:
        return _refreshed(app, client, form)
    return _redeemed(app, client, form)


def _redeemed(app: applications.App, client: OidcClient, form: Mapping[str, str]) -> dict[str, Any]:
    if not form.get("code"):
        raise InvalidRequestError("code is missing")
    redirect_uri = form.get("redirect_uri") or (client.redirect_uris[0] if len(client.redirect_uris) == 1 else "")
    grant = grants.redeem(app=app, code=form["code"], redirect_uri=redirect_uri, verifier=form.get("code_verifier", ""))
    return _personal(app, client, grant, tuple(grant.scopes), nonce=grant.nonce)


def _refreshed(app: applications.App, client: OidcClient, form: Mapping[str, str]) -> dict[str, Any]:
    if not form.get("refresh_token"):
        raise InvalidRequestError("refresh_token is missing")
    wanted = tuple(dict.fromkeys(form.get("scope", "").split()))
    grant = grants.refresh(app=app, token=form["refresh_token"], wanted=wanted)
    return _personal(app, client, grant, wanted or tuple(grant.scopes))


def _personal(
    app: applications.App, client: OidcClient, grant: Grant, scopes: tuple[str, ...], nonce: str = ""
) -> dict[str, Any]:
    """Scopes that were taken from the application since the entry are left out."""
    held = tuple(one for one in scopes if one == "openid" or one in app.scopes)
    access, seconds = tokens.access_token(
        client_id=app.client_id, subject=grant.subject, scopes=held, until=grant.lasts_until, grant_id=grant.id
    )
    body: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": seconds}
    if "openid" in held:
        body["id_token"] = tokens.id_token(
            client_id=app.client_id, subject=grant.subject, session_id=grant.session_id, auth_time=grant.auth_time,
            amr=grant.amr, until=grant.lasts_until, nonce=nonce, access=access, alg=client.id_token_alg,
        )  # fmt: skip
    if GrantType.REFRESH in client.grants:
        body["refresh_token"] = grants.refresh_token(grant)
    return {**body, "scope": " ".join(held)}


def _for_itself(app: applications.App, form: Mapping[str, str]) -> dict[str, Any]:
    open_to_it = tuple(one for one in app.scopes if one not in PERSONAL)
    wanted = tuple(dict.fromkeys(form.get("scope", "").split())) or open_to_it
    if not set(wanted) <= set(open_to_it):
        raise InvalidScopeError("A scope is unknown, not granted, or speaks of a person")
    access, seconds = tokens.access_token(client_id=app.client_id, subject=app.client_id, scopes=wanted)
    return {"access_token": access, "token_type": "Bearer", "expires_in": seconds, "scope": " ".join(wanted)}
