"""Sealing of sensitive values and keyed digests for finding them again.

Sealed bytes: ``scheme | key id | 12-byte nonce | ciphertext | 16-byte tag``; scheme 1 is AES-256-GCM, 2 is SM4-GCM
(GB/T 32907, chosen for new values by ``LINGQU_CRYPTO = "sm"``; old ones stay readable). The two leading bytes and an
optional context are authenticated too, so neither can be exchanged. Marks say their algorithm too: 32 bytes are
HMAC-SHA256, 33 bytes begin with the scheme (2: HMAC-SM3, GB/T 32905).

Rotation: ``LINGQU_KEYS["seal"]`` is key 1, ``"seal.2"``, ``"seal.3"`` … follow; the highest seals, all unseal
(``rotation`` reseals what is left). The digest keys (``blind``, ``row``) never change; what they made is stored under
the layer of ``veil``, whose key does.

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
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.core.signals import setting_changed

from . import veil
from .keynames import names_of, number_of

AES_GCM = 1
SM4_GCM = 2
SCHEMES = {"default": AES_GCM, "sm": SM4_GCM}
NONCE, TAG, HEAD, MARK = 12, 16, 2, 32

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
    return {number_of(name): settings.LINGQU_KEYS[name] for name in names_of(settings.LINGQU_KEYS, "seal")}


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


def _scheme() -> int:
    return SCHEMES[getattr(settings, "LINGQU_CRYPTO", "default")]


@cache
def _current() -> tuple[bytes, Encrypt]:
    """Head bytes and encryption of new values."""
    scheme, key_id = _scheme(), max(_seal_keys())
    return bytes((scheme, key_id)), _engine(scheme, key_id).encrypt


def _forget_keys(*, setting: str, **_other: object) -> None:
    if setting in {"LINGQU_KEYS", "LINGQU_CRYPTO"}:
        for cached in (_seal_keys, _engine, _current):
            cached.cache_clear()


setting_changed.connect(_forget_keys)


def seal(value: bytes, context: bytes = b"") -> bytes:
    """``context`` must be given again to unseal: what the value belongs to."""
    begin, encrypt = _current()
    nonce = os.urandom(NONCE)
    return begin + nonce + encrypt(nonce, value, begin + context)


def unseal(sealed: bytes | memoryview, context: bytes = b"") -> bytes:
    """Raises ``cryptography.exceptions.InvalidTag`` on changed bytes, ``ValueError`` on an unknown scheme or key."""
    sealed = bytes(sealed)
    if len(sealed) < HEAD + NONCE + TAG:
        raise InvalidTag
    begin, nonce = sealed[:HEAD], sealed[HEAD : HEAD + NONCE]
    return _engine(begin[0], begin[1]).decrypt(nonce, sealed[HEAD + NONCE :], begin + context)


def head() -> bytes:
    """The two bytes that begin every value sealed now."""
    return _current()[0]


def is_current(sealed: bytes | memoryview) -> bool:
    """Whether a value is sealed by today's scheme and key; rotation reseals the others."""
    return bytes(sealed[:HEAD]) == head()


def seal_fields(values: Mapping[str, str]) -> bytes | None:
    """One sealed map of the non-empty values; None when there is nothing to seal."""
    kept = {name: value for name, value in values.items() if value}
    return seal(_encode(kept)) if kept else None


def seal_all(rows: Iterable[Mapping[str, str | None]]) -> list[bytes | None]:
    """``seal_fields`` over many rows: one call for the nonces, no look-ups in the loop."""
    begin, encrypt = _current()
    kept = [{name: value for name, value in row.items() if value} for row in rows]
    nonces, encode = os.urandom(NONCE * len(kept)), _encode
    made: list[bytes | None] = []
    for at, values in enumerate(kept):
        if values:
            nonce = nonces[at * NONCE : at * NONCE + NONCE]
            made.append(begin + nonce + encrypt(nonce, encode(values), begin))
        else:
            made.append(None)
    return made


def unseal_fields(sealed: bytes | memoryview | None) -> dict[str, str]:
    return _decode_fields(unseal(sealed)) if sealed else {}


def imprint(kind: str, value: str) -> bytes:
    """Keyed 128-bit digest that no rotation changes: for what stands on paper, and as the inside of ``blind``."""
    return blake2b(
        value.encode(), key=settings.LINGQU_KEYS["blind"], person=kind.encode()[:16], digest_size=16
    ).digest()


def blind(kind: str, value: str) -> UUID:
    """Keyed digest of a normalised value, for exact search. ``kind``: what sort of value it is, at most 16 bytes.

    A column that keeps one is declared in ``rotation``.
    """
    return UUID(bytes=veil.current().cover(imprint(kind, value)))


def imprint_all(kind: str, values: Iterable[str | None]) -> list[str | None]:
    """``imprint`` over a column, as hex; empty values stay None."""
    key, person = settings.LINGQU_KEYS["blind"], kind.encode()[:16]
    return [blake2b(v.encode(), key=key, person=person, digest_size=16).hexdigest() if v else None for v in values]


def cover_all(digests: Sequence[str | None]) -> list[str | None]:
    """The present layer over digests (hex) that have none yet: what may be stored."""
    covered = veil.current().cover(bytes.fromhex("".join(one for one in digests if one))).hex()
    at, made = 0, []
    for one in digests:
        made.append(covered[at : at + 32] if one else None)
        at += 32 if one else 0
    return made


def blind_all(kind: str, values: Iterable[str | None]) -> list[str | None]:
    """``blind`` over a column; empty values stay None. Text form (hex), ready for COPY."""
    return cover_all(imprint_all(kind, values))


def row_hashes(rows: Iterable[str]) -> list[str]:
    """Keyed 128-bit digests (hex) of row texts, computed before sealing, so that unchanged rows are recognised.

    Stored under ``cover_all``.
    """
    key = settings.LINGQU_KEYS["row"]
    return [blake2b(row.encode(), key=key, digest_size=16).hexdigest() for row in rows]


def mark(domain: str, parts: Sequence[bytes]) -> bytes:
    """Keyed 256-bit mark over parts, which only a holder of the key file can make; it says its algorithm."""
    return _mark(_scheme(), domain, parts)


def is_mark(given: bytes, domain: str, parts: Sequence[bytes]) -> bool:
    """Whether ``given`` is a mark over the parts, by whichever algorithm it says."""
    scheme = given[0] if len(given) == MARK + 1 else AES_GCM
    return scheme in (AES_GCM, SM4_GCM) and hmac.compare_digest(given, _mark(scheme, domain, parts))


def all_marks(domain: str, parts: Sequence[bytes]) -> list[bytes]:
    """The mark by each algorithm: for what was cut from one and must stay valid."""
    return [_mark(scheme, domain, parts) for scheme in SCHEMES.values()]


def _mark(scheme: int, domain: str, parts: Sequence[bytes]) -> bytes:
    key = blake2b(settings.LINGQU_KEYS["row"], person=domain.encode()[:16], digest_size=32).digest()
    whole = b"".join(piece for part in parts for piece in (len(part).to_bytes(8, "big"), part))
    if scheme == SM4_GCM:
        made = HMAC(key, SM3())
        made.update(whole)
        return bytes((scheme,)) + made.finalize()
    return hmac.digest(key, whole, sha256)
