"""School conditions as last reported."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .. import policies, register
from ..models import Conditions, Room


def find_conditions(school_id: UUID, year: str) -> Conditions | None:
    return Conditions.objects.filter(school_id=school_id, year=year).order_by("-version").first()


def get_school(*, actor: Actor, code: str) -> Any:
    found = register.organisations().filter(code=code, kind__in=("school", "teaching_point")).first() if code else None
    if found is None:
        raise Forbidden()
    policies.require_conditions_view(actor, str(found.path))
    return found


def rooms_of(conditions: Conditions | None) -> list[Room]:
    return list(conditions.rooms.order_by("building", "id")) if conditions else []


def room_names(actor: Actor, school_id: UUID) -> tuple[str, ...]:
    """Names of the rooms in the newest conditions of a school, whatever the year; nothing about people."""
    newest = Conditions.objects.filter(school_id=school_id, rooms__isnull=False).order_by("-year", "-version").first()
    return tuple(room.name for room in rooms_of(newest))


def find_before(school_id: UUID, year: str) -> Conditions | None:
    """The newest version of an earlier year: what the form begins with when the year has nothing yet."""
    return Conditions.objects.filter(school_id=school_id, year__lt=year).order_by("-year", "-version").first()
