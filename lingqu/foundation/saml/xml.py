"""XML that strangers sent, read safely; signatures made and verified; only what was signed is ever read."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree
from signxml import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConfiguration,
    SignatureMethod,
    XMLSigner,
    XMLVerifier,
)
from signxml.exceptions import SignXMLException

from .types import DS, MOST_MESSAGE, NAMES, BadMessage

Element = Any
METHODS = frozenset({
    SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512, SignatureMethod.ECDSA_SHA256,
    SignatureMethod.ECDSA_SHA384,
})  # fmt: skip
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


def parse(data: bytes, *, most: int = MOST_MESSAGE) -> Element:
    """The root element. Refused: document types, entities, deep or big documents; comments and instructions are dropped."""
    if not data or len(data) > most:
        raise BadMessage("message is empty or too long")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadMessage("message is not well-formed XML") from error
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise BadMessage("message has a document type")
    return root


def decode(text: str) -> bytes:
    """Base64 of the POST binding."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadMessage("message is not base64") from error


def inflate(text: str) -> bytes:
    """Base64 and DEFLATE of the redirect binding, never more than ``MOST_MESSAGE`` bytes."""
    engine = zlib.decompressobj(-15)
    try:
        data = engine.decompress(decode(text), MOST_MESSAGE + 1)
    except zlib.error as error:
        raise BadMessage("message is not deflated") from error
    if len(data) > MOST_MESSAGE or engine.unconsumed_tail:
        raise BadMessage("message is too long")
    return data


def deflate(data: bytes) -> str:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(engine.compress(data) + engine.flush()).decode()


def serialise(root: Element) -> bytes:
    text: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return text


def sign(root: Element, *, key: rsa.RSAPrivateKey, certificate: str) -> Element:
    """An enveloped signature over the element with its ``ID``, placed right after the Issuer as the schema asks."""
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    made = signer.sign(root, key=key, cert=certificate, reference_uri=f"#{root.get('ID')}", id_attribute="ID")
    signature = [one for one in made if one.tag == f"{{{DS}}}Signature"][-1]
    made.find("saml:Issuer", NAMES).addnext(signature)
    return made


def is_signed(root: Element) -> bool:
    return root.find("ds:Signature", NAMES) is not None


def verified(root: Element, certificates: Sequence[str]) -> Element:
    """The element as it was signed, by one of the certificates. Nothing else of the message may be read.

    The signature must stand directly in the root and cover exactly the root: wrapped ones fail.
    """
    if len(root.findall("ds:Signature", NAMES)) != 1 or len(root.findall(".//ds:Signature", NAMES)) != 1:
        raise BadMessage("message must carry one signature, over itself")
    wanted = SignatureConfiguration(
        location="./", signature_methods=METHODS, digest_algorithms=DIGESTS, ignore_ambiguous_key_info=True,
    )  # fmt: skip
    ids = [one.get("ID") for one in root.iter() if isinstance(one.tag, str) and one.get("ID") is not None]
    if len(ids) != len(set(ids)):
        raise BadMessage("an ID stands twice")
    for certificate in certificates:
        try:
            found: Any = XMLVerifier().verify(root, x509_cert=pem(certificate), expect_config=wanted, id_attribute="ID")
        except (SignXMLException, ValueError, etree.LxmlError):
            continue
        signed = found.signed_xml
        if signed is not None and signed.tag == root.tag and signed.get("ID") == root.get("ID"):
            return signed
    raise BadMessage("signature does not fit the registered certificate")


def pem(certificate: str) -> str:
    """A base64 DER certificate with its lines and frame."""
    plain = "".join(certificate.split())
    lines = "\n".join(plain[at : at + 64] for at in range(0, len(plain), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
