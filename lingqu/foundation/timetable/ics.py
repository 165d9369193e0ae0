"""Lessons as an iCalendar object (RFC 5545): one event a lesson held, times of the platform's zone, no name of a pupil."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from lingqu.kernel.clock import ZONE, now

from .selectors.lessons import subject_name
from .selectors.showing import tag_of
from .selectors.weeks import Held
from .sentences import slot_name
from .types.values import Occurrence

OFFSET = timedelta(hours=8)


def calendar_bytes(held: Held, *, name: str, feed_id: UUID, with_class: bool) -> bytes:
    """``with_class``: lessons are named by class and subject (a teacher's), else by subject (a class's)."""
    made = Calendar()
    made.add("prodid", "-//Lingqu//Timetable//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", str(ZONE))
    made.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    made.add_component(_zone())
    stamp = now().replace(microsecond=0)
    for one in held.occurrences:
        event = _event(one, held, feed_id, with_class=with_class)
        if event is not None:
            event.add("dtstamp", stamp)
            made.add_component(event)
    found: bytes = made.to_ical()
    return found


def _zone() -> Timezone:
    """Asia/Shanghai has had one offset since 1991."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", str(ZONE))
    standard.add("dtstart", datetime(1991, 9, 15))
    standard.add("tzoffsetfrom", OFFSET)
    standard.add("tzoffsetto", OFFSET)
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _event(one: Occurrence, held: Held, feed_id: UUID, *, with_class: bool) -> Event | None:
    period = held.clock.period(one.lesson.group, one.slot, one.day)
    if period is None or one.state == "away":
        return None
    event, subject, tag = Event(), subject_name(one.subject), tag_of(one)
    title = f"{one.lesson.group.name} {subject}" if with_class else subject
    event.add("uid", f"{one.lesson.id}-{one.day:%Y%m%d}-{one.state or 'plan'}@{feed_id}")
    event.add("summary", f"{title}（{tag}）" if tag else title)
    event.add("dtstart", _moment(one, period.starts))
    event.add("dtend", _moment(one, period.ends))
    room = one.lesson.room or one.lesson.group.room
    if room:
        event.add("location", room)
    teachers = _("教师：%(names)s") % {"names": one.teacher_names} if one.teachers and not with_class else ""
    event.add("description", " · ".join(part for part in (slot_name(one.slot), teachers) if part))
    if one.state == "cancelled":
        event.add("status", "CANCELLED")
    return event


def _moment(one: Occurrence, at: time) -> datetime:
    return datetime.combine(one.day, at, tzinfo=ZONE)
