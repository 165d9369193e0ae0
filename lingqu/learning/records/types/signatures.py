"""Signed statements: a JWS whose payload is the statement (1.0.3 Data 2.6; 2.0 4.2.6; RFC 7515)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .comparison import is_same
from .faults import Fault

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
_ALGORITHMS: dict[str, hashes.HashAlgorithm] = {
    "RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512(),
}  # fmt: skip


def check_signature(content: bytes, statement: dict[str, Any], place: str) -> None:
    """The signature by the certificate that came along (if one did), and the payload as the statement itself."""
    pieces = content.strip().split(b".")
    if len(pieces) != 3:
        raise Fault("a signature is a JWS in compact form", place)
    header, payload = _object(pieces[0], place), _object(pieces[1], place)
    algorithm = _ALGORITHMS.get(str(header.get("alg")))
    if algorithm is None:
        raise Fault("a signature uses RS256, RS384 or RS512", place)
    if "x5c" in header:
        _verify(header["x5c"], algorithm, pieces, place)
    signed = {name: value for name, value in payload.items() if name != "attachments"}
    sent = {name: value for name, value in statement.items() if name != "attachments"}
    if not is_same(signed, sent):
        raise Fault("what was signed is another statement", place)


def _verify(chain: Any, algorithm: hashes.HashAlgorithm, pieces: list[bytes], place: str) -> None:
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(chain[0])).public_key()
    except (ValueError, TypeError, IndexError, KeyError, binascii.Error):
        raise Fault("x5c holds no certificate", place) from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Fault("the certificate has no RSA key", place)
    try:
        key.verify(_bytes(pieces[2], place), pieces[0] + b"." + pieces[1], padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        raise Fault("the signature does not fit its certificate", place) from None


def _bytes(piece: bytes, place: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(piece + b"=" * (-len(piece) % 4))
    except (binascii.Error, ValueError):
        raise Fault("a signature is a JWS in compact form", place) from None


def _object(piece: bytes, place: str) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(_bytes(piece, place))
    except msgspec.DecodeError:
        raise Fault("header and payload of a signature are JSON", place) from None
    if not isinstance(found, dict):
        raise Fault("header and payload of a signature are JSON objects", place)
    return found
