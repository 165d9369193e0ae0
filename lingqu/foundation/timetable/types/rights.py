"""Right codes of calendar and timetable. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry

VIEW = "timetable.view"
"""Lessons, rooms and teachers' names of a school or of one class."""
EDIT = "timetable.edit"
"""Bell times, drafts, publishing, substitution."""
CALENDAR_EDIT = registry.rights.CALENDAR_EDIT
"""Terms, holidays and working Saturdays of a place; what lies below follows unless it says otherwise."""

ALL = (VIEW, EDIT, CALENDAR_EDIT)
