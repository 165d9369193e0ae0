"""The calendar of a place: its own days and terms over those it inherits, kept in the process while nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Any, overload
from uuid import UUID

from django.core.cache import cache
from django.db.models import F

from lingqu.kernel.clock import today

from .. import register
from ..models import CalendarDay, CalendarState
from ..types.calendar import Calendar, DayEntry, SchoolDay, TermSpan
from ..types.values import Bells, Version
from .bells import list_bells
from .lessons import list_versions

SECONDS = 60
"""How long a calendar is kept at most: terms that files bring do not count up the state."""
PAST, AHEAD = timedelta(days=800), timedelta(days=800)
TERM_KINDS = ("term", "semester")


def state_number() -> int:
    return CalendarState.objects.filter(id=1).values_list("number", flat=True).first() or 0


class Desk:
    """Calendars, bell times and versions as one reader needs them: one statement tells whether what the process keeps
    still counts."""

    @cached_property
    def state(self) -> int:
        return state_number()

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        key = f"timetable.{name}.{self.state}.{today().toordinal()}"
        found = cache.get(key)
        if found is None:
            found = make()
            cache.set(key, found, SECONDS)
        return found

    def calendar(self, path: str) -> Calendar:
        """The calendar that counts at a tree path, about two years before and after today: two statements when new."""
        found: Calendar = self._kept(f"calendar.{path}", lambda: Calendar(list_entries(path), list_terms(path)))
        return found

    def bells(self, school_ids: Iterable[UUID]) -> tuple[Bells, ...]:
        return tuple(
            one for school in school_ids for one in self._kept(f"bells.{school}", partial(list_bells, [school]))
        )

    def versions(self, school_ids: Iterable[UUID]) -> tuple[Version, ...]:
        """Published versions of schools."""
        return tuple(
            one for school in school_ids for one in self._kept(f"versions.{school}", partial(list_versions, [school]))
        )


def calendar_at(path: str) -> Calendar:
    """The calendar that counts at a tree path: one statement when it is known, three when it is not."""
    return Desk().calendar(path)


def calendar_of(organisation: Any) -> Calendar:
    return calendar_at(str(organisation.path))


def list_entries(path: str, first: date | None = None, last: date | None = None) -> tuple[DayEntry, ...]:
    """What counts at a path day by day: the nearest organisation upwards wins."""
    rows = CalendarDay.objects.filter(
        organisation__path__in=register.prefixes(path),
        day__gte=first or today() - PAST,
        day__lte=last or today() + AHEAD,
    ).select_related("organisation")
    chosen: dict[date, CalendarDay] = {}
    for row in sorted(rows, key=lambda row: str(row.organisation.path).count(".")):
        chosen[row.day] = row
    return tuple(_entry(chosen[day]) for day in sorted(chosen))


def _entry(row: CalendarDay) -> DayEntry:
    return DayEntry(
        day=row.day, kind=row.kind, name=row.name, follows_day=row.follows_day, follows_weekday=row.follows_weekday,
        source=row.organisation.name, organisation_id=row.organisation_id, notice=row.notice,
    )  # fmt: skip


def list_terms(path: str, school_year: str = "") -> tuple[TermSpan, ...]:
    """Terms that count at a path: of each school year and code the nearest organisation's; files' terms come first."""
    rows = register.terms().filter(kind__in=TERM_KINDS).select_related("organisation")
    rows = rows.filter(organisation__path__in=register.prefixes(path)) | rows.filter(organisation=None)
    if school_year:
        rows = rows.filter(school_year=school_year)
    chosen: dict[tuple[str, str, str], Any] = {}
    for row in sorted(
        rows.annotate(first_week=F("calendar_rule__first_week")),
        key=lambda row: str(row.organisation.path).count(".") if row.organisation else -1,
    ):
        key = (row.school_year_id, row.code, row.name if row.code == "9" else "")
        chosen[key] = row
    return tuple(sorted(map(_span, chosen.values()), key=lambda term: term.start_on))


def _span(row: Any) -> TermSpan:
    return TermSpan(
        id=row.id, school_year=row.school_year_id, code=row.code, name=row.name, start_on=row.start_on, end_on=row.end_on,
        source=row.organisation.name if row.organisation else "", organisation_id=row.organisation_id,
        **({"first_week": row.first_week} if row.first_week else {}),
    )  # fmt: skip


@overload
def working_days(organisation: Any, start: date, *, n: int) -> date: ...
@overload
def working_days(organisation: Any, start: date, *, end: date) -> int: ...
def working_days(organisation: Any, start: date, *, n: int | None = None, end: date | None = None) -> date | int:
    """With ``n``: the day on which the n-th working day after ``start`` falls. With ``end``: how many working days there
    are after ``start`` up to and including ``end``. ``start`` itself never counts. Raises ``ValueError`` for a negative
    ``n``, for both or neither, and beyond 20,000 days."""
    if (n is None) == (end is None):
        raise ValueError("one of n and end")
    calendar = calendar_of(organisation)
    if n is not None:
        return calendar.add_working_days(start, n)
    return calendar.count_working_days(start, end or start)


def is_school_day(organisation: Any, day: date) -> bool:
    """A working day of a term on which lessons are held."""
    return calendar_of(organisation).is_school_day(day)


def week_number(organisation: Any, day: date) -> int | None:
    """第 n 周 of the term at a place; 0 before 第 1 周, None outside the terms."""
    return calendar_of(organisation).week_number(day)


def school_day(organisation: Any, day: date) -> SchoolDay:
    return calendar_of(organisation).day_of(day)


def own_days(organisation: Any, first: date, last: date) -> Iterable[CalendarDay]:
    return CalendarDay.objects.filter(organisation=organisation, day__gte=first, day__lte=last).order_by("day")
