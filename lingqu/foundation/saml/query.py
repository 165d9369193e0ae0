"""Signatures of the redirect binding: over the query as it was sent, not over the XML (saml-bindings § 3.4.4.1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import quote_plus, unquote_plus

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm

from .types import BadMessage
from .xml import pem

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ALGORITHMS: dict[str, tuple[str, type[HashAlgorithm]]] = {
    RSA_SHA256: ("rsa", SHA256),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": ("rsa", SHA384),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": ("rsa", SHA512),
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": ("ec", SHA256),
}


def signed_query(parameters: dict[str, str], key: rsa.RSAPrivateKey) -> str:
    """The query with ``SigAlg`` and ``Signature``; the order of ``parameters`` is that of the standard."""
    text = "&".join(f"{name}={quote_plus(value)}" for name, value in (*parameters.items(), ("SigAlg", RSA_SHA256)))
    made = base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), SHA256())).decode()
    return f"{text}&Signature={quote_plus(made)}"


def raw_parts(query: str) -> dict[str, str]:
    """Parameters as they were sent, still encoded. One that stands twice is an error."""
    parts: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in parts:
            raise BadMessage("a parameter stands twice")
        parts[name] = value
    return parts


def check_query(query: str, name: str, certificates: Sequence[str]) -> None:
    """Raises :class:`BadMessage` unless the query's ``name`` (SAMLRequest or SAMLResponse) is signed by a certificate."""
    parts = raw_parts(query)
    if "Signature" not in parts or "SigAlg" not in parts:
        raise BadMessage("request is not signed")
    kind, digest = ALGORITHMS.get(unquote_plus(parts["SigAlg"]), ("", SHA256))
    if not kind:
        raise BadMessage("signature algorithm is not accepted")
    text = "&".join(f"{one}={parts[one]}" for one in (name, "RelayState", "SigAlg") if one in parts)
    try:
        given = base64.b64decode(unquote_plus(parts["Signature"]), validate=True)
    except binascii.Error as error:
        raise BadMessage("signature is not base64") from error
    if not any(_fits(one, kind, given, text.encode(), digest()) for one in certificates):
        raise BadMessage("signature does not fit the registered certificate")


def _fits(certificate: str, kind: str, given: bytes, text: bytes, digest: HashAlgorithm) -> bool:
    key = x509.load_pem_x509_certificate(pem(certificate).encode()).public_key()
    try:
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(given, text, padding.PKCS1v15(), digest)
            return True
        if kind == "ec" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(given, text, ec.ECDSA(digest))
            return True
    except InvalidSignature:
        return False
    return False
