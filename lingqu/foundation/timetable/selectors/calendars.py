"""The calendar of a place: its own days and terms over those it inherits, kept in the process while nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar, overload
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

Key = TypeVar("Key")
Made = TypeVar("Made")
OfSchool = TypeVar("OfSchool", Bells, Version)


def state_number() -> int:
    return CalendarState.objects.filter(id=1).values_list("number", flat=True).first() or 0


class Desk:
    """Calendars, bell times and versions as one reader needs them: one statement tells whether what the process keeps
    still counts."""

    @cached_property
    def state(self) -> int:
        return state_number()

    def _kept(self, name: str, keys: Iterable[Key], make: Callable[[list[Key]], Mapping[Key, Made]]) -> dict[Key, Made]:
        """What is kept for each key; what is missing is made for all of them together."""
        stamps = {key: f"timetable.{name}.{key}.{self.state}.{today().toordinal()}" for key in keys}
        kept = cache.get_many(stamps.values())
        missing = [key for key, stamp in stamps.items() if stamp not in kept]
        if missing:
            made = make(missing)
            new = {stamps[key]: made[key] for key in missing}
            cache.set_many(new, SECONDS)
            kept |= new
        return {key: kept[stamp] for key, stamp in stamps.items()}

    def calendar(self, path: str) -> Calendar:
        return self.calendars([path])[path]

    def calendars(self, paths: Iterable[str]) -> dict[str, Calendar]:
        """The calendars that count at tree paths, about two years before and after today: two statements when new."""
        sources = {path: self.source(path) for path in paths}
        made = self._kept("calendar", set(sources.values()), _calendars)
        return {path: made[source] for path, source in sources.items()}

    def source(self, path: str) -> str:
        """The nearest place upwards with days or terms of its own, whose calendar counts at a path too; else the path's top."""
        above = register.prefixes(path)
        return next((place for place in reversed(above) if place in self._places), above[0])

    @cached_property
    def _places(self) -> frozenset[str]:
        return self._kept("places", ["all"], lambda _keys: {"all": _places_with_own()})["all"]

    def bells(self, school_ids: Iterable[UUID]) -> tuple[Bells, ...]:
        return _joined(self._kept("bells", school_ids, lambda ids: _by_school(ids, list_bells(ids))))

    def versions(self, school_ids: Iterable[UUID]) -> tuple[Version, ...]:
        """Published versions of schools."""
        return _joined(self._kept("versions", school_ids, lambda ids: _by_school(ids, list_versions(ids))))


def _calendars(paths: list[str]) -> dict[str, Calendar]:
    entries, terms = _entries_of(paths), terms_of(paths)
    return {path: Calendar(entries[path], terms[path]) for path in paths}


def _places_with_own() -> frozenset[str]:
    """Paths of organisations that have days or terms of their own; one statement."""
    days = CalendarDay.objects.values_list("organisation__path")
    return frozenset(
        str(path)
        for (path,) in days.union(register.terms().filter(organisation__isnull=False).values_list("organisation__path"))
    )


def _by_school(school_ids: list[UUID], found: Iterable[OfSchool]) -> dict[UUID, list[OfSchool]]:
    made: dict[UUID, list[OfSchool]] = {school_id: [] for school_id in school_ids}
    for one in found:
        made[one.school_id].append(one)
    return made


def _joined(kept: Mapping[UUID, Iterable[OfSchool]]) -> tuple[OfSchool, ...]:
    return tuple(chain.from_iterable(kept.values()))


def calendar_at(path: str) -> Calendar:
    """The calendar that counts at a tree path: one statement when it is known, three when it is not."""
    return Desk().calendar(path)


def calendar_of(organisation: Any) -> Calendar:
    return calendar_at(str(organisation.path))


def _entries_of(paths: list[str]) -> dict[str, tuple[DayEntry, ...]]:
    """What counts at paths day by day: the nearest organisation upwards wins."""
    rows = CalendarDay.objects.filter(
        organisation__path__in=_all_prefixes(paths), day__gte=today() - PAST, day__lte=today() + AHEAD
    ).select_related("organisation")
    found = sorted(rows, key=lambda row: str(row.organisation.path).count("."))
    made = {}
    for path in paths:
        above = set(register.prefixes(path))
        chosen = {row.day: row for row in found if str(row.organisation.path) in above}
        made[path] = tuple(_entry(chosen[day]) for day in sorted(chosen))
    return made


def _all_prefixes(paths: Iterable[str]) -> list[str]:
    return sorted({prefix for path in paths for prefix in register.prefixes(path)})


def _entry(row: CalendarDay) -> DayEntry:
    return DayEntry(
        day=row.day, kind=row.kind, name=row.name, follows_day=row.follows_day, follows_weekday=row.follows_weekday,
        source=row.organisation.name, organisation_id=row.organisation_id, notice=row.notice,
    )  # fmt: skip


def list_terms(path: str, school_year: str = "") -> tuple[TermSpan, ...]:
    """Terms that count at a path: of each school year and code the nearest organisation's; files' terms come first."""
    return terms_of([path], school_year)[path]


def terms_of(paths: list[str], school_year: str = "") -> dict[str, tuple[TermSpan, ...]]:
    """:func:`list_terms` of several paths: one statement."""
    rows = register.terms().filter(kind__in=TERM_KINDS).select_related("organisation")
    rows = rows.filter(organisation__path__in=_all_prefixes(paths)) | rows.filter(organisation=None)
    if school_year:
        rows = rows.filter(school_year=school_year)
    found = sorted(
        rows.annotate(first_week=F("calendar_rule__first_week")),
        key=lambda row: str(row.organisation.path).count(".") if row.organisation else -1,
    )
    made = {}
    for path in paths:
        above = set(register.prefixes(path))
        chosen: dict[tuple[str, str, str], Any] = {}
        for row in found:
            if row.organisation is None or str(row.organisation.path) in above:
                chosen[row.school_year_id, row.code, row.name if row.code == "9" else ""] = row
        made[path] = tuple(sorted(map(_span, chosen.values()), key=lambda term: term.start_on))
    return made


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
