"""What service providers send: metadata, authentication requests, logout requests."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from lingqu.kernel.clock import now

from .types import (
    ACCEPTED_FORMATS,
    LIFE_SECONDS,
    MD,
    MOST_METADATA,
    NAMES,
    POST,
    REDIRECT,
    SAMLP,
    SKEW_SECONDS,
    SOAP_BINDING,
    AuthnRequest,
    BadMessage,
    Endpoint,
    LogoutRequest,
    Metadata,
)
from .xml import Element, parse, pem

MOST_ID, MOST_ENDPOINTS = 256, 20
MOST_SESSIONS = 50


def read_metadata(data: bytes) -> Metadata:
    """The one service provider that a metadata file describes."""
    root = parse(data, most=MOST_METADATA)
    found = [root] if root.tag == f"{{{MD}}}EntityDescriptor" else root.findall("md:EntityDescriptor", NAMES)
    providers = [one for one in found if one.find("md:SPSSODescriptor", NAMES) is not None]
    if len(providers) != 1:
        raise BadMessage("metadata must describe exactly one service provider")
    entity, role = providers[0], providers[0].find("md:SPSSODescriptor", NAMES)
    if SAMLP not in role.get("protocolSupportEnumeration", "").split():
        raise BadMessage("service provider does not speak SAML 2.0")
    entity_id = entity.get("entityID", "").strip()
    if not entity_id or len(entity_id) > 1024:
        raise BadMessage("entityID is missing or too long")
    acs = tuple(one for one in _endpoints(role, "AssertionConsumerService") if one.binding == POST)
    if not acs:
        raise BadMessage("no AssertionConsumerService with the HTTP-POST binding")
    slo = _endpoints(role, "SingleLogoutService")
    formats = tuple((one.text or "").strip() for one in role.findall("md:NameIDFormat", NAMES)[:MOST_ENDPOINTS])
    return Metadata(
        entity_id=entity_id, acs=acs, slo=tuple(one for one in slo if one.binding in (POST, REDIRECT, SOAP_BINDING)),
        certificates=_certificates(role), wants_signed_requests=_is_true(role.get("AuthnRequestsSigned")),
        name_formats=formats,
    )  # fmt: skip


def _endpoints(role: Element, name: str) -> tuple[Endpoint, ...]:
    found = []
    for one in role.findall(f"md:{name}", NAMES)[:MOST_ENDPOINTS]:
        url, answer = one.get("Location", ""), one.get("ResponseLocation", "")
        for address in filter(None, (url, answer)):
            check_url(address)
        endpoint = Endpoint(
            binding=one.get("Binding", ""), url=url, response_url=answer, index=_number(one.get("index")),
            is_default=_is_true(one.get("isDefault")),
        )  # fmt: skip
        found.append(endpoint)
    return tuple(one for one in found if one.url)


def check_url(text: str) -> None:
    """Only plain absolute http(s) addresses; user names and control signs are refused."""
    try:
        parts = urlsplit(text)
        is_plain = parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_plain = False
    if not is_plain or len(text) > 2000 or any(sign <= " " or sign in '\\"<>' for sign in text):
        raise BadMessage("an address is not a plain http(s) one")


def _certificates(role: Element) -> tuple[str, ...]:
    found = []
    for descriptor in role.findall("md:KeyDescriptor", NAMES):
        if descriptor.get("use", "signing") == "signing":
            for one in descriptor.findall(".//ds:X509Certificate", NAMES):
                found.append(checked_certificate(one.text or ""))
    return tuple(dict.fromkeys(found))


def checked_certificate(text: str) -> str:
    """Base64 DER of a certificate. Raises :class:`BadMessage` if it is none."""
    plain = "".join(text.split())
    try:
        loaded = x509.load_pem_x509_certificate(pem(plain).encode())
    except ValueError as error:
        raise BadMessage("a certificate cannot be read") from error
    return base64.b64encode(loaded.public_bytes(Encoding.DER)).decode()


def read_authn_request(root: Element, destination: str) -> AuthnRequest:
    """saml-core § 3.4.1. Raises :class:`BadMessage` when it is stale, for somebody else or not an AuthnRequest."""
    _check_head(root, "AuthnRequest", destination)
    policy = root.find("samlp:NameIDPolicy", NAMES)
    index = root.get("AssertionConsumerServiceIndex")
    return AuthnRequest(
        id=root.get("ID"), issuer=_text(root, "saml:Issuer"), acs_url=root.get("AssertionConsumerServiceURL", ""),
        acs_index=_number(index) if index is not None else None, force=_is_true(root.get("ForceAuthn")),
        passive=_is_true(root.get("IsPassive")), name_format=policy.get("Format", "") if policy is not None else "",
    )  # fmt: skip


def accepts_format(request: AuthnRequest) -> bool:
    return request.name_format in ACCEPTED_FORMATS


def read_logout_request(root: Element, destination: str) -> LogoutRequest:
    """saml-core § 3.7.1."""
    _check_head(root, "LogoutRequest", destination)
    if (until := root.get("NotOnOrAfter")) and read_moment(until) + timedelta(seconds=SKEW_SECONDS) <= now():
        raise BadMessage("request is too old")
    sessions = tuple((one.text or "").strip() for one in root.findall("samlp:SessionIndex", NAMES)[:MOST_SESSIONS])
    return LogoutRequest(
        id=root.get("ID"), issuer=_text(root, "saml:Issuer"), name_id=_text(root, "saml:NameID"), sessions=sessions
    )


def issuer_of(root: Element) -> str:
    """Who says it is, before anything is believed: only to find the certificate."""
    return _text(root, "saml:Issuer")


def _check_head(root: Element, name: str, destination: str) -> None:
    if root.tag != f"{{{SAMLP}}}{name}" or root.get("Version") != "2.0":
        raise BadMessage(f"not a SAML 2.0 {name}")
    identifier = root.get("ID", "")
    if not identifier or len(identifier) > MOST_ID:
        raise BadMessage("ID is missing or too long")
    if root.get("Destination") and root.get("Destination") != destination:
        raise BadMessage("message is for another destination")
    age = (now() - read_moment(root.get("IssueInstant", ""))).total_seconds()
    if age > LIFE_SECONDS + SKEW_SECONDS or age < -SKEW_SECONDS:
        raise BadMessage("message is too old or from the future")


def read_moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise BadMessage("a moment cannot be read") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(root: Element, path: str) -> str:
    """Text of a child; elements inside it would make different readers see different values."""
    found = root.find(path, NAMES)
    if found is None or len(found):
        raise BadMessage(f"{path.partition(':')[2]} is missing or not plain")
    return (found.text or "").strip()


def _is_true(text: str | None) -> bool:
    return (text or "").strip() in {"true", "1"}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
