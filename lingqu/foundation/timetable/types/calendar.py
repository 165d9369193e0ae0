"""The calendar of one place as a value: working days, school days, 第 n 周. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from .words import DayKind, FirstWeek

MOST_DAYS = 20_000
"""Longest span that is counted, in days: about 55 years."""
ONE, WEEK = timedelta(days=1), timedelta(days=7)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry:
    """What an organisation says about a day. ``follows_day`` is the day whose lessons are held instead (补 11-27);
    ``follows_weekday`` (1–7) does the same by name of the weekday; 0 = the lessons of the day's own weekday."""

    day: date
    kind: str
    name: str = ""
    follows_day: date | None = None
    follows_weekday: int = 0
    source: str = ""
    organisation_id: UUID | None = None
    notice: str = ""

    @property
    def weekday(self) -> int:
        """The weekday whose lessons are held."""
        if self.follows_day is not None:
            return self.follows_day.isoweekday()
        return self.follows_weekday or self.day.isoweekday()


@dataclass(frozen=True, slots=True, kw_only=True)
class TermSpan:
    """A term: both days belong to it. ``first_week`` says which Monday begins 第 1 周."""

    id: UUID | None
    school_year: str
    code: str
    name: str
    start_on: date
    end_on: date
    first_week: str = FirstWeek.CONTAINING
    source: str = ""
    organisation_id: UUID | None = None

    @property
    def week_one(self) -> date:
        """The Monday of 第 1 周."""
        monday = monday_of(self.start_on)
        return monday if self.first_week == FirstWeek.CONTAINING or monday == self.start_on else monday + WEEK

    @property
    def weeks(self) -> int:
        """Number of the last week."""
        return max(0, (monday_of(self.end_on) - self.week_one).days // 7 + 1)

    def week_number(self, day: date) -> int:
        """第 n 周 of a day of the term; 0 for the days before 第 1 周."""
        return max(0, (monday_of(day) - self.week_one).days // 7 + 1)

    def monday_of_week(self, number: int) -> date:
        return self.week_one + WEEK * (number - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolDay:
    """A day as the calendar sees it. ``weekday`` is the weekday whose lessons are held (0 = none), ``pattern_week`` the
    week whose odd or even lessons are held (0 = outside every counted week)."""

    day: date
    weekday: int
    pattern_week: int
    week: int | None
    is_working: bool
    is_school_day: bool
    kind: str = ""
    name: str = ""
    follows_day: date | None = None


class Calendar:
    """Days and terms of one place, its own and inherited ones already merged."""

    def __init__(self, entries: Iterable[DayEntry] = (), terms: Iterable[TermSpan] = ()) -> None:
        self.entries: Mapping[date, DayEntry] = {entry.day: entry for entry in entries}
        self.terms = tuple(sorted(terms, key=lambda term: (term.start_on, term.end_on)))

    @cached_property
    def _corrections(self) -> tuple[tuple[date, int], ...]:
        """Days on which the entry and the plain weekday disagree, with what that adds to a count."""
        found = []
        for day in sorted(self.entries):
            plain, real = day.weekday() < 5, self.is_working_day(day)
            if plain != real:
                found.append((day, int(real) - int(plain)))
        return tuple(found)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday without holidays, and the working Saturdays and Sundays of the notice."""
        entry = self.entries.get(day)
        if entry is not None and entry.kind == DayKind.HOLIDAY:
            return False
        if entry is not None and entry.kind == DayKind.WORKDAY:
            return True
        return day.weekday() < 5

    def term_of(self, day: date) -> TermSpan | None:
        return next((term for term in self.terms if term.start_on <= day <= term.end_on), None)

    def is_school_day(self, day: date) -> bool:
        """A working day of a term on which lessons are held. Where no term is known, every working day counts."""
        entry = self.entries.get(day)
        if entry is not None and entry.kind == DayKind.STOP:
            return False
        return self.is_working_day(day) and (not self.terms or self.term_of(day) is not None)

    def week_number(self, day: date) -> int | None:
        """第 n 周 of the term; 0 before 第 1 周, None outside the terms."""
        term = self.term_of(day)
        return term.week_number(day) if term else None

    def day_of(self, day: date) -> SchoolDay:
        entry, week = self.entries.get(day), self.week_number(day)
        closed = entry is not None and entry.kind in (DayKind.HOLIDAY, DayKind.STOP)
        in_term = not self.terms or week is not None
        follows = entry.follows_day if entry is not None and entry.kind == DayKind.WORKDAY else None
        weekday = entry.weekday if entry is not None and entry.kind == DayKind.WORKDAY else day.isoweekday()
        pattern = self.week_number(follows) if follows is not None else week
        return SchoolDay(
            day=day, weekday=weekday if in_term and not closed else 0, pattern_week=pattern or week or 0, week=week,
            is_working=self.is_working_day(day), is_school_day=self.is_school_day(day),
            kind=entry.kind if entry else "", name=entry.name if entry else "", follows_day=follows,
        )  # fmt: skip

    def week_of(self, day: date) -> tuple[SchoolDay, ...]:
        """Monday to Sunday of the week around a day."""
        monday = monday_of(day)
        return tuple(self.day_of(monday + timedelta(days=place)) for place in range(7))

    def count_working_days(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; 0 when ``end`` is not later. Raises ``ValueError``
        beyond :data:`MOST_DAYS`."""
        if end <= start:
            return 0
        _bounded((end - start).days)
        first, days = start + ONE, (end - start).days
        weeks, rest = divmod(days, 7)
        plain = weeks * 5 + sum((first.weekday() + place) % 7 < 5 for place in range(rest))
        return plain + sum(change for day, change in self._corrections if start < day <= end)

    def add_working_days(self, start: date, n: int) -> date:
        """The ``n``-th working day after ``start`` (``start`` itself never counts); ``start`` for n = 0."""
        if n < 0:
            raise ValueError("n is not negative")
        _bounded(n)
        day, left = start, n
        while left > 7:  # so many days hold at most so many working days: never too far
            days = timedelta(days=left)
            left -= self.count_working_days(day, day + days)
            day += days
        while left > 0:
            day += ONE
            left -= self.is_working_day(day)
        return day


def _bounded(days: int) -> None:
    if days > MOST_DAYS:
        raise ValueError(f"at most {MOST_DAYS} days")
