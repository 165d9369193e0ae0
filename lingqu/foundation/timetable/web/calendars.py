"""校历 of a place: terms and weeks, holidays and working Saturdays, the notice pasted, the sheet printed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.clock import today
from lingqu.kernel.errors import DomainError, Invalid

from .. import policies, register
from ..selectors.calendars import Desk, own_days
from ..sentences import weekday_name
from ..services import calendars as services
from ..types.calendar import ONE, Calendar, DayEntry, TermSpan, monday_of
from ..types.notice import MOST_TEXT, read_notice
from ..types.words import DayKind, FirstWeek
from .presenting import read_day


@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """The calendar of one's own place."""
    actor = actor_of(request)
    place = register.organisations().filter(path=actor.path).first() if actor.path else registry.root_organisation()
    if place is None:
        place = registry.root_organisation()
    if place is None or not place.code:
        return redirect("/")
    return redirect("timetable:calendar", place.code)


@signed_in
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """GET shows it; POST does one thing: ``term``, ``read`` or ``write`` a notice, ``day``, ``remove``."""
    place = register.get_organisation(code)
    if request.method == "POST":
        return _change(request, place)
    return _show(request, place)


def _show(request: HttpRequest, place: Any, pasted: str = "", status: int = 200) -> HttpResponse:
    actor, found = actor_of(request), Desk().calendar(str(place.path))
    year = request.GET.get("year", "") or registry.current_school_year()
    may_edit = policies.may_edit_calendar(actor, str(place.path))
    first, last = _bounds(year)
    own = {row.day for row in own_days(place, first, last)} if may_edit else set()
    context: dict[str, Any] = {
        "place": place, "year": year, "years": _years(year), "may_edit": may_edit, "terms": [_term(place, year, found, term) for term in found.terms if term.school_year == year],
        "days": _lines([entry for day, entry in sorted(found.entries.items()) if first <= day <= last], own),
        "pasted": pasted, "lines": read_notice(pasted, year) if pasted else (), "base": reverse("timetable:calendar", args=[place.code]),
        "week": found.week_number(today()), "first_weeks": FirstWeek.choices, "kinds": DayKind.choices, "today": today(),
        "is_school": place.kind in register.SCHOOL_KINDS,
        "weekdays": [("0", _("当天自己的课表")), *((str(n), _("按%(day)s课表") % {"day": weekday_name(n)}) for n in range(1, 6))],
    }  # fmt: skip
    return render(request, "timetable/calendar.html", context, status=status)


def _bounds(year: str) -> tuple[date, date]:
    try:
        start_year = int(year[:4])
        return date(start_year, 8, 1), date(start_year + 1, 9, 30)
    except ValueError as error:
        raise Invalid(_("学年写成 2026-2027 的样子。"), code="bad_school_year") from error


def _years(year: str) -> list[tuple[str, str]]:
    current = int((registry.current_school_year() or year)[:4])
    return [(f"{n}-{n + 1}", f"{n}-{n + 1}") for n in (current - 1, current, current + 1)]


