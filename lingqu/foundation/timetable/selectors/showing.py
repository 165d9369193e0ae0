"""A week as rows of periods and columns of days, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from lingqu.kernel.clock import today

from ..sentences import slot_name, weekday_name
from ..types.calendar import SchoolDay
from ..types.pages import DayHead, Entry, PeriodRow, WeekPage
from ..types.values import LessonRow, Occurrence, Period
from ..types.weeks import weeks_text
from ..types.words import PAUSES
from .lessons import subject_short
from .weeks import Held

TONES = 8
CLASS, TEACHER, ROOM = "class", "teacher", "room"


def tone_of(subject: str) -> int:
    """A steady colour number for a subject."""
    return (int(subject) if subject.isdigit() else sum(map(ord, subject))) % TONES


def week_page(held: Held, lens: str) -> WeekPage:
    """``lens``: whose week it is; what the reader knows already is not repeated in the cells."""
    schools = tuple(held.days)
    days = next(iter(held.days.values()), ())
    busy = {one.day for one in held.occurrences}
    heads = tuple(_head(day) for day in days if day.day.weekday() < 5 or day.day in busy or day.kind == "workday")
    version = held.version_at(schools[0], days[0].day if days[0].week else days[-1].day) if schools and days else None
    return WeekPage(
        monday=days[0].day if days else today(), week=next((day.week for day in days if day.week is not None), None),
        days=heads, rows=_rows(held, lens, heads), remarks=tuple(_remarks(days)), school_ids=schools,
        version=version.number if version else None, version_since=version.effective_from if version else None,
    )  # fmt: skip


def _head(day: SchoolDay) -> DayHead:
    note = ""
    if day.follows_day is not None:
        note = _("补 %(day)s") % {"day": f"{day.follows_day:%m-%d}"}
    elif day.kind == "workday" and day.weekday != day.day.isoweekday() and day.weekday:
        note = _("按%(day)s课表") % {"day": weekday_name(day.weekday)}
    elif day.kind in ("holiday", "stop"):
        note = day.name or (_("放假") if day.kind == "holiday" else _("停课"))
    elif day.weekday == 0:
        note = _("假期")
    return DayHead(
        day=day.day, label=weekday_name(day.day.isoweekday()), note=note, is_today=day.day == today(), school_day=day
    )


def _remarks(days: tuple[SchoolDay, ...]) -> list[str]:
    made = []
    for day in days:
        words = {"day": f"{day.day:%m-%d}", "weekday": weekday_name(day.day.isoweekday()), "name": day.name}
        if day.kind == "workday" and day.follows_day is not None:
            other = {"other": f"{day.follows_day:%m-%d}", "third": weekday_name(day.follows_day.isoweekday())}
            made.append(_("%(day)s（%(weekday)s）上课，补 %(other)s（%(third)s）的课") % {**words, **other})
        elif day.kind == "workday":
            made.append(
                _("%(day)s（%(weekday)s）调休上课，按%(other)s课表")
                % {**words, "other": weekday_name(day.weekday or 7)}
            )
        elif day.kind == "stop":
            made.append(
                (_("%(day)s（%(weekday)s）停课，%(name)s") if day.name else _("%(day)s（%(weekday)s）停课")) % words
            )
        elif day.kind == "holiday":
            made.append(
                (_("%(day)s（%(weekday)s）%(name)s放假") if day.name else _("%(day)s（%(weekday)s）放假")) % words
            )
    return made


def _rows(held: Held, lens: str, heads: tuple[DayHead, ...]) -> tuple[PeriodRow, ...]:
    periods = _periods(held, heads)
    cells: dict[tuple[str, date], list[Entry]] = defaultdict(list)
    for one in held.occurrences:
        period = held.clock.period(one.lesson.group, one.slot, one.day)
        cells[one.slot, one.day].append(entry_of(one, lens, period))
    slots = list(periods) + sorted({slot for slot, _day in cells} - set(periods), key=lambda slot: slot.zfill(2))
    made = []
    for slot in slots:
        period = periods.get(slot)
        is_pause = period is not None and period.kind in PAUSES
        made.append(
            PeriodRow(
                slot=slot, label=period.name if period else slot_name(slot), is_pause=is_pause,
                times=f"{period.starts:%H:%M}–{period.ends:%H:%M}" if period else "",
                cells=() if is_pause else tuple(tuple(cells.get((slot, head.day), ())) for head in heads),
            )
        )  # fmt: skip
    return tuple(made)


def _periods(held: Held, heads: tuple[DayHead, ...]) -> dict[str, Period]:
    """The periods of the classes in view, on the first day of the week; a school without lessons shows its usual day."""
    day = heads[0].day if heads else today()
    groups = {one.lesson.group.id: one.lesson.group for one in held.occurrences}
    found: dict[str, Period] = {}
    for group in groups.values():
        for slot, period in held.clock.periods(group, day).items():
            found.setdefault(slot, period)
    if not groups:
        for bells in held.clock.bells:
            if bells.valid_from <= day and (bells.valid_to is None or day < bells.valid_to) and not bells.grades:
                found = {period.slot: period for period in bells.periods}
    return dict(sorted(found.items(), key=lambda pair: (pair[1].starts, pair[1].ends)))


def entry_of(one: Occurrence, lens: str, period: Period | None = None) -> Entry:
    subject = subject_short(one.subject)
    title = f"{one.lesson.group.name} {subject}" if lens != CLASS else subject
    room = one.lesson.room or (one.lesson.group.room if lens == TEACHER else "")
    lines = [one.teacher_names if lens != TEACHER else "", room if lens != ROOM else "", weeks_text(one.lesson.weeks)]
    return Entry(
        title=title, lines=tuple(line for line in lines if line), state=one.state, tag=tag_of(one), tone=tone_of(one.subject),
        occurrence=one, starts=period.starts if period else None,
    )  # fmt: skip


def tag_of(one: Occurrence) -> str:
    """What is different today, in a few words."""
    if one.state == "away" and one.change is not None and one.change.to_day is not None:
        words = {"day": f"{one.change.to_day:%m-%d}", "slot": slot_name(one.change.to_slot)}
        return _("调到 %(day)s %(slot)s") % words
    if one.state == "away":
        return _("由%(name)s代") % {"name": one.teacher_names} if one.teachers else _("改自习")
    words = {"substitute": _("代课"), "moved": _("调来"), "self_study": _("自习"), "cancelled": _("停上")}
    return words.get(one.state, "")


def rooms_of(lessons: Iterable[LessonRow]) -> tuple[str, ...]:
    return tuple(sorted({lesson.room for lesson in lessons if lesson.room}))
