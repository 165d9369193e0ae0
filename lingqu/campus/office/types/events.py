"""Facts that this module publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRecorded:
    absence_id: UUID
    person_id: UUID
    audience: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceEnded:
    """Withdrawn, or somebody is back earlier."""

    absence_id: UUID
    person_id: UUID
    audience: str
