"""A vendor's server that is told of the ends of sessions, in whatever protocol."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import parse_qs, quote, urlsplit

from django.test import Client

from tests.upstream.platforms import Asked, Platform

PATHS = OIDC, CAS, SAML = "/oidc", "/cas/", "/saml"


def listen(vendor: Platform) -> None:
    for path in PATHS:
        vendor.says(path, {})


def told_of(vendor: Platform) -> list[str]:
    """The session, or for CAS the ticket, of every notice so far."""
    return [_meant(one) for one in vendor.asked]


def _meant(asked: Asked) -> str:
    if asked.path == OIDC:
        claims = asked.form["logout_token"].split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(claims + "=="))["sid"])
    text = asked.form["logoutRequest"] if asked.path == CAS else asked.body.decode()
    found = re.search(r"SessionIndex>([^<]+)<", text)
    assert found is not None, text
    return found[1]


def cas_login(browser: Client, vendor: Platform) -> str:
    """Where the browser is sent that wants into the CAS application."""
    return str(browser.get(f"/cas/login?service={quote(vendor.url + CAS)}")["Location"])


def ticket_at(browser: Client, vendor: Platform) -> str:
    return parse_qs(urlsplit(cas_login(browser, vendor)).query)["ticket"][0]


def validate(vendor: Platform, ticket: str) -> bool:
    asked = {"service": vendor.url + CAS, "ticket": ticket, "format": "JSON"}
    return "authenticationSuccess" in Client().get("/cas/p3/serviceValidate", asked).json()["serviceResponse"]
