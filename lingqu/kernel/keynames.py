"""How the keys of a key file are named, and how one speaks of a key without showing it."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b


def number_of(name: str) -> int:
    """``seal`` is 1, ``seal.2`` is 2, ``index.3.sm`` is 3."""
    parts = name.split(".")
    return int(parts[1]) if len(parts) > 1 else 1


def names_of(keys: Iterable[str], use: str) -> list[str]:
    """The names of one use, oldest first."""
    return sorted((name for name in keys if name.split(".")[0] == use), key=number_of)


def fingerprint(key: bytes) -> str:
    """Eight hex characters by which people and manifests name a key; empty for no key."""
    return blake2b(key, digest_size=4, person=b"lingqu.key.name").hexdigest() if key else ""
