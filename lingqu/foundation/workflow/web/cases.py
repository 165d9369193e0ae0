"""Cases: mine, one of them, those of a place, the console of stuck ones, figures, files and papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock, files
from lingqu.kernel.access import actor_of, needs, signed_in
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import NotFound

from ..selectors import cases, figures, worklist
from ..services import acting, passing, steering
from ..types import rights
from ..types.words import CaseState
from .showing import STATE_TONES, case_context

PERIODS = {"30": 30, "90": 90, "365": 365}


@require_GET
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    page = cases.list_own(actor_of(request), cursor=request.GET.get("cursor", ""))
    return render(
        request, "workflow/mine.html", {"page": page, "tones": STATE_TONES, "states": dict(CaseState.choices)}
    )


@require_GET
@signed_in
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    found = cases.get_case(actor, case_id)
    place = registry.organisation_at(found.path) if found.stuck or found.may_manage else None
    context = {
        **case_context(actor, found), "task": None, "errors": [], "comment": "", "asked_fields": [],
        "own": worklist.own_done(actor, case_id), "receivers": registry.colleagues_of(place.id) if place else (),
    }  # fmt: skip
    return render(request, "workflow/case.html", context)


@require_POST
@signed_in
def comment(request: HttpRequest, case_id: UUID) -> HttpResponse:
    with refusals_told(request):
        acting.comment(actor=actor_of(request), case_id=case_id, text=request.POST.get("text", ""))
    return redirect("workflow:case", case_id)


@require_POST
@signed_in
def cancel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    with refusals_told(request):
        steering.cancel(actor=actor_of(request), case_id=case_id, reason=request.POST.get("reason", ""))
        messages.success(request, _("已终止。"))
    return redirect("workflow:case", case_id)


@require_POST
@needs(rights.CASE_MANAGE)
def steer(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """挂起, 恢复, 重试, 放行 and handing a step without anybody to somebody."""
    actor, act = actor_of(request), request.POST.get("act", "")
    reason, token = request.POST.get("reason", ""), _number(request.POST.get("token", ""))
    with refusals_told(request):
        if act == "suspend":
            steering.suspend(actor=actor, case_id=case_id, reason=reason)
        elif act == "resume":
            steering.resume(actor=actor, case_id=case_id)
        elif act == "retry":
            steering.retry(actor=actor, case_id=case_id, token=token)
        elif act == "pass":
            steering.pass_on(
                actor=actor, case_id=case_id, token=token, reason=reason, flow=request.POST.get("flow", "")
            )
        elif act == "reassign":
            passing.reassign(actor=actor, case_id=case_id, token=token, to=request.POST.get("to", ""))
        else:
            raise NotFound()
        messages.success(request, _("已处理。"))
    return redirect("workflow:case", case_id)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@require_GET
@needs(rights.CASE_VIEW)
def all_cases(request: HttpRequest) -> HttpResponse:
    """Cases of my places: where they stand, not what is in their forms."""
    asked = {name: request.GET.get(name, "").strip()[:60] for name in ("state", "key", "q")}
    page = cases.list_cases(
        actor_of(request), state=asked["state"] if asked["state"] in CaseState.values else "", key=asked["key"], words=asked["q"],
        cursor=request.GET.get("cursor", ""),
    )  # fmt: skip
    context = {
        "page": page, "asked": asked, "tones": STATE_TONES, "states": dict(CaseState.choices),
        "query": {name: value for name, value in asked.items() if value},
    }  # fmt: skip
    return render(request, "workflow/cases.html", context)


@require_GET
@needs(rights.CASE_MANAGE)
def stuck(request: HttpRequest) -> HttpResponse:
    page = cases.list_stuck(actor_of(request), cursor=request.GET.get("cursor", ""))
    return render(
        request, "workflow/stuck.html", {"page": page, "tones": STATE_TONES, "states": dict(CaseState.choices)}
    )


@require_GET
@needs(rights.CASE_VIEW)
def statistics(request: HttpRequest) -> HttpResponse:
    """On time or not, the slowest step, papers saved."""
    actor = actor_of(request)
    period = request.GET.get("days", "")
    days = PERIODS.get(period, 90)
    paths = actor.paths(rights.CASE_VIEW)
    rows = figures.process_figures(actor, paths[0], clock.now() - timedelta(days=days)) if paths else ()
    context = {
        "rows": rows, "days": days, "periods": PERIODS, "place": registry.organisation_at(paths[0]) if paths else None,
        "total": {name: sum(getattr(one, name) for one in rows) for name in ("started", "ended", "on_time", "open", "overdue", "papers_saved")},
    }  # fmt: skip
    return render(request, "workflow/figures.html", context)


@require_GET
@signed_in
def file(request: HttpRequest, file_id: UUID) -> Any:
    found = cases.get_file(actor_of(request), file_id)
    response = files.as_download(found.digest, found.name, found.media_type)
    response["Cache-Control"] = "no-store"
    return response
