"""Who may see and record leave. Everything starts here; the default is no."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .models import Absence
from .types import rights
from .types.words import Audience


def may_see_staff(actor: Actor, path: str) -> bool:
    return actor.holds(rights.STAFF_VIEW, path)


def may_record_staff(actor: Actor, path: str) -> bool:
    return actor.holds(rights.STAFF_RECORD, path)


def may_see_class(actor: Actor, class_id: UUID | None, path: str) -> bool:
    """Who of a class is on leave."""
    return actor.holds(rights.PUPIL_VIEW, path) or class_id in actor.things(rights.PUPIL_VIEW, "class")


def may_record_at_school(actor: Actor, path: str) -> bool:
    """For every pupil of the school, however long."""
    return actor.holds(rights.PUPIL_RECORD, path)


def may_record_class(actor: Actor, class_id: UUID | None, path: str) -> bool:
    """Why pupils of a class are on leave, and recording it."""
    return may_record_at_school(actor, path) or class_id in actor.things(rights.PUPIL_RECORD, "class")


def may_set_rules(actor: Actor, path: str) -> bool:
    return actor.holds(rights.RULES, path)


def may_record(actor: Actor, absence: Absence) -> bool:
    path = str(absence.path)
    if absence.audience == Audience.STAFF:
        return may_record_staff(actor, path)
    return may_record_class(actor, absence.class_group_id, path)


def require_record(actor: Actor, absence: Absence) -> None:
    if not may_record(actor, absence):
        raise Forbidden()


def require_see_staff(actor: Actor, school: Any) -> None:
    if not may_see_staff(actor, str(school.path)):
        raise Forbidden()


def require_record_staff(actor: Actor, school: Any) -> None:
    if not may_record_staff(actor, str(school.path)):
        raise Forbidden()


def require_rules(actor: Actor, organisation: Any) -> None:
    if not may_set_rules(actor, str(organisation.path)):
        raise Forbidden()
