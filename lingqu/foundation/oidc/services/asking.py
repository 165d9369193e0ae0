"""Reading an authorization request (OIDC Core 3.1.2.1). Until client and redirect URI are known good, nobody is sent on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError, UnauthorizedClientError, UnsupportedResponseTypeError
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.kernel.errors import DomainError

from ..models import OidcClient
from ..selectors.hot import find_client
from ..types.values import Asked
from ..types.words import AuthMethod, GrantType
from .tokens import issuer

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
MODES = ("query",)
ONCE = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt", "max_age", "code_challenge",
    "code_challenge_method", "response_mode",
)  # fmt: skip
LOOPBACK = ("127.0.0.1", "[::1]")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
MOST = 2000


class Unusable(DomainError):
    """The request names no client, or a redirect URI that is not the client's: the person is told, nobody is sent on."""

    status = 400
    code = "oidc_unusable"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the answer goes, whatever it is."""

    app: applications.App
    client: OidcClient
    redirect_uri: str
    state: str


def find_target(given: Mapping[str, Any]) -> Target:
    """Client and exact redirect URI. Raises :class:`Unusable`."""
    for name in ("client_id", "redirect_uri"):
        if len(_all(given, name)) > 1:
            raise Unusable(_("请求里的参数重复了，请从应用重新进入。"))
    found = find_client(str(given.get("client_id", "")))
    if found is None:
        raise Unusable(_("没有这个应用，或它没有接入统一登录。"))
    app, client = found
    wanted = str(given.get("redirect_uri", ""))
    if not wanted and len(client.redirect_uris) == 1:
        wanted = client.redirect_uris[0]
    if not is_registered(client, wanted):
        raise Unusable(_("应用给出的回调地址没有登记，为了安全不能继续。"))
    return Target(app, client, wanted, str(given.get("state", ""))[:MOST])


def read(given: Mapping[str, Any], target: Target) -> Asked:
    """The rest of the request. Raises Authlib's errors, which go back to the client."""
    for name in ONCE:
        if len(_all(given, name)) > 1 or len(str(given.get(name, ""))) > MOST:
            raise InvalidRequestError(f"{name} is repeated or too long")
    if given.get("request"):
        raise RequestNotSupportedError()
    if given.get("request_uri"):
        raise RequestURINotSupportedError()
    if given.get("response_type", "") != "code":
        raise UnsupportedResponseTypeError("response_type must be code")
    if given.get("response_mode", "query") not in MODES:
        raise InvalidRequestError("response_mode is not supported")
    if GrantType.CODE not in target.client.grants:
        raise UnauthorizedClientError("This client may not use the authorization code")
    scopes = tuple(dict.fromkeys(str(given.get("scope", "")).split()))
    if "openid" not in scopes:
        raise InvalidRequestError("scope must contain openid")
    prompt = frozenset(str(given.get("prompt", "")).split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise InvalidRequestError("prompt is not understood")
    return Asked(
        client_id=target.app.client_id, redirect_uri=target.redirect_uri, state=target.state,
        scopes=tuple(one for one in scopes if one in target.app.scopes or one == "openid"),
        nonce=str(given.get("nonce", "")), challenge=_challenge(given, target.client),
        prompt=prompt, max_age=_max_age(given),
    )  # fmt: skip


def is_registered(client: OidcClient, uri: str) -> bool:
    """Compared as text. A public client on the visitor's own machine may use any port there (RFC 8252 7.3)."""
    if uri in client.redirect_uris:
        return True
    if client.auth_method != AuthMethod.NONE or not uri.startswith("http://"):
        return False
    bare = _without_port(uri)
    return bare is not None and bare in {_without_port(one) for one in client.redirect_uris}


def answer_url(target: Target, fields: Mapping[str, str]) -> str:
    """The redirect URI with the answer, our name (RFC 9207) and the client's state; its own query stays."""
    return with_query(target.redirect_uri, answer_fields(target, fields))


def answer_fields(target: Target, fields: Mapping[str, str]) -> dict[str, str]:
    return {**fields, **({"state": target.state} if target.state else {}), "iss": issuer()}


def error_fields(error: OAuth2Error) -> dict[str, str]:
    return {name: str(value) for name, value in error.get_body() if name in ("error", "error_description")}


def with_query(uri: str, fields: Mapping[str, str]) -> str:
    parts = urlsplit(uri)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *fields.items()])
    return urlunsplit(parts._replace(query=query))


def _challenge(given: Mapping[str, Any], client: OidcClient) -> str:
    """S256 only. Waived PKCE means that it may be left out, not that it may be weak."""
    challenge, method = str(given.get("code_challenge", "")), str(given.get("code_challenge_method", ""))
    if not challenge:
        if method or not client.pkce_waived_because:
            raise InvalidRequestError("code_challenge is required (PKCE, S256)")
        return ""
    if method != "S256" or not _CHALLENGE.match(challenge):
        raise InvalidRequestError("code_challenge_method must be S256")
    return challenge


def _max_age(given: Mapping[str, Any]) -> int | None:
    text = str(given.get("max_age", ""))
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidRequestError("max_age must be a number of seconds")
    return int(text)


def _all(given: Mapping[str, Any], name: str) -> list[Any]:
    many = getattr(given, "getlist", None)
    return many(name) if many else [given[name]] if name in given else []


def _without_port(uri: str) -> str | None:
    parts = urlsplit(uri)
    try:
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    named = f"[{host}]" if host and ":" in host else host
    if parts.scheme != "http" or named not in LOOPBACK or "@" in parts.netloc:
        return None
    return urlunsplit(parts._replace(netloc=str(named)))
