"""Who is not there: filled by the module that knows about leave, asked before anybody is given a lesson."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from lingqu.kernel.slots import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A person who is away from ``starts_on`` to ``ends_on``, both included; the first day from ``starts_at``, the last
    until ``ends_at``, None = the whole day. Clock times of the school."""

    person_id: UUID
    starts_on: date
    ends_on: date
    starts_at: time | None = None
    ends_at: time | None = None

    def covers(self, day: date, span: tuple[time, time] | None) -> bool:
        """Whether the person misses something held on ``day`` at ``span`` (None: at an unknown time)."""
        if not self.starts_on <= day <= self.ends_on:
            return False
        if span is None:
            return True
        if day == self.starts_on and self.starts_at is not None and span[1] <= self.starts_at:
            return False
        return not (day == self.ends_on and self.ends_at is not None and span[0] >= self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaySpan:
    """Days of a school for which one asks who is away."""

    school_id: UUID
    first: date
    last: date


TEACHERS_AWAY: Slot[AwaySpan, tuple[Away, ...]] = Slot("timetable.teachers_away")
