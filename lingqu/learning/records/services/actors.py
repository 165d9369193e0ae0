"""Actors of documents: found, or made on first use."""

from __future__ import annotations

from uuid import UUID

import msgspec

from lingqu.kernel import crypto

from ..models import Actor
from ..types.agents import identifier_of


def digest_of(agent: bytes) -> UUID:
    return crypto.blind("records.actor", identifier_of(msgspec.json.decode(agent)))


def find_actor(tenant: int, agent: bytes) -> int | None:
    return Actor.objects.filter(tenant_id=tenant, digest=digest_of(agent)).values_list("id", flat=True).first()


def touch_actor(tenant: int, agent: bytes) -> int:
    """The id of the agent's row, made if there is none; two at once make one."""
    digest = digest_of(agent)
    Actor.objects.bulk_create([Actor(tenant_id=tenant, digest=digest)], ignore_conflicts=True)
    return Actor.objects.values_list("id", flat=True).get(tenant_id=tenant, digest=digest)
