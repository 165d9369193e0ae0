"""Where an actor may keep an application, and for which places they may decide to use one."""

from __future__ import annotations

from typing import Any

from lingqu.kernel.actor import Actor, covers

from .. import register
from ..types import rights

MOST = 60


def owning_places(actor: Actor) -> list[Any]:
    """Tops of the places where the actor manages or develops applications."""
    code = rights.MANAGE if actor.has(rights.MANAGE) else rights.DEVELOP
    return list(register.organisations().filter(path__in=actor.paths(code)).order_by("path"))


def adopting_places(actor: Actor, shelf: str) -> list[Any]:
    """The actor's own places below the shelf of an application, and what stands right below them; at most 60."""
    tops = list(register.organisations().filter(path__in=actor.paths(rights.ADOPT), closed_on=None).order_by("path"))
    below = register.organisations().filter(parent__in=[one.id for one in tops], closed_on=None)
    found = [*tops, *below.order_by("sort_order", "name_key", "id")[:MOST]]
    return [one for one in found if covers(shelf, str(one.path))][:MOST]
