"""Words and values of SAML 2.0 (OASIS saml-core, saml-bindings, saml-profiles, saml-metadata; 2005)."""

from __future__ import annotations

from dataclasses import dataclass, field

SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
MD, DS = "urn:oasis:names:tc:SAML:2.0:metadata", "http://www.w3.org/2000/09/xmldsig#"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMES = {"saml": SAML, "samlp": SAMLP, "md": MD, "ds": DS, "soap": SOAP}
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SOAP_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
ACCEPTED_FORMATS = frozenset({
    "", PERSISTENT, "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified",
})  # fmt: skip
"""A request may ask for one of these; everybody has one user id in an application, and it is persistent."""
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS, REQUESTER, RESPONDER = f"{STATUS}Success", f"{STATUS}Requester", f"{STATUS}Responder"
NO_PASSIVE, DENIED = f"{STATUS}NoPassive", f"{STATUS}RequestDenied"
UNSUPPORTED_FORMAT = f"{STATUS}InvalidNameIDPolicy"
CLASSES = {
    "password": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    "second": "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    "other": "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
}
MOST_MESSAGE, MOST_METADATA = 64 * 1024, 256 * 1024
SKEW_SECONDS = 180
"""How far the clocks of two servers may be apart."""
LIFE_SECONDS = 300
"""How long an assertion, and a request before it is answered, is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a service provider takes messages."""

    binding: str
    url: str
    response_url: str = ""
    index: int = 0
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the metadata of a service provider says. ``certificates`` are base64 DER, of signing keys."""

    entity_id: str
    acs: tuple[Endpoint, ...]
    slo: tuple[Endpoint, ...] = ()
    certificates: tuple[str, ...] = ()
    wants_signed_requests: bool = False
    """The provider says that it signs its requests: unsigned ones are refused."""
    name_formats: tuple[str, ...] = ()

    @property
    def takes_our_ids(self) -> bool:
        """Whether it names no format of user ids, or one that we send."""
        return not self.name_formats or bool(ACCEPTED_FORMATS & set(self.name_formats))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthnRequest:
    id: str
    issuer: str
    acs_url: str = ""
    acs_index: int | None = None
    force: bool = False
    passive: bool = False
    name_format: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutRequest:
    id: str
    issuer: str
    name_id: str
    sessions: tuple[str, ...] = field(default=())


class BadMessage(Exception):
    """A message cannot be trusted or understood; the text names the rule, in English, for logs and developers."""
