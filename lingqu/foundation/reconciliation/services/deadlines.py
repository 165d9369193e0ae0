"""Until when somebody must act: in working days of the region, with its holidays and 调休."""

from __future__ import annotations

from datetime import date

from lingqu.foundation.timetable import api as timetable

WORKING_DAYS = 10
"""教基〔2025〕1号 gives each link of a handling ten working days."""
OFFICES = ("region", "bureau")


class Deadlines:
    """Working days as one reader or writer needs them: the calendar of a region is read once."""

    def __init__(self) -> None:
        self._desk = timetable.Desk()

    def due_after(self, day: date, path: str, days: int = WORKING_DAYS) -> date:
        """The day after so many working days of the region at ``path``."""
        return self._desk.calendar(path).add_working_days(day, days)

    def left(self, day: date, due: date, path: str) -> int:
        """Working days from ``day`` to ``due``; negative when it is over."""
        calendar = self._desk.calendar(path)
        return calendar.count_working_days(day, due) if due >= day else -calendar.count_working_days(due, day)


def region_of(kind: str, path: str) -> str:
    """The path whose calendar counts for an organisation: an office's own, else that of the organisation above."""
    return path if kind in OFFICES or "." not in path else path.rpartition(".")[0]
