"""Facts that this module publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChanged:
    """Days or terms of a place changed; what lies below follows."""

    organisation_id: UUID
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetablePublished:
    timetable_id: UUID
    school_id: UUID
    effective_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsChanged:
    """代课 or 调课 was arranged or taken back; ``person_ids`` are the teachers concerned."""

    school_id: UUID
    class_id: UUID
    day: date
    person_ids: tuple[UUID, ...]
