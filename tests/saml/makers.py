"""A service provider in a few lines: its key, certificate and messages."""

from __future__ import annotations

import base64
from datetime import timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from lingqu.foundation.saml.types import SAML, SAMLP
from lingqu.foundation.saml.writing import moment, new_id
from lingqu.foundation.saml.xml import parse, serialise, sign
from lingqu.kernel.clock import now

ENTITY, ACS = "https://sp.example.cn/metadata", "https://sp.example.cn/acs"


def key_pair(name: str = "sp") -> tuple[rsa.RSAPrivateKey, str]:
    """Key and certificate (PEM) of somebody, the same for the same name."""
    return _made(name)


@cache
def _made(name: str) -> tuple[rsa.RSAPrivateKey, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=30)).sign(key, hashes.SHA256())
    )  # fmt: skip
    return key, made.public_bytes(serialization.Encoding.PEM).decode()


def bare(certificate: str) -> str:
    return "".join(line for line in certificate.splitlines() if not line.startswith("-----"))


def authn_request(destination: str, *, entity: str = ENTITY, more: str = "", inside: str = "", age: int = 0) -> bytes:
    at = moment(now() - timedelta(seconds=age))
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{new_id()}" Version="2.0"'
        f' IssueInstant="{at}" Destination="{destination}" {more}><saml:Issuer>{entity}</saml:Issuer>{inside}'
        "</samlp:AuthnRequest>"
    ).encode()


def logout_request(destination: str, *, name_id: str, session: str, entity: str = ENTITY) -> bytes:
    return (
        f'<samlp:LogoutRequest xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{new_id()}" Version="2.0"'
        f' IssueInstant="{moment(now())}" Destination="{destination}"><saml:Issuer>{entity}</saml:Issuer>'
        f"<saml:NameID>{name_id}</saml:NameID><samlp:SessionIndex>{session}</samlp:SessionIndex></samlp:LogoutRequest>"
    ).encode()


def signed(message: bytes, who: str = "sp") -> bytes:
    key, certificate = key_pair(who)
    return serialise(sign(parse(message), key=key, certificate=certificate))


def posted(message: bytes) -> str:
    return base64.b64encode(message).decode()


def metadata(
    *, certificate: str = "", wants_signed: bool = False, soap: str = "", entity: str = ENTITY, acs: str = ACS
) -> bytes:
    key = (
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{bare(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        if certificate
        else ""
    )
    slo = '<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://sp.example.cn/slo"/>'
    if soap:
        slo += f'<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="{soap}"/>'
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">'
        f'<md:SPSSODescriptor AuthnRequestsSigned="{str(wants_signed).lower()}" protocolSupportEnumeration="{SAMLP}">'
        f"{key}{slo}"
        f'<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{acs}" index="0" isDefault="true"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>"
    ).encode()
