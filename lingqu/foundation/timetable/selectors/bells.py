"""作息: which periods count for a class on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, time
from uuid import UUID

from ..models import BellPeriod
from ..types.values import Bells, Group, LessonRow, Period


def list_bells(school_ids: Iterable[UUID], day: date | None = None) -> tuple[Bells, ...]:
    """Schedules of schools (those that count on ``day``), periods in the order of the day: one statement."""
    rows = BellPeriod.objects.filter(schedule__school_id__in=list(school_ids)).select_related("schedule")
    found: dict[UUID, list[BellPeriod]] = defaultdict(list)
    for row in rows.order_by("starts", "ends"):
        found[row.schedule_id].append(row)
    made = []
    for periods in found.values():
        one = periods[0].schedule
        if day is None or (one.valid_from <= day and (one.valid_to is None or day < one.valid_to)):
            made.append(
                Bells(
                    id=one.id, school_id=one.school_id, name=one.name, campus=one.campus, grades=tuple(one.grades),
                    valid_from=one.valid_from, valid_to=one.valid_to, periods=tuple(map(_period, periods)),
                )
            )  # fmt: skip
    return tuple(sorted(made, key=lambda bells: (bells.valid_from, bells.name)))


def _period(row: BellPeriod) -> Period:
    return Period(slot=row.slot, name=row.name, kind=row.kind, starts=row.starts, ends=row.ends)


def bells_for(bells: Iterable[Bells], group: Group, day: date) -> Bells | None:
    """The schedule of a class on a day: of those that fit, the most special, then the newest."""
    fitting = [one for one in bells if one.school_id == group.school_id and one.fits(group.campus, group.grades, day)]
    return max(fitting, key=lambda one: one.rank, default=None)


class Clock:
    """When a class has which period on a day; remembers what it found out."""

    def __init__(self, bells: Sequence[Bells]) -> None:
        self.bells = bells
        self._found: dict[tuple[UUID, date], dict[str, Period]] = {}

    def periods(self, group: Group, day: date) -> dict[str, Period]:
        key = (group.id, day)
        if key not in self._found:
            bells = bells_for(self.bells, group, day)
            self._found[key] = {period.slot: period for period in bells.periods} if bells else {}
        return self._found[key]

    def period(self, group: Group, slot: str, day: date) -> Period | None:
        return self.periods(group, day).get(slot)

    def times_on(self, day: date):
        """For :func:`find_clashes`: the times of lessons as on one day."""

        def times(lesson: LessonRow) -> tuple[time, time] | None:
            found = self.period(lesson.group, lesson.slot, day)
            return (found.starts, found.ends) if found else None

        return times
