"""Places that quality speaks of."""

from __future__ import annotations

from typing import Any

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..types import QUALITY_VIEW

SCHOOL_KINDS = ("school", "teaching_point")


def find_place(code: str) -> Any | None:
    return registry.find_organisation(code)


def get_place(actor: Actor, code: str) -> Any:
    """Raises :class:`Forbidden` out of reach, whether or not it exists."""
    place = find_place(code)
    if place is None or not policies.may_view(actor, str(place.path)):
        raise Forbidden()
    return place


def start_code(actor: Actor) -> str:
    """Code of the place where the actor begins: the own one."""
    held = actor.paths(QUALITY_VIEW)
    path = actor.path if actor.path and actor.holds(QUALITY_VIEW, actor.path) else (held[0] if held else "")
    place = registry.organisation_at(path) if path else None
    if place is None or not place.code:
        raise Forbidden()
    return str(place.code)
