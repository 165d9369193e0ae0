"""Spans, periods and covers in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid
from lingqu.ui.figures import day as day_text

from .. import register
from ..models import Absence, Cover
from ..selectors.absences import last_day, reason_of
from ..types.words import CoverState, Symptom, Way

TONES = {
    CoverState.ASKED: "amber", CoverState.CONFIRMED: "green", CoverState.SETTLED: "green", CoverState.REFUSED: "coral",
    CoverState.WITHDRAWN: "",
}  # fmt: skip
Pairs = list[tuple[str, str]]


def read_day(text: str) -> date | None:
    """Raises :class:`Invalid` for what is no day."""
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(_("日期写成 2026-09-01 的样子。"), code="bad_day") from error
    if not 2000 <= found.year <= 2100:
        raise Invalid(_("日期写成 2026-09-01 的样子。"), code="bad_day")
    return found


def period_choices(school: Any) -> tuple[Pairs, Pairs]:
    """From which period on, and until which: clock times by name, as the school's most common bell times say."""
    bells = timetable.list_bells([school.id], today())
    usual = min(bells, key=lambda one: one.rank, default=None)
    periods = usual.periods if usual else ()
    return (
        [("", _("第一节起")), *((f"{one.starts:%H:%M}", f"{one.name} {one.starts:%H:%M}") for one in periods)],
        [("", _("到放学")), *((f"{one.ends:%H:%M}", f"{one.name} {one.ends:%H:%M}") for one in periods)],
    )


def read_time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


def span_text(absence: Absence) -> str:
    """2026-11-20 至 2026-11-23, with clock times where a day is cut."""
    last = last_day(absence)
    words = {
        "first": _moment(absence.starts_on, absence.starts_at),
        "last": _moment(last, absence.ends_at if last == absence.ends_on else None),
    }
    if last < absence.starts_on:
        return _("没有休：原定 %(first)s 起") % words
    if absence.starts_on == last and not absence.starts_at and not absence.ends_at:
        return words["first"]
    return _("%(first)s 至 %(last)s") % words


def _moment(day: date, at: time | None) -> str:
    return f"{day_text(day)} {at:%H:%M}" if at else day_text(day)


def state_of(absence: Absence) -> tuple[str, str]:
    """A word and its tone."""
    if absence.withdrawn_at is not None:
        return _("已撤销"), ""
    if absence.returned_on is not None:
        return _("已销假"), "green"
    if absence.ends_on < today():
        return _("已结束"), ""
    return (_("请假中"), "amber") if absence.starts_on <= today() else (_("未开始"), "brand")


def line(absence: Absence, *, with_reason: bool = False) -> dict[str, Any]:
    person = register.canonical_of(absence.person)
    word, tone = state_of(absence)
    symptoms = [str(Symptom(one).label) for one in absence.symptoms if one in Symptom.values]
    return {
        "id": absence.id, "name": person.name, "number": person.number, "kind": absence.kind_name, "span": span_text(absence),
        "days": absence.days, "state": word, "tone": tone, "symptoms": symptoms,
        "reason": reason_of(absence) if with_reason else "", "asked_by": absence.asked_by, "way": str(Way(absence.way).label),
        "approved_by": absence.approved_by, "recorded_by": absence.recorded_by, "open": absence.open_lessons,
        "may_end": absence.withdrawn_at is None and absence.returned_on is None and absence.ends_on >= today(),
        "is_now": absence.starts_on <= today(),
    }  # fmt: skip


def lesson_text(change: Any) -> str:
    lesson = change.lesson
    words = {
        "day": day_text(change.day), "weekday": timetable.weekday_name(change.day.isoweekday()),
        "slot": timetable.slot_name(lesson.slot), "name": lesson.class_group.name,
        "subject": registry.subject_label(change.subject or lesson.subject),
    }  # fmt: skip
    return _("%(day)s %(weekday)s %(slot)s %(name)s %(subject)s") % words


def how_text(cover: Cover) -> str:
    """What happens to the lesson."""
    change, name = cover.change, register.canonical_of(cover.substitute).name if cover.substitute else ""
    if change.kind == timetable.ChangeKind.MOVE:
        words = {"day": day_text(change.to_day), "slot": timetable.slot_name(change.to_slot), "name": name}
        return _("与%(name)s对调，改到 %(day)s %(slot)s") % words
    if change.kind == timetable.ChangeKind.SUBSTITUTE:
        return _("由%(name)s代课") % {"name": name}
    if change.kind == timetable.ChangeKind.SELF_STUDY:
        return _("自习，%(name)s看班") % {"name": name} if name else _("自习")
    return _("停上")


def cover_lines(covers: Iterable[Cover]) -> list[dict[str, Any]]:
    return [
        {
            "id": cover.id, "lesson": lesson_text(cover.change), "how": how_text(cover), "state": CoverState(cover.state).label,
            "tone": TONES[CoverState(cover.state)], "reason": cover.reason, "is_past": cover.day < today(),
            "is_asked": cover.state == CoverState.ASKED and cover.day >= today(), "day": cover.day, "note": cover.change.note,
            "name": register.canonical_of(cover.substitute).name if cover.substitute else "",
            "is_standing": cover.state in (CoverState.ASKED, CoverState.CONFIRMED, CoverState.SETTLED),
            "for": register.canonical_of(cover.absence.person).name, "counts": cover.change.counts,
        }
        for cover in covers
    ]  # fmt: skip
