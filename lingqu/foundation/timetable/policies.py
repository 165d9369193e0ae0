"""Who may see and who may change calendars and timetables. Everything starts here; the default is no."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .types import rights


def may_see_calendar(actor: Actor, path: str) -> bool:
    """A calendar is no secret: whoever works, learns or has a child anywhere below or above a place may read it."""
    return actor.is_system or actor.is_signed_in


def may_edit_calendar(actor: Actor, path: str) -> bool:
    return actor.holds(rights.CALENDAR_EDIT, path)


def may_see_school(actor: Actor, path: str) -> bool:
    """The timetable of a whole school: its staff and those above."""
    return actor.holds(rights.VIEW, path)


def may_edit_school(actor: Actor, path: str) -> bool:
    return actor.holds(rights.EDIT, path)


def may_see_class(actor: Actor, class_id: UUID, path: str) -> bool:
    """The lessons of one class: also its pupils and their parents."""
    return may_see_school(actor, path) or class_id in actor.things(rights.VIEW, "class")


def require_edit_calendar(actor: Actor, organisation: Any) -> None:
    if not may_edit_calendar(actor, str(organisation.path)):
        raise Forbidden(_("无权修改这里的校历。"))


def require_see_school(actor: Actor, school: Any) -> None:
    if not may_see_school(actor, str(school.path)):
        raise Forbidden()


def require_edit_school(actor: Actor, school: Any) -> None:
    """Who may not even see the school is told nothing about it."""
    require_see_school(actor, school)
    if not may_edit_school(actor, str(school.path)):
        raise Forbidden(_("无权修改这所学校的课表。"))
