"""Days in working days of a place's calendar, and what colour a clock has."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import clock

from ..types.words import Light

KEPT_SECONDS = 30
DAY = timedelta(days=1)


def calendar_at(path: str) -> timetable.Calendar:
    """The calendar of a place; a process asks again after half a minute, once for all places that share one."""
    moment = int(clock.now().timestamp()) // KEPT_SECONDS
    return _calendar(_desk(moment).source(path), moment)


@lru_cache(maxsize=1)
def _desk(_moment: int) -> timetable.Desk:
    return timetable.Desk()


@lru_cache(maxsize=500)
def _calendar(source: str, moment: int) -> timetable.Calendar:
    return _desk(moment).calendar(source)


def forget() -> None:
    """For tests that change a calendar."""
    _desk.cache_clear()
    _calendar.cache_clear()


def day_of(moment: datetime) -> date:
    return moment.astimezone(clock.ZONE).date()


def end_of(day: date) -> datetime:
    """The moment at which a day is over."""
    return datetime.combine(day + DAY, time(), clock.ZONE)


def after(path: str, start: date, days: int, *, is_working: bool) -> date:
    """The day on which the ``days``-th day after ``start`` falls."""
    return calendar_at(path).add_working_days(start, days) if is_working else start + days * DAY


def deadlines(
    path: str, begun: datetime, days: int, yellow: int, *, is_working: bool
) -> tuple[datetime | None, datetime | None]:
    """(due, yellow) of something that may take so many days; both empty without a limit. It is due when its last day is
    over, and turns yellow when at most ``yellow`` days are left."""
    if days <= 0:
        return None, None
    start = day_of(begun)
    due = after(path, start, days, is_working=is_working)
    warned = after(path, start, max(0, days - yellow), is_working=is_working)
    return end_of(due), min(end_of(warned), end_of(due))


def days_used(path: str, begun: datetime, ended: datetime) -> int:
    """Working days after the first one up to the last."""
    return calendar_at(path).count_working_days(day_of(begun), day_of(ended))


def moved(
    path: str, moment: datetime | None, paused: datetime, resumed: datetime, *, is_working: bool
) -> datetime | None:
    """A deadline after the clock stood still for a while."""
    if moment is None:
        return None
    last = day_of(moment) - DAY  # a deadline is the end of its day
    if is_working:
        stood = calendar_at(path).count_working_days(day_of(paused), day_of(resumed))
        return end_of(calendar_at(path).add_working_days(last, stood))
    return end_of(last + (day_of(resumed) - day_of(paused)))


def light(due_at: datetime | None, yellow_at: datetime | None, at: datetime) -> Light:
    if due_at is None:
        return Light.NONE
    if at >= due_at:
        return Light.RED
    return Light.YELLOW if yellow_at is not None and at >= yellow_at else Light.GREEN
