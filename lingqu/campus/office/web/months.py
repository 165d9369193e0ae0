"""Substitute lessons of a month by teacher: on the page and as a workbook, the basis of their pay."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from lingqu.foundation.timetable import api as timetable
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Invalid

from .. import register
from ..selectors.covers import month_of_school
from ..types import rights
from .workbook import write_month

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked(request: HttpRequest) -> date:
    text = request.GET.get("month", "")
    if not text:
        return today().replace(day=1)
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Invalid(_("月份写成 2026-09 的样子。"), code="bad_month") from error
    if not 2000 <= found.year <= 2100:
        raise Invalid(_("月份写成 2026-09 的样子。"), code="bad_month")
    return found


def _link(base: str, day: date) -> str:
    return f"{base}?month={day:%Y-%m}"


@needs(rights.STAFF_VIEW)
def month(request: HttpRequest, code: str) -> HttpResponse:
    school, asked = register.get_school(code), _asked(request)
    rows = month_of_school(actor_of(request), school, asked)
    base = reverse("office:month", args=[code])
    first, last = timetable.month_of(asked)
    context: dict[str, Any] = {
        "school": school, "month": f"{asked:%Y-%m}", "rows": rows, "counted": sum(one.counted for one in rows),
        "previous": _link(base, first - timedelta(days=1)), "next": _link(base, last + timedelta(days=1)),
        "sheet": _link(reverse("office:month_sheet", args=[code]), asked),
    }  # fmt: skip
    return render(request, "office/month.html", context)


@needs(rights.STAFF_VIEW)
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    school, asked = register.get_school(code), _asked(request)
    rows = month_of_school(actor_of(request), school, asked)
    answer = HttpResponse(write_month(rows, school.name, f"{asked:%Y-%m}"), content_type=SHEET_TYPE)
    name = _("代课统计 %(month)s %(school)s.xlsx") % {"month": f"{asked:%Y-%m}", "school": school.name}
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
