"""Sealing of sensitive values and keyed digests for finding them again.

Sealed bytes: ``scheme | key id | 12-byte nonce | ciphertext | 16-byte tag``; scheme 1 is AES-256-GCM, 2 is SM4-GCM
(GB/T 32907, chosen for new values by ``LINGQU_CIPHER = "sm4"``; old ones stay readable). The two leading bytes and an
optional context are authenticated too, so neither can be exchanged.

Rotation: ``LINGQU_KEYS["seal"]`` is key 1, ``"seal.2"``, ``"seal.3"`` … follow; the highest seals, all unseal. The
digest keys (``blind``, ``row``) never change: what they made is stored and searched.

Blind indexes are keyed 128-bit digests stored as UUIDs (fixed width, fast to compare), one domain per kind of value, so
that equal strings of different kinds do not match.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b, sha256
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.signals import setting_changed

AES_GCM = 1
SM4_GCM = 2
SCHEMES = {"aes": AES_GCM, "sm4": SM4_GCM}
NONCE, TAG, HEAD = 12, 16, 2

Encrypt = Callable[[bytes, bytes, bytes], bytes]
_encode = msgspec.json.Encoder().encode
_decode_fields = msgspec.json.Decoder(dict[str, str]).decode


class _Sm4Gcm:
    """The same two calls as ``AESGCM``, over SM4."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(blake2b(key, digest_size=16, person=b"lingqu.sm4").digest())

    def encrypt(self, nonce: bytes, value: bytes, associated: bytes) -> bytes:
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated)
        return encryptor.update(value) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, value: bytes, associated: bytes) -> bytes:
        if len(value) < TAG:
            raise InvalidTag
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, value[-TAG:])).decryptor()
        decryptor.authenticate_additional_data(associated)
        return decryptor.update(value[:-TAG]) + decryptor.finalize()


@cache
def _seal_keys() -> dict[int, bytes]:
    named = {name: key for name, key in settings.LINGQU_KEYS.items() if name == "seal" or name.startswith("seal.")}
    return {int(name.partition(".")[2] or 1): key for name, key in named.items()}


@cache
def _engine(scheme: int, key_id: int) -> AESGCM | _Sm4Gcm:
    key = _seal_keys().get(key_id)
    if key is None:
        raise ValueError(f"sealing key {key_id} is not in the key file")
    if scheme == AES_GCM:
        return AESGCM(key)
    if scheme == SM4_GCM:
        return _Sm4Gcm(key)
    raise ValueError(f"unknown sealing scheme {scheme}")


@cache
def _current() -> tuple[bytes, Encrypt]:
    """Head bytes and encryption of new values."""
    scheme, key_id = SCHEMES[getattr(settings, "LINGQU_CIPHER", "aes")], max(_seal_keys())
    return bytes((scheme, key_id)), _engine(scheme, key_id).encrypt


def _forget_keys(*, setting: str, **_other: object) -> None:
    if setting in {"LINGQU_KEYS", "LINGQU_CIPHER"}:
        for cached in (_seal_keys, _engine, _current):
            cached.cache_clear()


setting_changed.connect(_forget_keys)


def seal(value: bytes, context: bytes = b"") -> bytes:
    """``context`` must be given again to unseal: what the value belongs to."""
    head, encrypt = _current()
    nonce = os.urandom(NONCE)
    return head + nonce + encrypt(nonce, value, head + context)


def unseal(sealed: bytes | memoryview, context: bytes = b"") -> bytes:
    """Raises ``cryptography.exceptions.InvalidTag`` on changed bytes, ``ValueError`` on an unknown scheme or key."""
    sealed = bytes(sealed)
    if len(sealed) < HEAD + NONCE + TAG:
        raise InvalidTag
    head, nonce = sealed[:HEAD], sealed[HEAD : HEAD + NONCE]
    return _engine(head[0], head[1]).decrypt(nonce, sealed[HEAD + NONCE :], head + context)


def is_current(sealed: bytes | memoryview) -> bool:
    """Whether a value is sealed by today's scheme and key; rotation reseals the others."""
    return bytes(sealed[:HEAD]) == _current()[0]


def seal_fields(values: Mapping[str, str]) -> bytes | None:
    """One sealed map of the non-empty values; None when there is nothing to seal."""
    kept = {name: value for name, value in values.items() if value}
    return seal(_encode(kept)) if kept else None


def seal_all(rows: Iterable[Mapping[str, str | None]]) -> list[bytes | None]:
    """``seal_fields`` over many rows: one call for the nonces, no look-ups in the loop."""
    head, encrypt = _current()
    kept = [{name: value for name, value in row.items() if value} for row in rows]
    nonces, encode = os.urandom(NONCE * len(kept)), _encode
    made: list[bytes | None] = []
    for at, values in enumerate(kept):
        if values:
            nonce = nonces[at * NONCE : at * NONCE + NONCE]
            made.append(head + nonce + encrypt(nonce, encode(values), head))
        else:
            made.append(None)
    return made


def unseal_fields(sealed: bytes | memoryview | None) -> dict[str, str]:
    return _decode_fields(unseal(sealed)) if sealed else {}


def blind(kind: str, value: str) -> UUID:
    """Keyed digest of a normalised value, for exact search. ``kind``: what sort of value it is, at most 16 bytes."""
    digest = blake2b(value.encode(), key=settings.LINGQU_KEYS["blind"], person=kind.encode()[:16], digest_size=16)
    return UUID(bytes=digest.digest())


def blind_all(kind: str, values: Iterable[str | None]) -> list[str | None]:
    """``blind`` over a column; empty values stay None. Text form (hex), ready for COPY."""
    key, person = settings.LINGQU_KEYS["blind"], kind.encode()[:16]
    return [blake2b(v.encode(), key=key, person=person, digest_size=16).hexdigest() if v else None for v in values]


def row_hashes(rows: Iterable[str]) -> list[str]:
    """Keyed 128-bit digests (hex) of row texts, computed before sealing, so that unchanged rows are recognised."""
    key = settings.LINGQU_KEYS["row"]
    return [blake2b(row.encode(), key=key, digest_size=16).hexdigest() for row in rows]


def mark(domain: str, parts: Sequence[bytes]) -> bytes:
    """Keyed 256-bit mark over parts, which only a holder of the key file can make."""
    key = blake2b(settings.LINGQU_KEYS["row"], person=domain.encode()[:16], digest_size=32).digest()
    made = hmac.new(key, digestmod=sha256)
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()
