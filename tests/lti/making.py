"""A tool in a few lines, for tests that look at single messages: requests, answers and assertions, good unless changed."""

from __future__ import annotations

import json
import re
import secrets
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey

from lingqu.foundation.applications import api as applications
from lingqu.foundation.lti.models import Tool
from lingqu.foundation.lti.services.launching import address
from lingqu.foundation.lti.testing import KEY, TOOL
from lingqu.foundation.lti.types.words import CLAIM, DEEP_RESPONSE, DL, VERSION
from lingqu.foundation.oidc.services.tokens import issuer

FOREIGN_KEY = RSAKey.generate_key(2048, {"kid": "tool-1", "use": "sig", "alg": "RS256"}, private=True)
"""Of somebody else, under the name of the tool's."""


def begun(browser: Client, path: str) -> dict[str, str]:
    """What our login initiation tells the tool."""
    answer = browser.get(path)
    assert answer.status_code == 302, answer.content.decode()[:300]
    assert answer["Location"].startswith(f"{TOOL}/login?"), answer["Location"]
    return dict(parse_qsl(urlsplit(answer["Location"]).query))


def request_of(told: dict[str, str], **changes: Any) -> dict[str, str]:
    """The tool's request; a value of None leaves the parameter out."""
    fields = {
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none", "state": "s-1",
        "nonce": "n-1", "client_id": told["client_id"], "redirect_uri": f"{TOOL}/launch",
        "login_hint": told["login_hint"], "lti_message_hint": told["lti_message_hint"], **changes,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def ask(browser: Client, told: dict[str, str], **changes: Any) -> Any:
    return browser.get("/lti/auth?" + urlencode(request_of(told, **changes)))


def posted(answer: Any) -> dict[str, str]:
    """Fields of the form that goes to the tool."""
    page = answer.content.decode()
    assert answer.status_code == 200, page[:300]
    assert f'action="{TOOL}/launch"' in page
    assert f"form-action 'self' {TOOL};" in answer["Content-Security-Policy"]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


def claims_in(answer: Any) -> dict[str, Any]:
    """The launch, its signature checked by our published keys."""
    keys = KeySet.import_key_set(Client().get("/lti/jwks").json())
    return dict(jwt.decode(posted(answer)["id_token"], keys, algorithms=["RS256"]).claims)


def launched(browser: Client, path: str) -> dict[str, Any]:
    return claims_in(ask(browser, begun(browser, path)))


def signed(claims: dict[str, Any], key: RSAKey = KEY, **header: Any) -> str:
    return jwt.encode(
        {"alg": "RS256", "kid": "tool-1", "typ": "JWT", **header}, claims, key, algorithms=["RS256", "PS256"]
    )


def unsigned(claims: dict[str, Any]) -> str:
    return jws.serialize_compact({"alg": "none", "typ": "JWT"}, json.dumps(claims), None, algorithms=["none"])


def chosen(app: applications.App, tool: Tool, data: str, **changes: Any) -> dict[str, Any]:
    """The claims of an answer to Deep Linking."""
    at = int(time.time())
    claims = {
        "iss": app.client_id, "aud": [issuer()], "exp": at + 300, "iat": at, "nonce": secrets.token_hex(8),
        f"{CLAIM}deployment_id": str(tool.id), f"{CLAIM}message_type": DEEP_RESPONSE, f"{CLAIM}version": VERSION,
        f"{DL}data": data, f"{DL}content_items": [{"type": "ltiResourceLink", "title": "分数小测"}], **changes,
    }  # fmt: skip
    return {name: value for name, value in claims.items() if value is not None}


def asserted(app: applications.App, **changes: Any) -> dict[str, Any]:
    at = int(time.time())
    claims = {
        "iss": app.client_id, "sub": app.client_id, "aud": address("token"), "iat": at, "exp": at + 60,
        "jti": secrets.token_hex(8), **changes,
    }  # fmt: skip
    return {name: value for name, value in claims.items() if value is not None}


def token_answer(assertion: str, scope: str, **changes: Any) -> Any:
    form = {
        "grant_type": "client_credentials", "client_assertion": assertion, "scope": scope,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", **changes,
    }  # fmt: skip
    return Client().post("/lti/token", form)


def bearer(app: applications.App, *scopes: str) -> dict[str, str]:
    """Headers of a request by the tool itself."""
    answer = token_answer(signed(asserted(app)), " ".join(scopes))
    assert answer.status_code == 200, answer.content
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
