"""Sealing of sensitive values and keyed digests for finding them again.

Sealed bytes: ``0x01 | 12-byte nonce | AES-256-GCM ciphertext+tag``; the first byte names the scheme, so that SM4 can stand
beside it. Blind indexes are keyed 128-bit digests stored as UUIDs (fixed width, fast to compare), one domain per kind of
value, so that equal strings of different kinds do not match.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import blake2b
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

AES_GCM = b"\x01"


@cache
def _aead() -> AESGCM:
    return AESGCM(settings.LINGQU_KEYS["seal"])


def seal(value: bytes) -> bytes:
    nonce = os.urandom(12)
    return AES_GCM + nonce + _aead().encrypt(nonce, value, None)


def unseal(sealed: bytes | memoryview) -> bytes:
    """Raises ``cryptography.exceptions.InvalidTag`` on a wrong key or changed bytes."""
    sealed = bytes(sealed)
    if sealed[:1] != AES_GCM:
        raise ValueError(f"unknown sealing scheme {sealed[:1]!r}")
    return _aead().decrypt(sealed[1:13], sealed[13:], None)


def seal_fields(values: Mapping[str, str]) -> bytes | None:
    """One sealed map of the non-empty values; None when there is nothing to seal."""
    kept = {name: value for name, value in values.items() if value}
    return seal(msgspec.json.encode(kept)) if kept else None


def unseal_fields(sealed: bytes | memoryview | None) -> dict[str, str]:
    return msgspec.json.decode(unseal(sealed), type=dict[str, str]) if sealed else {}


def blind(kind: str, value: str) -> UUID:
    """Keyed digest of a normalised value, for exact search. ``kind``: ``id``, ``phone``, ``student_register`` …"""
    digest = blake2b(value.encode(), key=settings.LINGQU_KEYS["blind"], person=kind.encode()[:16], digest_size=16)
    return UUID(bytes=digest.digest())


def blind_all(kind: str, values: Iterable[str | None]) -> list[str | None]:
    """``blind`` over a column; empty values stay None. Text form (hex), ready for COPY."""
    key, person = settings.LINGQU_KEYS["blind"], kind.encode()[:16]
    return [
        blake2b(v.encode(), key=key, person=person, digest_size=16).hexdigest() if v else None for v in values
    ]


def row_hashes(rows: Iterable[str]) -> list[str]:
    """Keyed 128-bit digests (hex) of row texts, computed before sealing, so that unchanged rows are recognised."""
    key = settings.LINGQU_KEYS["row"]
    return [blake2b(row.encode(), key=key, digest_size=16).hexdigest() for row in rows]
