"""Writing calendars: days of a notice, terms with their weeks. Each counts up the state, so that no process keeps old ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies, register
from ..models import CalendarDay, TermRule
from ..types.events import CalendarChanged
from ..types.words import DayKind, FirstWeek
from .state import count_up

MOST_DAYS = 400
MOST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day to be written; ``follows_*`` only for working Saturdays and Sundays."""

    day: date
    kind: str
    name: str = ""
    follows_day: date | None = None
    follows_weekday: int = 0


def _locked(actor: Actor, organisation_id: UUID) -> Any:
    place = register.organisations().select_for_update(of=("self",)).filter(id=organisation_id).first()
    if place is None:
        raise Forbidden()
    policies.require_edit_calendar(actor, place)
    return place


@transaction.atomic
def set_days(*, actor: Actor, organisation_id: UUID, days: Iterable[Day], notice: str = "") -> int:
    """Write days of an organisation, replacing what it said about them; returns how many changed.

    Everything below follows at once, unless it says something of its own about a day. Raises :class:`Forbidden` without
    the right, :class:`Invalid` for nothing, too much, an unknown kind, or a day that follows itself.
    """
    place = _locked(actor, organisation_id)
    wanted = {day.day: day for day in days}
    if not wanted or len(wanted) > MOST_DAYS:
        raise Invalid(_("一次写入 1 到 400 天。"), code="bad_number")
    for day in wanted.values():
        _check(day)
    known = {row.day: row for row in CalendarDay.objects.filter(organisation=place, day__in=list(wanted))}
    changed = [day for day in wanted.values() if _differs(known.get(day.day), day)]
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(
                organisation=place, day=day.day, kind=day.kind, name=day.name.strip()[:MOST_NAME],
                follows_day=day.follows_day, follows_weekday=day.follows_weekday, notice=notice.strip()[:200], updated_at=now(),
            )
            for day in changed
        ],
        update_conflicts=True, unique_fields=["organisation", "day"],
        update_fields=["kind", "name", "follows_day", "follows_weekday", "notice", "updated_at"],
    )  # fmt: skip
    if changed:
        _trace(actor, place, "timetable.calendar.days_set", {"days": [day.day.isoformat() for day in changed]})
    return len(changed)


def _differs(row: CalendarDay | None, day: Day) -> bool:
    return row is None or (row.kind, row.name, row.follows_day, row.follows_weekday) != (
        day.kind, day.name.strip()[:MOST_NAME], day.follows_day, day.follows_weekday,
    )  # fmt: skip


def _check(day: Day) -> None:
    if day.kind not in DayKind.values:
        raise Invalid(_("没有这种日子。"), code="bad_kind")
    if (day.follows_day or day.follows_weekday) and day.kind != DayKind.WORKDAY:
        raise Invalid(_("只有调休上课的日子才按另一天的课表。"), code="bad_follow")
    if day.follows_day == day.day or not 0 <= day.follows_weekday <= 7:
        raise Invalid(_("%(day)s 不能按它自己的课表补课。") % {"day": day.day.isoformat()}, code="bad_follow")


@transaction.atomic
def remove_days(*, actor: Actor, organisation_id: UUID, days: Iterable[date]) -> int:
    """Take back what the organisation itself said: what it inherits counts again. Returns how many were there."""
    place = _locked(actor, organisation_id)
    rows = CalendarDay.objects.filter(organisation=place, day__in=list(days)[:MOST_DAYS])
    gone = [day.isoformat() for day in rows.values_list("day", flat=True)]
    rows.delete()
    if gone:
        _trace(actor, place, "timetable.calendar.days_removed", {"days": gone})
    return len(gone)


@transaction.atomic
def set_term(
    *, actor: Actor, organisation_id: UUID, school_year: str, code: str, name: str, start_on: date, end_on: date,
    first_week: str = FirstWeek.CONTAINING,
) -> UUID:  # fmt: skip
    """A term of a place with the rule for its first week; returns the term's id. Errors as of ``registry.set_term``."""
    if first_week not in FirstWeek.values:
        raise Invalid(_("请选择第 1 周从哪里算起。"), code="bad_first_week")
    place = _locked(actor, organisation_id)
    term = registry.set_term(
        actor=actor, organisation_id=organisation_id, school_year=school_year, code=code, name=name, start_on=start_on,
        end_on=end_on,
    )  # fmt: skip
    TermRule.objects.update_or_create(term_id=term.id, defaults={"first_week": first_week})
    _trace(actor, place, "timetable.calendar.term_set", {"term": str(term.id)})
    found: UUID = term.id
    return found


def _trace(actor: Actor, place: Any, action: str, data: dict[str, Any]) -> None:
    count_up()
    audit.record(actor, action, subject_kind="organisation", subject_id=place.id, path=str(place.path), data=data)
    changes.log("timetable.calendar", [place.id])
    events.publish(CalendarChanged(organisation_id=place.id, path=str(place.path)))
