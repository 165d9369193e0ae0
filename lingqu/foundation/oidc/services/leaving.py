"""Sign-out that an application asks for (RP-Initiated Logout 1.0), and what it is told of others' (Back-Channel Logout)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications

from ..models import OidcClient
from ..selectors.hot import find_client
from . import tokens
from .asking import MOST, Unusable, with_query


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """``sid`` is of the ID token that the application showed, empty without one; ``back_to`` is registered or empty."""

    app: applications.App | None
    sid: str
    back_to: str


def read_wish(given: Mapping[str, Any]) -> Wish:
    """Raises :class:`Unusable` for a foreign ID token or an address that the application has not registered."""
    hint, client_id = str(given.get("id_token_hint", "")), str(given.get("client_id", ""))[:MOST]
    claims: dict[str, Any] = {}
    if hint:
        try:
            claims = tokens.read(hint, kind="JWT", is_over_fine=True)
        except tokens.BadToken as error:
            raise Unusable(_("应用给出的登录凭据不是本平台签发的，不能继续。")) from error
        named = claims["aud"] if isinstance(claims["aud"], str) else ""
        if client_id and client_id != named:
            raise Unusable(_("应用给出的登录凭据属于另一个应用，不能继续。"))
        client_id = named
    found = find_client(client_id)
    if client_id and found is None:
        raise Unusable(_("没有这个应用，或它没有接入统一登录。"))
    app, client = found or (None, None)
    return Wish(app=app, sid=str(claims.get("sid", "")), back_to=_back_to(given, client))


def _back_to(given: Mapping[str, Any], client: OidcClient | None) -> str:
    wanted, state = str(given.get("post_logout_redirect_uri", "")), str(given.get("state", ""))[:MOST]
    if not wanted:
        return ""
    if client is None or wanted not in client.post_logout_uris:
        raise Unusable(_("应用给出的退出后地址没有登记，为了安全不能继续。"))
    return with_query(wanted, {"state": state}) if state else wanted


def logout_call(took: applications.Took) -> applications.LogoutCall | None:
    """The message to an application that its user's session has ended; None if it takes none."""
    _app, client = find_client(took.application.client_id) or (None, None)
    if client is None or not client.backchannel_uri:
        return None
    token = tokens.logout_token(
        client_id=took.application.client_id, subject=took.subject, session_id=took.session_id, alg=client.id_token_alg,
    )  # fmt: skip
    return applications.LogoutCall(url=client.backchannel_uri, body=urlencode({"logout_token": token}).encode())
