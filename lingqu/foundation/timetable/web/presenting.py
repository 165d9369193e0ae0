"""Weeks in the form of the kit's ``week_grid``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid

from ..types.calendar import Calendar, monday_of
from ..types.pages import DayHead, Entry, WeekPage

STATES = {"away": "gone", "cancelled": "gone", "substitute": "changed", "moved": "changed", "self_study": "changed"}
Href = Callable[[Entry], str]
Add = Callable[[date, str], str]


def asked_day(request: HttpRequest, name: str = "day") -> date:
    """The day in the address, today without one. Raises :class:`Invalid` for what is none."""
    return read_day(request.GET.get(name, "")) or today()


def read_day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(_("日期写成 2026-09-01 的样子。"), code="bad_day") from error
    if not 2000 <= found.year <= 2100:
        raise Invalid(_("日期写成 2026-09-01 的样子。"), code="bad_day")
    return found


def grid_of(
    page: WeekPage, *, href: Href | None = None, clashing: Collection[int] = (), chosen: tuple[int, date] | None = None
) -> dict[str, Any]:
    """``days`` and ``rows`` of the component."""
    return {
        "days": [_day(head) for head in page.days],
        "rows": [_row(row, href, clashing, chosen) for row in page.rows],
    }


def _day(head: DayHead) -> dict[str, str]:
    state = "today" if head.is_today else "shifted" if head.is_shifted else "closed" if head.is_closed else ""
    label = _("%(day)s · 今天") % {"day": head.label} if head.is_today else head.label
    if head.is_shifted:
        label = _("%(day)s · 调休") % {"day": head.label}
    note = f"{head.day:%m-%d} {head.note}" if head.note else f"{head.day:%m-%d}"
    return {"label": label, "note": note, "state": state}


def _row(row: Any, href: Href | None, clashing: Collection[int], chosen: tuple[int, date] | None) -> dict[str, Any]:
    return {
        "label": row.label, "times": row.times, "pause": row.is_pause,
        "cells": [{"entries": [_entry(one, href, clashing, chosen) for one in cell]} for cell in row.cells],
    }  # fmt: skip


def _entry(one: Entry, href: Href | None, clashing: Collection[int], chosen: tuple[int, date] | None) -> dict[str, Any]:
    lesson = one.occurrence.lesson
    state = STATES.get(one.state, "")
    if lesson.id in clashing and not state:
        state = "clash"
    if chosen == (lesson.id, one.occurrence.day) and one.state != "moved":
        state = "chosen"
    return {
        "title": one.title, "lines": one.lines, "tone": one.tone, "state": state, "tag": one.tag,
        "href": href(one) if href and one.state != "moved" else "",
    }  # fmt: skip


def week_links(calendar: Calendar, day: date, base: str) -> dict[str, Any]:
    """What the week switcher shows: this week's name, and the addresses before, after and now. ``base`` ends in ? or &."""
    monday = monday_of(day)
    week = next(
        (number for place in range(7) if (number := calendar.week_number(monday + timedelta(days=place))) is not None),
        None,
    )
    label = _("假期") if week is None else _("第 %(n)d 周") % {"n": week} if week else _("开学前")
    return {
        "label": label, "range": f"{monday:%m-%d} – {monday + timedelta(days=6):%m-%d}", "monday": monday,
        "previous": f"{base}day={monday - timedelta(days=7)}", "next": f"{base}day={monday + timedelta(days=7)}",
        "now": "" if monday == monday_of(today()) else base.rstrip("?&"),
    }  # fmt: skip
