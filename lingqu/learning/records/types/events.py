"""Facts that other modules hear of."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseSatisfied:
    """Somebody has met the criteria of every unit of a course."""

    registration_id: UUID
    course_id: UUID
