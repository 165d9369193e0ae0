"""代课与调课: the day's list, one lesson to arrange, history and weekly counts."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import today
from lingqu.kernel.errors import DomainError, Forbidden, Invalid

from .. import policies, register
from ..models import LessonChange
from ..selectors.calendars import Desk
from ..selectors.lessons import list_changes, subject_short
from ..selectors.substitutes import Choice, choices_for, school_day_held, taken_over
from ..selectors.weeks import week_around
from ..sentences import slot_name, weekday_name
from ..services import changes as services
from ..types import rights
from ..types.values import ChangeRow
from ..types.words import ChangeKind
from .drafts import _number, _uuid
from .presenting import asked_day, read_day, week_links

MOST_CANDIDATES, MOST_SWAPS, MOST_HISTORY = 14, 14, 60


@needs(rights.VIEW)
def day_list(request: HttpRequest, code: str) -> HttpResponse:
    """What is different on a day, who took how many lessons this week, and the lessons of an absent teacher."""
    school, actor = register.get_school(code), actor_of(request)
    policies.require_see_school(actor, school)
    if request.method == "POST":
        return _withdraw(request, school)
    day = asked_day(request)
    first, last = week_around(day)
    base = reverse("timetable:changes", args=[school.code])
    may_edit = policies.may_edit_school(actor, str(school.path))
    rows = list_changes(first, last, school_id=school.id)
    counts = taken_over(school, first, last)
    names = register.names_of(counts)
    calendar = Desk().calendar(str(school.path))
    absent = request.GET.get("teacher", "")
    held = school_day_held(school, day, day) if may_edit else None
    teachers = (
        sorted({(teacher.name, str(teacher.id)) for one in held.occurrences for teacher in one.teachers})
        if held
        else []
    )
    lessons = [
        {
            "when": _period(held, one), "title": f"{one.lesson.group.name} {subject_short(one.subject)}", "room": one.lesson.room,
            "href": _arrange_url(school, one.lesson.id, day, f"{base}?day={day}&teacher={absent}"), "tag": one.state,
        }
        for one in (held.occurrences if held else ())
        if absent and any(str(teacher.id) == absent for teacher in one.lesson.teachers) and one.state != "moved"
    ]  # fmt: skip
    context: dict[str, Any] = {
        "school": school, "day": day, "base": base, "may_edit": may_edit, "week": week_links(calendar, day, f"{base}?"),
        "today_rows": [_line(row) for row in rows if day in (row.day, row.to_day)],
        "rows": [_line(row) for row in rows], "days": [_day_choice(first, place, base, day) for place in range(7)],
        "counts": sorted(((names.get(person, ""), count) for person, count in counts.items()), key=lambda pair: -pair[1]),
        "teachers": [(key, name) for name, key in teachers], "absent": absent, "lessons": lessons,
        "school_day": calendar.day_of(day), "weekday": weekday_name(day.isoweekday()),
        "history": [_line(row) for row in _withdrawn(school, first, last)],
    }  # fmt: skip
    return render(request, "timetable/changes.html", context)


def _withdrawn(school: Any, first: date, last: date) -> list[ChangeRow]:
    gone = set(
        LessonChange.objects.filter(school=school, day__range=(first, last), withdrawn_at__isnull=False).values_list(
            "id", flat=True
        )[:MOST_HISTORY]
    )
    if not gone:
        return []
    return [row for row in list_changes(first, last, school_id=school.id, with_withdrawn=True) if row.id in gone]


def _day_choice(first: date, place: int, base: str, day: date) -> dict[str, Any]:
    one = date.fromordinal(first.toordinal() + place)
    return {"label": f"{weekday_name(place + 1)} {one:%m-%d}", "href": f"{base}?day={one}", "current": one == day}


def _period(held: Any, one: Any) -> str:
    period = held.clock.period(one.lesson.group, one.slot, one.day)
    return f"{period.name} {period.starts:%H:%M}" if period else slot_name(one.slot)


def _arrange_url(school: Any, lesson_id: int, day: date, back: str) -> str:
    return f"{reverse('timetable:arrange', args=[school.code, lesson_id])}?{urlencode({'day': day, 'back': back})}"


def _line(row: ChangeRow) -> dict[str, Any]:
    lesson = row.lesson
    what = f"{row.day:%m-%d} {weekday_name(row.day.isoweekday())}{slot_name(lesson.slot)} {lesson.group.name} {subject_short(lesson.subject)}"
    names = {
        "who": row.substitute.name if row.substitute else "",
        "was": row.original.name if row.original else lesson.teacher_names,
    }
    if row.kind == ChangeKind.MOVE and row.to_day:
        how = _("调到 %(day)s %(slot)s") % {
            "day": f"{row.to_day:%m-%d} {weekday_name(row.to_day.isoweekday())}",
            "slot": slot_name(row.to_slot),
        }
    elif row.kind == ChangeKind.SUBSTITUTE:
        how = _("%(was)s的课由%(who)s代") % names
    elif row.kind == ChangeKind.SELF_STUDY:
        how = _("改自习，%(who)s看班") % names if row.substitute else _("改自习")
    else:
        how = _("停上")
    if row.subject:
        how = _("%(how)s，改上%(subject)s") % {"how": how, "subject": subject_short(row.subject)}
    return {
        "id": row.id, "what": what, "how": how, "kind": row.kind, "kind_label": str(ChangeKind(row.kind).label), "reason": row.reason,
        "can_withdraw": min(row.day, row.to_day or row.day) >= today(), "note": row.note,
    }  # fmt: skip


def _withdraw(request: HttpRequest, school: Any) -> HttpResponse:
    actor, form = actor_of(request), request.POST
    policies.require_edit_school(actor, school)
    day = read_day(form.get("day", "")) or today()
    try:
        services.withdraw(actor=actor, change_id=_uuid(form.get("change", "")))
        messages.success(request, _("已撤销，按原课表上课。"))
    except DomainError as error:
        if isinstance(error, Forbidden):
            raise
        messages.error(request, error.message)
    return redirect(f"{request.path}?day={day}")


@needs(rights.EDIT)
def arrange(request: HttpRequest, code: str, lesson_id: int) -> HttpResponse:
    """One lesson on one day: 代课, 对调, 自习 or 停上. POST does it and goes back to where one came from."""
    school, actor = register.get_school(code), actor_of(request)
    policies.require_edit_school(actor, school)
    day = read_day(request.POST.get("day", "")) or asked_day(request)
    back = _back(request, school, day)
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            _arrange(request, lesson_id, day)
            return redirect(back)
        except DomainError as error:
            if isinstance(error, Forbidden):
                raise
            refusal = error
    found = choices_for(school, lesson_id, day, registry.current_school_year())
    if found is None:
        raise Invalid(_("这一天没有这节课。"), code="not_held")
    mode = request.POST.get("mode") or request.GET.get("mode", "substitute")
    context = {
        "school": school, "day": day, "back": back, "refusal": refusal, "found": found, "lesson": found.occurrence.lesson,
        "mode": mode if mode in ("substitute", "swap", "self_study", "cancel") else "substitute",
        "weekday": weekday_name(day.isoweekday()), "subject": subject_short(found.occurrence.subject), "period": _when(found, day),
        "candidates": [_candidate(one) for one in found.candidates[:MOST_CANDIDATES]], "busy": found.busy,
        "swaps": [_swap(found, one) for one in found.swaps[:MOST_SWAPS]], "sent": request.POST, "base": request.path,
        "existing": _line(found.occurrence.change) if found.occurrence.change else None, "others": max(0, len(found.candidates) - MOST_CANDIDATES),
    }  # fmt: skip
    return render(request, "timetable/arrange.html", context, status=refusal.status if refusal else 200)


def _when(found: Choice, day: date) -> str:
    one = found.occurrence
    period = found.clock.period(one.lesson.group, one.slot, day)
    return f"{slot_name(one.slot)} {period.starts:%H:%M}–{period.ends:%H:%M}" if period else slot_name(one.slot)


def _candidate(one: Any) -> dict[str, Any]:
    subjects = "、".join(subject_short(code) for code in one.subjects[:3])
    return {
        "id": str(one.teacher.id), "name": one.teacher.name, "tag": one.tag, "is_same": one.rank < 2,
        "meta": " · ".join(part for part in (subjects, _("本周 %(n)d 节") % {"n": one.lessons}, _("本月已代 %(n)d 节") % {"n": one.taken} if one.taken else "") if part),
    }  # fmt: skip


def _swap(found: Choice, one: Any) -> dict[str, str]:
    period = found.clock.period(one.lesson.group, one.slot, one.day)
    at = f"{slot_name(one.slot)} {period.starts:%H:%M}" if period else slot_name(one.slot)
    return {
        "value": f"{one.lesson.id}@{one.day}", "title": f"{weekday_name(one.day.isoweekday())} {one.day:%m-%d} {at}",
        "meta": f"{subject_short(one.subject)} {one.teacher_names}",
    }  # fmt: skip


def _arrange(request: HttpRequest, lesson_id: int, day: date) -> None:
    actor, form = actor_of(request), request.POST
    mode = form.get("mode", "")
    if mode == "swap":
        other, _at, other_day = form.get("swap", "").partition("@")
        other_id, wanted = _number(other), read_day(other_day)
        if other_id is None or wanted is None:
            raise Invalid(_("请选择与哪一节对调。"), code="no_swap")
        services.swap(
            actor=actor,
            lesson_id=lesson_id,
            day=day,
            other_id=other_id,
            other_day=wanted,
            reason=form.get("reason", ""),
        )
        messages.success(request, _("已对调，只改这一次。"))
        return
    person: UUID | None = _uuid(form["substitute"]) if form.get("substitute") else None
    wish = services.Wish(
        lesson_id=lesson_id, day=day, kind=mode, substitute=person if mode != "cancel" else None,
        reason=form.get("reason", ""), note=form.get("note", ""), counts=form.get("counts") == "on",
    )  # fmt: skip
    services.arrange(actor=actor, wish=wish)
    messages.success(request, _("已安排，只改这一节，不改固定课表。"))


def _back(request: HttpRequest, school: Any, day: date) -> str:
    wanted = request.POST.get("back") or request.GET.get("back", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("timetable:changes", args=[school.code]) + f"?day={day}"
