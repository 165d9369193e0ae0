"""What follows for leave when register and timetable change."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.events import on

from .services import opening

PATHS = {"office_absence": ("path",)}


@on(registry.OrganisationMoved)
def follow_moved_organisation(event: registry.OrganisationMoved) -> None:
    registry.follow_move(PATHS, event.before, event.after)


@on(timetable.LessonsChanged)
def recount_open_lessons(event: timetable.LessonsChanged) -> None:
    """A lesson was arranged or taken back on the timetable's own page."""
    opening.recount(event.person_ids, event.day)


@on(timetable.TimetablePublished)
def follow_published_version(event: timetable.TimetablePublished) -> None:
    opening.follow_version(event.school_id, event.timetable_id, event.effective_from)
