"""Pages of 学位余量: the board of an office, one school, a pasted plan, and what families see."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs, public
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies, register
from ..selectors import checks
from ..selectors import rules as rule_reading
from ..selectors import seats as reading
from ..services import seats as services
from ..types import rights
from ..types.words import Shown
from .hall import layout

GRADES = ("G01", "G02", "G03", "G04", "G05", "G06", "G07", "G08", "G09", "G10", "G11", "G12")


def _year(request: HttpRequest) -> str:
    asked = request.GET.get("year", "")
    return asked if asked in reading.years() else reading.year_now() or reading.years()[0]


@require_GET
@needs(rights.SEATS_VIEW)
def board(request: HttpRequest) -> HttpResponse:
    actor, year = actor_of(request), _year(request)
    school = reading.own_school(actor)
    if school is not None:
        return redirect("service_hall:school_seats", school.code)
    page, sums = reading.list_board(actor, year=year, cursor=request.GET.get("cursor", ""))
    grades = [grade for grade in GRADES if any(row.line(grade) for row in page)]
    context = {
        "page": page, "sums": sums, "year": year, "years": reading.years(), "grades": grades,
        "labels": {grade: registry.grade_label(grade) for grade in grades}, "may_plan": actor.has(rights.SEATS_PLAN),
        "head": [{"label": _("学校")}, *({"label": registry.grade_label(one), "num": True} for one in grades),
                 {"label": _("空余"), "num": True}],
    }  # fmt: skip
    return render(request, "service_hall/seats.html", context)


@require_http_methods(["GET", "POST"])
@needs(rights.SEATS_VIEW)
def school(request: HttpRequest, code: str) -> HttpResponse:
    """Each grade of a school: classes, places, who sits, who wants to come, what is free; planned by the county."""
    actor, year = actor_of(request), _year(request)
    found = reading.get_school_seats(actor, code, year)
    may_plan, errors = policies.may_plan(actor, found.school), ""
    if request.method == "POST":
        if not may_plan:
            raise Forbidden()
        try:
            lines = services.read_plan(_pasted(code, request.POST))
            services.save_plan(actor=actor, year=year, lines=lines)
            for grade in request.POST.getlist("drop"):
                services.drop_plan(actor=actor, school_code=code, year=year, grade=grade)
        except Invalid as refusal:
            errors = refusal.message
        else:
            messages.success(request, _("已保存。"))
            return redirect(f"{reverse('service_hall:school_seats', args=[code])}?year={year}")
    known = {line.grade for line in found.lines}
    context = {
        "school": found.school, "lines": found.lines, "sums": found.sums, "year": year, "years": reading.years(),
        "labels": {grade: registry.grade_label(grade) for grade in GRADES}, "may_plan": may_plan, "errors": errors,
        "others": [(grade, registry.grade_label(grade)) for grade in GRADES if grade not in known],
        "stated": rule_reading.rule_at(str(found.school.path), "seats"),
    }  # fmt: skip
    return render(request, "service_hall/school_seats.html", context, status=422 if errors else 200)


def _pasted(code: str, given: Any) -> str:
    """The filled lines of the form as lines of a sheet: one reader checks both."""
    rows = zip(given.getlist("grade"), given.getlist("classes"), given.getlist("per_class"), strict=False)
    return "\n".join("\t".join((code, grade, classes, size)) for grade, classes, size in rows if grade and classes)


@require_http_methods(["GET", "POST"])
@needs(rights.SEATS_PLAN)
def paste(request: HttpRequest) -> HttpResponse:
    """Plans of many schools, pasted from Excel."""
    actor, year, text, error = actor_of(request), _year(request), request.POST.get("rows", ""), ""
    if request.method == "POST":
        try:
            lines = services.read_plan(text)
            if not lines:
                raise Invalid(_("没有读到任何一行。"))
            changed = services.save_plan(actor=actor, year=year, lines=lines)
        except Invalid as refusal:
            error = refusal.message
        else:
            messages.success(request, _("共 %(n)d 行，改动 %(m)d 行。") % {"n": len(lines), "m": changed})
            return redirect(f"{reverse('service_hall:seats')}?year={year}")
    context = {"text": text, "error": error, "year": year, "years": reading.years()}
    return render(request, "service_hall/seats_paste.html", context, status=422 if error else 200)


@require_GET
@public
def public_seats(request: HttpRequest) -> HttpResponse:
    """Free places for families, as much as the county lets them see."""
    actor = actor_of(request)
    counties = reading.counties()
    chosen = next((one for one in counties if one.code == request.GET.get("county", "")), None) or _nearest(
        counties, checks.place_of(actor)
    )
    page, shown = reading.list_public(chosen, cursor=request.GET.get("cursor", "")) if chosen else (None, Shown.NOTHING)
    context = {
        "layout": layout(actor), "counties": counties, "county": chosen, "page": page, "shown": shown,
        "choices": [(one.code, one.name) for one in counties],
    }  # fmt: skip
    return render(request, "service_hall/public_seats.html", context)


def _nearest(counties: list[Any], path: str) -> Any | None:
    """The county in which the reader's child sits; else the first with schools."""
    above = register.prefixes(path) if path else []
    return next(
        (one for prefix in above for one in counties if str(one.path) == prefix), counties[0] if counties else None
    )
