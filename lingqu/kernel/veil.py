"""The outer layer of every stored index value, which is what a rotation of the index key exchanges.

An index value is ``veil(digest)``: a keyed 128-bit digest, encrypted as one block under the index key. Equal digests
stay equal, so exact search works; and because a block can be decrypted, a new key needs no plain values: every stored
value is unveiled by the old key and veiled by the new one. Whoever knows the fixed digest key but not the present
index key can compute nothing that stands in the database.

Keys in ``LINGQU_KEYS``: ``index``, ``index.2``, ``index.3.sm`` …; the ending says the cipher (AES-256, or SM4 of
GB/T 32907), an empty key means no layer (homes older than it). The highest number is wanted. Which one the database
holds stands in ``kernel_key_state`` and is asked only while there are several.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection
from django.utils.translation import gettext as _

from .errors import Unavailable
from .keynames import fingerprint, names_of

BLOCK = 16
STATE = "index"


@dataclass(frozen=True)
class Veil:
    """One index key. ``key`` empty: values stay as they are."""

    key: bytes
    is_sm: bool = False

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.key)

    def _cipher(self) -> Cipher[modes.ECB]:
        if self.is_sm:
            short = blake2b(self.key, digest_size=16, person=b"lingqu.sm4").digest()
            return Cipher(algorithms.SM4(short), modes.ECB())  # noqa: S305 - single blocks, each a digest
        return Cipher(algorithms.AES(self.key), modes.ECB())  # noqa: S305 - single blocks, each a digest

    def cover(self, digests: bytes) -> bytes:
        """Any number of 16-byte digests in a row."""
        return self._cipher().encryptor().update(digests) if self.key and digests else digests

    def uncover(self, values: bytes) -> bytes:
        return self._cipher().decryptor().update(values) if self.key and values else values


def veils() -> dict[str, Veil]:
    """Every index key of the key file by fingerprint, oldest first."""
    names = names_of(settings.LINGQU_KEYS, STATE)
    made = [Veil(settings.LINGQU_KEYS[name], name.endswith(".sm")) for name in names] or [Veil(b"")]
    return {one.fingerprint: one for one in made}


def wanted() -> Veil:
    return list(veils().values())[-1]


@cache
def current() -> Veil:
    """The layer of the values in the database. Raises :class:`Unavailable` while they change, or without their key."""
    known = veils()
    if len(known) == 1:
        return wanted()
    with connection.cursor() as cursor:
        cursor.execute("SELECT fingerprint, target FROM kernel_key_state WHERE name = %s", [STATE])
        held, target = cursor.fetchone() or ("", "")
    if target:
        raise Unavailable(_("正在更换索引密钥，请稍后再试。"), code="keys_changing")
    if held not in known:
        raise Unavailable(_("密钥文件里没有数据库所用的索引密钥 %(name)s。") % {"name": held}, code="key_missing")
    return known[held]


def forget() -> None:
    """Ask the database again (after a rotation inside this process)."""
    current.cache_clear()


def _forget_keys(*, setting: str, **_other: object) -> None:
    if setting == "LINGQU_KEYS":
        forget()


setting_changed.connect(_forget_keys)
