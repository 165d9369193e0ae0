"""What CAS servers say: CAS 1 lines, CAS 2 and 3 XML, JSON, SAML 1.1 answers and the logout request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lingqu.kernel.clock import now
from lingqu.kernel.ids import uuid7

from .types import Outcome, Refused, Validated

CAS_NAMESPACE = "http://www.yale.edu/tp/cas"


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_line(outcome: Outcome) -> str:
    """CAS 1: ``yes`` and the user, or ``no``."""
    return f"yes\n{outcome.user}\n" if isinstance(outcome, Validated) else "no\n\n"


def as_xml(outcome: Outcome, *, with_attributes: bool) -> str:
    """CAS 2; with attributes CAS 3 (§ 2.5.2)."""
    if isinstance(outcome, Refused):
        inner = f"<cas:authenticationFailure code={quoteattr(outcome.code)}>{escape(outcome.message)}</cas:authenticationFailure>"
    else:
        attributes = f"<cas:attributes>{_elements(outcome)}</cas:attributes>" if with_attributes else ""
        inner = f"<cas:authenticationSuccess><cas:user>{escape(outcome.user)}</cas:user>{attributes}</cas:authenticationSuccess>"
    return f'<cas:serviceResponse xmlns:cas="{CAS_NAMESPACE}">{inner}</cas:serviceResponse>'


def _elements(found: Validated) -> str:
    return "".join(f"<cas:{name}>{escape(value)}</cas:{name}>" for name, value in (*_about(found), *found.attributes))


def _about(found: Validated) -> tuple[tuple[str, str], ...]:
    """The attributes that every CAS 3 answer has (Appendix A)."""
    return (
        ("authenticationDate", moment(found.auth_time)),
        ("longTermAuthenticationRequestTokenUsed", "false"),
        ("isFromNewLogin", "true" if found.is_fresh else "false"),
    )


def as_json(outcome: Outcome, *, with_attributes: bool) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        return {
            "serviceResponse": {"authenticationFailure": {"code": outcome.code, "description": outcome.message}},
        }
    success: dict[str, Any] = {"user": outcome.user}
    if with_attributes:
        attributes: dict[str, Any] = {
            "authenticationDate": moment(outcome.auth_time), "longTermAuthenticationRequestTokenUsed": False,
            "isFromNewLogin": outcome.is_fresh,
        }  # fmt: skip
        for name, value in outcome.attributes:
            attributes.setdefault(name, []).append(value)
        success["attributes"] = attributes
    return {"serviceResponse": {"authenticationSuccess": success}}


def as_saml(outcome: Outcome, *, service: str, issuer: str, in_response_to: str = "") -> str:
    """SAML 1.1 answer to ``samlValidate`` (CAS 3.0 § 4.2)."""
    at, life = now(), timedelta(seconds=60)
    if isinstance(outcome, Refused):
        status = '<saml1p:StatusCode Value="saml1p:RequestDenied"/>'
        body = f"<saml1p:Status>{status}<saml1p:StatusMessage>{escape(outcome.message)}</saml1p:StatusMessage></saml1p:Status>"
    else:
        subject = f"<saml1:Subject><saml1:NameIdentifier>{escape(outcome.user)}</saml1:NameIdentifier></saml1:Subject>"
        attributes: dict[str, list[str]] = {}
        for name, value in (*_about(outcome), *outcome.attributes):
            attributes.setdefault(name, []).append(value)
        told = "".join(
            f'<saml1:Attribute AttributeName={quoteattr(name)} AttributeNamespace="http://www.ja-sig.org/products/cas/">'
            + "".join(f"<saml1:AttributeValue>{escape(value)}</saml1:AttributeValue>" for value in values)
            + "</saml1:Attribute>"
            for name, values in attributes.items()
        )
        body = (
            '<saml1p:Status><saml1p:StatusCode Value="saml1p:Success"/></saml1p:Status>'
            '<saml1:Assertion xmlns:saml1="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1"'
            f' AssertionID="_{uuid7().hex}" IssueInstant="{moment(at)}" Issuer={quoteattr(issuer)}>'
            f'<saml1:Conditions NotBefore="{moment(at - life)}" NotOnOrAfter="{moment(at + life)}">'
            "<saml1:AudienceRestrictionCondition>"
            f"<saml1:Audience>{escape(service)}</saml1:Audience></saml1:AudienceRestrictionCondition></saml1:Conditions>"
            f'<saml1:AuthenticationStatement AuthenticationInstant="{moment(outcome.auth_time)}"'
            f' AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:password">{subject}</saml1:AuthenticationStatement>'
            f"<saml1:AttributeStatement>{subject}{told}</saml1:AttributeStatement></saml1:Assertion>"
        )
    answers = f" InResponseTo={quoteattr(in_response_to)}" if in_response_to else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>'
        '<saml1p:Response xmlns:saml1p="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1"'
        f' ResponseID="_{uuid7().hex}" IssueInstant="{moment(at)}" Recipient={quoteattr(service)}{answers}>{body}'
        "</saml1p:Response></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )


def logout_request(*, ticket: str, user: str) -> str:
    """The SAML LogoutRequest of CAS single logout (Appendix B); its SessionIndex is the ticket."""
    return (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        f' ID="_{uuid7().hex}" Version="2.0" IssueInstant="{moment(now())}">'
        f'<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{escape(user)}</saml:NameID>'
        f"<samlp:SessionIndex>{escape(ticket)}</samlp:SessionIndex></samlp:LogoutRequest>"
    )
