"""The person of an agent: every way in which it was written here (1.0.3 Communication 2.4)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from ..models import Actor, Face
from ..types.agents import IDENTIFIERS
from .restoring import faces_of

MOST_FACES = 500


def person_of(tenant: int, agent: dict[str, Any], actor_id: int | None) -> dict[str, Any]:
    """A Person object of arrays; agents of the tenant that are known to be the same person stand in it together."""
    faces = [agent]
    if actor_id is not None:
        same = Q(id=actor_id)
        person = Actor.objects.filter(id=actor_id).values_list("person_id", flat=True).first()
        if person is not None:
            same |= Q(tenant_id=tenant, person_id=person)
        ids = Face.objects.filter(actor__in=Actor.objects.filter(same)).order_by("id").values_list("id", flat=True)
        faces += faces_of(set(ids[:MOST_FACES])).values()
    made: dict[str, Any] = {"objectType": "Person"}
    for name in ("name", *IDENTIFIERS):
        values = [face[name] for face in faces if name in face]
        if values:
            made[name] = [one for at, one in enumerate(values) if one not in values[:at]]
    return made
