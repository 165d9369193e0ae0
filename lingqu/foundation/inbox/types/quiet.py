"""Quiet hours: when a message may leave. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lingqu.kernel import clock

MOST_DAYS = 60
"""Longer rests than this are not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """From ``starts`` until ``ends`` of the region's clock, over midnight if it starts later than it ends; none if they
    are the same. ``holidays``: holidays are quiet as a whole."""

    starts: time = time(21)
    ends: time = time(7)
    holidays: bool = True

    def night_ends(self, at: datetime) -> datetime | None:
        """The end of the night around a local moment; None by day."""
        now = at.timetz().replace(tzinfo=None)
        if self.starts <= self.ends:
            return self._end(at.date()) if self.starts <= now < self.ends else None
        if now >= self.starts:
            return self._end(at.date() + timedelta(days=1))
        return self._end(at.date()) if now < self.ends else None

    def _end(self, day: date) -> datetime:
        return datetime.combine(day, self.ends, clock.ZONE)


def next_allowed(at: datetime, quiet: Quiet, is_holiday: Callable[[date], bool], *, urgent: bool = False) -> datetime:
    """The first moment from ``at`` on at which a message may leave. What is urgent leaves on holidays, never at night."""
    local, last = at.astimezone(clock.ZONE), at + timedelta(days=MOST_DAYS)
    while local <= last:
        night = quiet.night_ends(local)
        if quiet.holidays and not urgent and is_holiday(local.date()):
            local = datetime.combine(local.date() + timedelta(days=1), time(0), clock.ZONE)
        elif night is not None:
            local = night
        else:
            break
    return local
