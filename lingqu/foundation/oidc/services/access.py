"""Is an access token good now? Its grant, session, account and application are asked at each use."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from lingqu.foundation.applications import api as applications

from ..models import SpentId
from ..selectors.hot import find_live, find_with_app
from ..types.values import Bearer
from ..types.words import GrantEnd, SpentKind
from . import grants, handles, tokens
from .authentication import spend


def find_bearer(token: str) -> Bearer | None:
    """Whom a token speaks for; None when it is not ours, over, or anything behind it has ended."""
    try:
        claims = tokens.read(token, kind=tokens.ACCESS_TYPE)
    except tokens.BadToken:
        return None
    scopes = tuple(str(claims.get("scope", "")).split())
    if "gid" not in claims:
        app = applications.find_application(claims["client_id"])
        is_good = app is not None and app.is_live and not _is_revoked(claims)
        return Bearer(claims=claims, scopes=scopes, app=app) if app and is_good else None
    found = find_with_app(UUID(hex=claims["gid"]))
    if found is None:
        return None
    grant, app = found
    return Bearer(claims=claims, scopes=scopes, app=app, grant=grant)


def revoke(*, app: applications.App, token: str) -> None:
    """End what the token belongs to (RFC 7009): the whole grant of a person; of an application's own token this one.

    A token of another client, or of nobody, changes nothing and is not told apart.
    """
    handle = handles.read(handles.REFRESH, token)
    if handle:
        grants.end(Q(id=handle[0], application_id=app.id), GrantEnd.REVOKED)
        return
    try:
        claims = tokens.read(token, kind=tokens.ACCESS_TYPE)
    except tokens.BadToken:
        return
    if claims["client_id"] != app.client_id:
        return
    if "gid" in claims:
        grants.end(Q(id=UUID(hex=claims["gid"]), application_id=app.id), GrantEnd.REVOKED)
    else:
        spend(SpentKind.REVOKED, _spent(claims), claims["exp"])


def describe(*, app: applications.App, token: str) -> dict[str, object]:
    """What introspection (RFC 7662) answers to ``app``: only about tokens of its own."""
    handle = handles.read(handles.REFRESH, token)
    if handle:
        grant = find_live(handle[0], application_id=app.id)
        if grant is None or grant.generation != handle[1] or grant.redeemed_at is None:
            return {"active": False}
        return {
            "active": True, "client_id": app.client_id, "sub": grant.subject, "scope": " ".join(grant.scopes),
            "exp": int(grant.lasts_until.timestamp()), "iss": tokens.issuer(), "token_type": "refresh_token",
        }  # fmt: skip
    bearer = find_bearer(token)
    if bearer is None or bearer.claims["client_id"] != app.client_id:
        return {"active": False}
    told = {name: bearer.claims[name] for name in ("client_id", "sub", "scope", "iat", "exp", "iss", "aud", "jti")}
    return {"active": True, "token_type": "Bearer", **told}


def _spent(claims: dict[str, object]) -> str:
    return f"{claims['client_id']} {claims['jti']}"


def _is_revoked(claims: dict[str, object]) -> bool:
    return SpentId.objects.filter(kind=SpentKind.REVOKED, value=_spent(claims)).exists()
