"""Short keys of long names."""

from __future__ import annotations

from hashlib import blake2b


def digest_of(iri: str) -> str:
    return blake2b(iri.encode(), digest_size=16).hexdigest()
