"""Keys under which actors and terms are found."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from uuid import UUID

from lingqu.kernel import crypto


def actor_digest(tenant: int, identifier: str) -> UUID:
    return crypto.blind("records.actor", actor_text(tenant, identifier))


def actor_text(tenant: int, identifier: str) -> str:
    return f"{tenant}\0{identifier}"


def term_key(iri: str) -> str:
    return blake2b(iri.encode(), digest_size=16).hexdigest()


def array(values: Iterable[str]) -> str:
    """An array of PostgreSQL as text, of numbers or digests. Drivers quote each value of a list with care and at leisure."""
    return "{" + ",".join(values) + "}"
