"""The agent of a request as an actor: found, or made on first use."""

from __future__ import annotations

from typing import Any

from ..models import Actor
from ..selectors.keys import actor_digest
from ..types.agents import identifier_of
from .actors import face_json, resolve


def find_actor(tenant: int, agent: dict[str, Any]) -> int | None:
    digest = actor_digest(tenant, identifier_of(agent))
    return Actor.objects.filter(tenant_id=tenant, digest=digest).values_list("id", flat=True).first()


def touch_actor(tenant: int, agent: dict[str, Any]) -> int:
    """The id of the agent's row, made if there is none; two at once make one."""
    face = face_json(agent)
    return resolve(tenant, {face: agent})[face][1]
