"""Pages of 学位余量: the board of an office, one school, a pasted plan, and what families see."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from lingqu.foundation.registry import api as registry
from lingqu.kernel import files
from lingqu.kernel.access import actor_of, needs, public
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError, Forbidden, Invalid

from .. import policies, register
from ..documents.plan_sheet import plan_workbook
from ..selectors import checks
from ..selectors import rules as rule_reading
from ..selectors import seats as reading
from ..services import seats as services
from ..types import rights
from ..types.words import Shown
from .hall import layout

MOST_SHOWN = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIELD_NAMES = {
    "school": gettext_lazy("学校标识码"), "grade": gettext_lazy("年级"), "classes": gettext_lazy("班数"), "per_class": gettext_lazy("每班学位"),
}  # fmt: skip
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
    """Plans of many schools, as a file or pasted from Excel: checked, shown, and only then applied."""
    actor, year = actor_of(request), _year(request)
    context: dict[str, Any] = {
        "text": request.POST.get("rows", ""),
        "year": year,
        "years": reading.years(),
        "error": "",
        "faults": (),
        "is_ready": False,
    }
    if request.method == "POST":
        try:
            if "apply" in request.POST:
                lines = services.read_plan(context["text"])
                changed = services.save_plan(actor=actor, year=year, lines=lines)
                messages.success(request, _("共 %(n)d 行，改动 %(m)d 行。") % {"n": len(lines), "m": changed})
                return redirect(f"{reverse('service_hall:seats')}?year={year}")
            context |= _preview(actor, year, _rows(request))
        except Forbidden:
            raise
        except DomainError as refusal:
            context["error"] = refusal.message
    refused = bool(context.get("error") or context.get("faults"))
    return render(request, "service_hall/seats_paste.html", context, status=422 if refused else 200)


def _rows(request: HttpRequest) -> list[services.Row]:
    uploaded = request.FILES.get("file")
    rows = services.rows_of_file(uploaded) if uploaded else services.rows_of_text(request.POST.get("rows", ""))
    if not rows:
        raise Invalid(_("没有读到任何一行。"))
    return rows


def _preview(actor: Actor, year: str, rows: list[services.Row]) -> dict[str, Any]:
    """What would change, or by row and field why nothing can be taken."""
    lines, faults = services.check_rows(rows)
    changes, outside = services.preview_plan(actor=actor, year=year, lines=lines)
    faults = sorted([*faults, *outside], key=lambda one: one.row)
    return {
        "text": "\n".join("\t".join(cells) for _at, cells in rows), "faults": faults[:MOST_SHOWN], "fault_count": len(faults),
        "changes": [_change(one) for one in changes[:MOST_SHOWN]], "change_count": len(changes), "line_count": len(lines),
        "is_ready": not faults, "fields": FIELD_NAMES,
    }  # fmt: skip


def _change(one: services.Change) -> dict[str, str]:
    def told(plan: tuple[int, int | None] | None) -> str:
        if plan is None:
            return _("没有计划")
        words = {"n": plan[0], "size": plan[1] if plan[1] is not None else _("按规则")}
        return _("%(n)d 班 × %(size)s") % words

    return {
        "school": one.school, "grade": registry.grade_label(one.grade), "before": told(one.before), "after": told(one.after)
    }  # fmt: skip


@require_GET
@needs(rights.SEATS_PLAN)
def template(request: HttpRequest) -> HttpResponse:
    """The sheet to fill in: schools and grades stand in it."""
    year = _year(request)
    content = plan_workbook(reading.list_plannable(actor_of(request), year), year)
    return files.hand_over(content, f"学位计划 {year}.xlsx", XLSX)


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