def _term(place: Any, year: str, calendar: Calendar, term: TermSpan) -> dict[str, Any]:
    """A term with its weeks, in the form of ``term_weeks``."""
    first = min(monday_of(term.start_on), term.week_one)
    weeks = []
    for number in range((monday_of(term.end_on) - first).days // 7 + 1):
        monday = first + timedelta(days=7 * number)
        count = max(0, (monday - term.week_one).days // 7 + 1)
        weeks.append(
            {
                "label": _("第 %(n)d 周") % {"n": count} if count else _("开学前"),
                "days": [_cell(calendar, term, monday + timedelta(days=place_)) for place_ in range(7)],
            }
        )  # fmt: skip
    working = calendar.count_working_days(term.start_on - timedelta(days=1), term.end_on)
    lessons = sum(
        calendar.is_school_day(term.start_on + timedelta(days=n)) for n in range((term.end_on - term.start_on).days + 1)
    )
    return {
        "span": term, "weeks": weeks, "is_own": term.organisation_id == place.id, "working": working, "lessons": lessons,
        "source": term.source or _("名册文件"),
    }  # fmt: skip


def _cell(calendar: Calendar, term: TermSpan, day: date) -> dict[str, Any]:
    if not term.start_on <= day <= term.end_on:
        return {"day": "", "note": "", "state": "off", "today": False}
    entry = calendar.entries.get(day)
    state = entry.kind if entry and entry.kind != DayKind.ORDINARY else ("off" if day.weekday() > 4 else "")
    note = ""
    if entry and entry.kind == DayKind.WORKDAY:
        note = _("补 %(day)s") % {"day": f"{entry.follows_day:%m-%d}"} if entry.follows_day else _("上课")
    elif entry and entry.kind != DayKind.ORDINARY:
        note = (entry.name or str(DayKind(entry.kind).label))[:4]
    is_first = day.day == 1 or day == term.start_on
    return {
        "day": f"{day.month}-{day.day}" if is_first else str(day.day),
        "note": note[:8],
        "state": state,
        "today": day == today(),
    }


def _lines(entries: list[DayEntry], own: set[date]) -> list[dict[str, Any]]:
    """What is said about days, in runs of days that say the same."""
    made: list[dict[str, Any]] = []
    for entry in entries:
        line = _line(entry, own)
        last = made[-1] if made else None
        same = ("kind", "name", "follows", "source", "notice", "is_own")
        if (
            last
            and not line["follows"]
            and entry.day == last["last"] + ONE
            and all(last[key] == line[key] for key in same)
        ):
            last["last"], last["days"] = entry.day, [*last["days"], entry.day]
        else:
            made.append(line)
    return made


def _line(entry: DayEntry, own: set[date]) -> dict[str, Any]:
    follows = ""
    if entry.follows_day:
        follows = _("补 %(day)s（%(weekday)s）的课") % {
            "day": f"{entry.follows_day:%m-%d}", "weekday": weekday_name(entry.follows_day.isoweekday()),
        }  # fmt: skip
    elif entry.follows_weekday:
        follows = _("按%(day)s课表") % {"day": weekday_name(entry.follows_weekday)}
    return {
        "day": entry.day, "last": entry.day, "days": [entry.day], "weekday": weekday_name(entry.day.isoweekday()),
        "kind": entry.kind, "kind_label": str(DayKind(entry.kind).label), "name": entry.name, "follows": follows,
        "source": entry.source, "notice": entry.notice, "is_own": entry.day in own,
    }  # fmt: skip


def _change(request: HttpRequest, place: Any) -> HttpResponse:
    actor, form = actor_of(request), request.POST
    policies.require_edit_calendar(actor, place)
    action, year = form.get("action", ""), form.get("year", "") or registry.current_school_year()
    if action == "read":
        return _show(request, place, pasted=form.get("text", "")[:MOST_TEXT])
    try:
        _write(request, place, action, year)
    except DomainError as error:
        if error.status == 403:
            raise
        messages.error(request, error.message)
        return _show(request, place, pasted=form.get("text", "")[:MOST_TEXT], status=error.status)
    return redirect(f"{request.path}?year={year}")


def _write(request: HttpRequest, place: Any, action: str, year: str) -> None:
    actor, form = actor_of(request), request.POST
    if action == "write":
        days = [
            services.Day(
                day=day.day,
                kind=day.kind,
                name=day.name,
                follows_day=day.follows_day,
                follows_weekday=day.follows_weekday,
            )
            for line in read_notice(form.get("text", ""), year)
            for day in line.days
        ]
        written = services.set_days(actor=actor, organisation_id=place.id, days=days, notice=form.get("notice", ""))
        messages.success(request, _("已写入 %(n)d 天，下级没有另行规定的都随之改变。") % {"n": written})
    elif action == "day":
        day = services.Day(
            day=_day(form.get("day", "")), kind=form.get("kind", ""), name=form.get("name", ""),
            follows_day=read_day(form.get("follows_day", "")), follows_weekday=_weekday(form.get("follows_weekday", "0")),
        )  # fmt: skip
        services.set_days(actor=actor, organisation_id=place.id, days=[day], notice=form.get("notice", ""))
        messages.success(request, _("已保存这一天。"))
    elif action == "remove":
        services.remove_days(actor=actor, organisation_id=place.id, days=[_day(one) for one in form.getlist("day")])
        messages.success(request, _("已撤销，按上级校历。"))
    elif action == "term":
        services.set_term(
            actor=actor, organisation_id=place.id, school_year=year, code=form.get("code", ""),
            name=form.get("name", "") or _("学期"), start_on=_day(form.get("start_on", "")), end_on=_day(form.get("end_on", "")),
            first_week=form.get("first_week", FirstWeek.CONTAINING),
        )  # fmt: skip
        messages.success(request, _("已保存学期。"))
    else:
        raise Invalid(_("请选择要做的事。"), code="unknown_action")


def _day(text: str) -> date:
    found = read_day(text)
    if found is None:
        raise Invalid(_("请填写日期。"), code="no_day")
    return found


def _weekday(text: str) -> int:
    return int(text) if text.isdigit() and len(text) == 1 else 0


@signed_in
def print_calendar(request: HttpRequest, code: str) -> HttpResponse:
    """校历 on A4, a term a page."""
    place, year = register.get_organisation(code), request.GET.get("year", "") or registry.current_school_year()
    found, (first, last) = Desk().calendar(str(place.path)), _bounds(year)
    context = {
        "place": place, "year": year, "day": today(),
        "terms": [_term(place, year, found, term) for term in found.terms if term.school_year == year],
        "days": _lines([entry for day, entry in sorted(found.entries.items()) if first <= day <= last], set()),
    }  # fmt: skip
    return render(request, "timetable/calendar_print.html", context)
