"""A relying party in a few lines, for tests that look at single answers."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from django.test import Client

from lingqu.foundation.oidc.testing import CALLBACK, Registered

VERIFIER = secrets.token_urlsafe(48)


def request_of(client: Registered, **more: Any) -> dict[str, str]:
    """A good authorization request; a value of None leaves the parameter out."""
    fields = {
        "client_id": client.client_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid profile",
        "state": "s-1", "nonce": "n-1", "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256", **more,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def ask(browser: Client, client: Registered, **more: Any) -> Any:
    return browser.get("/oidc/authorize?" + urlencode(request_of(client, **more)))


def answer_of(response: Any) -> dict[str, str]:
    """What went back to the application."""
    assert response.status_code == 302, response.status_code
    assert response["Location"].startswith(CALLBACK + "?"), response["Location"]
    return dict(parse_qsl(urlsplit(response["Location"]).query))


def code_for(browser: Client, client: Registered, **more: Any) -> str:
    return answer_of(ask(browser, client, **more))["code"]


def token(client: Registered, **form: Any) -> Any:
    """The token endpoint's answer to the client with its secret."""
    fields = {"client_id": client.client_id, **({"client_secret": client.secret} if client.secret else {}), **form}
    return post("/oidc/token", {name: value for name, value in fields.items() if value is not None})


def redeem(client: Registered, code: str, **more: Any) -> Any:
    form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **more}
    return token(client, grant_type="authorization_code", **form)


def post(path: str, form: dict[str, str], **headers: Any) -> Any:
    return Client().post(path, urlencode(form), content_type="application/x-www-form-urlencoded", **headers)


def userinfo(access: str) -> Any:
    return Client().get("/oidc/userinfo", headers={"Authorization": f"Bearer {access}"})
