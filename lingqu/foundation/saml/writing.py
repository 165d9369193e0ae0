"""What the identity provider says: assertions, logout messages, its metadata. Unsigned; ``xml.sign`` follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from lingqu.kernel.clock import now
from lingqu.kernel.ids import uuid7

from .types import (
    CLASSES,
    DS,
    LIFE_SECONDS,
    MD,
    NAMES,
    PERSISTENT,
    POST,
    REDIRECT,
    SAML,
    SAMLP,
    SKEW_SECONDS,
    SOAP,
    SUCCESS,
)
from .xml import Element

BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What one sign-in tells one application."""

    issuer: str
    audience: str
    acs_url: str
    in_response_to: str
    name_id: str
    session_id: str
    auth_time: datetime
    session_until: datetime
    amr: Sequence[str]
    attributes: Sequence[tuple[str, str]]


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id() -> str:
    return f"_{uuid7().hex}"


def _add(parent: Element, name: str, text: str = "", /, **attributes: str) -> Element:
    prefix, _, local = name.partition(":")
    made = etree.SubElement(parent, f"{{{NAMES[prefix]}}}{local}", attrib=attributes)
    if text:
        made.text = text
    return made


def _message(name: str, *, issuer: str, destination: str, in_response_to: str = "") -> Element:
    root = etree.Element(f"{{{SAMLP}}}{name}", nsmap={"samlp": SAMLP, "saml": SAML})
    root.set("ID", new_id())
    root.set("Version", "2.0")
    root.set("IssueInstant", moment(now()))
    root.set("Destination", destination)
    if in_response_to:
        root.set("InResponseTo", in_response_to)
    _add(root, "saml:Issuer", issuer)
    return root


def _status(root: Element, *codes: str, message: str = "") -> None:
    status = _add(root, "samlp:Status")
    place = status
    for code in codes:
        place = _add(place, "samlp:StatusCode", Value=code)
    if message:
        _add(status, "samlp:StatusMessage", message)


def class_of(amr: Sequence[str]) -> str:
    """AuthnContextClassRef of the means by which somebody proved themselves (RFC 8176 values)."""
    if {"otp", "hwk", "mfa", "sms"} & set(amr):
        return CLASSES["second"]
    return CLASSES["password"] if "pwd" in amr else CLASSES["other"]


def assertion(facts: Assertion) -> Element:
    """saml-profiles § 4.1.4.2: one bearer confirmation, one audience, the session's index."""
    at = now()
    until = moment(at + timedelta(seconds=LIFE_SECONDS))
    root = etree.Element(f"{{{SAML}}}Assertion", nsmap={"saml": SAML})
    root.set("ID", new_id())
    root.set("Version", "2.0")
    root.set("IssueInstant", moment(at))
    _add(root, "saml:Issuer", facts.issuer)
    subject = _add(root, "saml:Subject")
    _add(
        subject,
        "saml:NameID",
        facts.name_id,
        Format=PERSISTENT,
        NameQualifier=facts.issuer,
        SPNameQualifier=facts.audience,
    )
    data = {"Recipient": facts.acs_url, "NotOnOrAfter": until}
    if facts.in_response_to:
        data["InResponseTo"] = facts.in_response_to
    _add(_add(subject, "saml:SubjectConfirmation", Method=BEARER), "saml:SubjectConfirmationData", **data)
    conditions = _add(
        root, "saml:Conditions", NotBefore=moment(at - timedelta(seconds=SKEW_SECONDS)), NotOnOrAfter=until
    )
    _add(_add(conditions, "saml:AudienceRestriction"), "saml:Audience", facts.audience)
    statement = _add(
        root, "saml:AuthnStatement", AuthnInstant=moment(facts.auth_time), SessionIndex=facts.session_id,
        SessionNotOnOrAfter=moment(facts.session_until),
    )  # fmt: skip
    _add(_add(statement, "saml:AuthnContext"), "saml:AuthnContextClassRef", class_of(facts.amr))
    by_name: dict[str, list[str]] = {}
    for name, value in facts.attributes:
        by_name.setdefault(name, []).append(value)
    if by_name:
        told = _add(root, "saml:AttributeStatement")
        for name, values in by_name.items():
            attribute = _add(told, "saml:Attribute", Name=name, NameFormat=BASIC)
            for value in values:
                _add(attribute, "saml:AttributeValue", value)
    return root


def response(*, issuer: str, acs_url: str, in_response_to: str, signed_assertion: Element) -> Element:
    root = _message("Response", issuer=issuer, destination=acs_url, in_response_to=in_response_to)
    _status(root, SUCCESS)
    root.append(signed_assertion)
    return root


def refusal(*, issuer: str, acs_url: str, in_response_to: str, codes: Sequence[str], message: str = "") -> Element:
    root = _message("Response", issuer=issuer, destination=acs_url, in_response_to=in_response_to)
    _status(root, *codes, message=message)
    return root


def logout_request(*, issuer: str, destination: str, audience: str, name_id: str, session_id: str) -> Element:
    root = _message("LogoutRequest", issuer=issuer, destination=destination)
    root.set("NotOnOrAfter", moment(now() + timedelta(seconds=LIFE_SECONDS)))
    _add(root, "saml:NameID", name_id, Format=PERSISTENT, NameQualifier=issuer, SPNameQualifier=audience)
    _add(root, "samlp:SessionIndex", session_id)
    return root


def logout_response(
    *, issuer: str, destination: str, in_response_to: str, codes: Sequence[str] = (SUCCESS,)
) -> Element:
    root = _message("LogoutResponse", issuer=issuer, destination=destination, in_response_to=in_response_to)
    _status(root, *codes)
    return root


def in_envelope(message: Element) -> Element:
    """saml-bindings § 3.2."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    _add(root, "soap:Body").append(message)
    return root


def metadata(*, entity_id: str, sso_url: str, slo_url: str, certificates: Sequence[str], until: datetime) -> Element:
    """Ours (saml-metadata § 2.4.3): every certificate that signs now or next."""
    root = etree.Element(f"{{{MD}}}EntityDescriptor", nsmap={"md": MD, "ds": DS})
    root.set("entityID", entity_id)
    root.set("validUntil", moment(until))
    role = _add(root, "md:IDPSSODescriptor", protocolSupportEnumeration=SAMLP, WantAuthnRequestsSigned="false")
    for certificate in certificates:
        key = _add(_add(role, "md:KeyDescriptor", use="signing"), "ds:KeyInfo")
        plain = "".join(line for line in certificate.splitlines() if not line.startswith("-----"))
        _add(_add(key, "ds:X509Data"), "ds:X509Certificate", plain)
    for binding in (REDIRECT, POST):
        _add(role, "md:SingleLogoutService", Binding=binding, Location=slo_url)
    _add(role, "md:NameIDFormat", PERSISTENT)
    for binding in (REDIRECT, POST):
        _add(role, "md:SingleSignOnService", Binding=binding, Location=sso_url)
    return root
