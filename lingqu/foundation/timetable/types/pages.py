"""A week as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID

from .calendar import SchoolDay
from .values import Occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One lesson in a cell. ``title`` is the subject (or class), ``lines`` what stands below."""

    title: str
    lines: tuple[str, ...]
    state: str
    tag: str
    tone: int
    occurrence: Occurrence
    starts: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHead:
    day: date
    label: str
    note: str
    is_today: bool
    school_day: SchoolDay

    @property
    def is_shifted(self) -> bool:
        return self.school_day.kind == "workday"

    @property
    def is_closed(self) -> bool:
        return self.school_day.weekday == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRow:
    """One period over the days; a pause has no cells."""

    slot: str
    label: str
    times: str
    is_pause: bool
    cells: tuple[tuple[Entry, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekPage:
    """``week`` is the number of the week, None outside terms; ``remarks`` are sentences about its days."""

    monday: date
    week: int | None
    days: tuple[DayHead, ...]
    rows: tuple[PeriodRow, ...]
    remarks: tuple[str, ...] = ()
    version: int | None = None
    version_since: date | None = None
    school_ids: tuple[UUID, ...] = field(default=())

    @property
    def count(self) -> int:
        return sum(entry.occurrence.is_held for row in self.rows for cell in row.cells for entry in cell)
