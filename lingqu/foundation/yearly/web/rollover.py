"""学年升级: the overview, one school, lists of pupils, and what is done about them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from lingqu.ui.jinja import render_block, render_page

from .. import policies, register
from ..models import Rollover
from ..selectors import plans as reading
from ..services import deciding, exporting
from ..services.running import start_run
from ..services.years import ensure_rollover, is_locked, lock_rollover
from ..types import rights
from ..types.words import NoteKind, PlanState, RunKind
from . import showing

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def next_year() -> str:
    current = registry.current_school_year() or "2026-2027"
    first = int(current[:4]) + 1
    return f"{first}-{first + 1}"


def year_of(request: HttpRequest) -> Rollover:
    asked = request.POST.get("year") or request.GET.get("year") or next_year()
    return ensure_rollover(asked)


def place_of(actor: Actor, code: str, right: str = rights.ROLLOVER_VIEW) -> Any:
    """The organisation asked for, else the actor's own place. Unknown and out of reach look the same."""
    if code:
        found = register.organisations().filter(code=code).first()
        if found is None or not actor.holds(right, str(found.path)):
            raise Forbidden()
        return found
    paths = actor.paths(right)
    path = actor.path if actor.path and actor.holds(right, actor.path) else next(iter(paths), "")
    if not path:
        raise Forbidden()
    return register.organisations().get(path=path)


def _context(request: HttpRequest) -> dict[str, Any]:
    actor, rollover = actor_of(request), year_of(request)
    node = request.GET.get("node", "")[:20]
    place = place_of(actor, node)
    path = str(place.path)
    query = {
        "year": rollover.to_year,
        "node": node,
        "state": request.GET.get("state", ""),
        "q": request.GET.get("q", "")[:60],
    }
    if query["state"] not in PlanState.values:
        query["state"] = ""
    totals = reading.totals(actor=actor, rollover=rollover, path=path)
    page = reading.list_plans(
        actor=actor,
        rollover=rollover,
        path=path,
        state=query["state"],
        q=query["q"],
        cursor=request.GET.get("cursor", ""),
    )
    first = page.items[0] if page.items else None
    ready, missing = totals.states.get(PlanState.READY, 0), totals.states.get(PlanState.MISSING, 0)
    may_apply = policies.may_apply(actor, path)
    return {
        "rollover": rollover, "place": place, "query": query, "totals": totals, "page": page,
        "rows": [showing.plan_row(plan) for plan in page], "from_year": showing.span(rollover.from_year),
        "to_year": showing.span(rollover.to_year), "steps": showing.steps(rollover, totals),
        "figures": showing.figures(totals), "equation": showing.equation(totals), "chips": showing.chips(totals, query),
        "exceptions": showing.exceptions(
            reading.count_kinds(actor=actor, rollover=rollover, path=path), totals, rollover.to_year, node
        ),
        "chosen": showing.plan_row(first) if first else None,
        "lines": showing.grade_lines(first, reading.list_classes(first)) if first else [],
        "run": showing.run_shown(reading.latest_run(rollover, path)), "window": showing.window_of(rollover, totals),
        "ready": ready, "missing": missing, "applied": totals.states.get(PlanState.APPLIED, 0), "may_apply": may_apply,
        "may_decide": policies.may_decide(actor, path), "may_lock": may_apply and "." not in path,
        "locked": is_locked(rollover), "may_export": actor.holds(registry.rights.PERSON_VIEW, path),
    }  # fmt: skip


@require_GET
@needs(rights.ROLLOVER_VIEW)
def rollover(request: HttpRequest) -> HttpResponse:
    return render_page(request, "yearly/rollover.html", _context(request), block="schools")


@require_GET
@needs(rights.ROLLOVER_VIEW)
def standing(request: HttpRequest) -> HttpResponse:
    """How far the run is; the page loads itself anew when it has ended."""
    actor, rollover = actor_of(request), year_of(request)
    place = place_of(actor, request.GET.get("node", ""))
    shown = showing.run_shown(reading.latest_run(rollover, str(place.path)))
    context = {"run": shown, "rollover": rollover, "query": {"node": request.GET.get("node", "")}}
    response = render_block(request, "yearly/rollover.html", "standing", context)
    if shown is None or not shown["is_running"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@needs(rights.ROLLOVER_DECIDE, rights.ROLLOVER_APPLY)
def act(request: HttpRequest) -> HttpResponse:
    """Recompute, apply, undo or lock: a run in the background, except locking."""
    actor, rollover = actor_of(request), year_of(request)
    node, action = request.POST.get("node", "")[:20], request.POST.get("action", "")
    if action not in (*RunKind.values, "lock"):
        raise Invalid(_("没有这个操作。"))
    back = reverse("yearly:rollover") + "?" + urlencode({"year": rollover.to_year, **({"node": node} if node else {})})
    if (
        action in (RunKind.APPLY, RunKind.UNDO, "lock")
        and request.POST.get("confirm", "").strip() != rollover.to_year[:4]
    ):
        messages.error(request, _("没有输入 %(word)s，什么也没有做。") % {"word": rollover.to_year[:4]})
        return redirect(back)
    with refusals_told(request):
        if action == "lock":
            lock_rollover(actor=actor, to_year=rollover.to_year)
            messages.success(request, _("已锁定，之后只能逐人更正。"))
        else:
            right = rights.ROLLOVER_DECIDE if action == RunKind.PREVIEW else rights.ROLLOVER_APPLY
            place = place_of(actor, node, right)
            options = {"include_missing": "include_missing" in request.POST, "seen": _ids(request)}
            start_run(actor=actor, kind=action, to_year=rollover.to_year, path=str(place.path), options=options)
    after = request.POST.get("school", "")[:20]
    return redirect(_school_address(after, rollover) if after else back)


def _ids(request: HttpRequest) -> list[str]:
    try:
        return [str(UUID(text)) for text in request.POST.getlist("seen")[:5000]]
    except ValueError as error:
        raise Invalid(_("名单里有认不出的人。")) from error


def _school_address(code: str, rollover: Rollover) -> str:
    return reverse("yearly:rollover_school", args=[code]) + "?" + urlencode({"year": rollover.to_year})


@require_GET
@needs(rights.ROLLOVER_VIEW)
def school(request: HttpRequest, code: str) -> HttpResponse:
    """One school class by class, its pupils outside the rule, its own rules; when applied, who was changed since."""
    return render(request, "yearly/rollover_school.html", _school_context(request, code))


def _school_context(request: HttpRequest, code: str, **more: Any) -> dict[str, Any]:
    actor, rollover = actor_of(request), year_of(request)
    plan = reading.get_plan(actor=actor, rollover=rollover, code=code)
    classes = reading.list_classes(plan)
    advance = registry.find_advance(plan.school_id, rollover.to_year) if plan.state == PlanState.APPLIED else None
    path = str(plan.path)
    open_now = not is_locked(rollover)
    return {
        "rollover": rollover, "row": showing.plan_row(plan), "plan": plan, "classes": classes,
        "to_year": showing.span(rollover.to_year), "from_year": showing.span(rollover.from_year),
        "changed": registry.list_changed(advance) if advance else (), "kinds": _changed_kinds(),
        "pupils": _pupils(plan), "may_decide": policies.may_decide(actor, path) and open_now and plan.state != PlanState.APPLIED,
        "may_apply": policies.may_apply(actor, path) and open_now, "grade_label": registry.grade_label,
        "is_point": plan.school.kind == "teaching_point",
        "has_stage": any("stage" in one.moves for one in classes),
        "tops": [("", _("按现有最高年级")), *((g, registry.grade_label(g)) for g in sorted(registry.COMPULSORY)[:6])],
        "grades": [(g, registry.grade_label(g)) for g in registry.GRADES],
        "targets": [("", _("暂不编班")), *((str(c.class_group_id), c.target_name) for c in classes if c.target_name)],
        "errors": {}, "posted": {}, "run": showing.run_shown(reading.latest_run(rollover, path)), **more,
    }  # fmt: skip


def _changed_kinds() -> dict[str, str]:
    return {
        "enrolled": _("已在别处就读"),
        "left": _("已离开或改了年级"),
        "class_moved": _("已调班"),
        "edited": _("就读信息改过"),
    }


def _pupils(plan: Any) -> list[Any]:
    rows = plan.pupils.filter(person__deceased_on=None).select_related("person", "class_group", "class_after")
    return list(rows.order_by("kind", "id")[:200])


@require_POST
@needs(rights.ROLLOVER_DECIDE)
def decide(request: HttpRequest, code: str) -> HttpResponse:
    actor, rollover = actor_of(request), year_of(request)
    plan = reading.get_plan(actor=actor, rollover=rollover, code=code)
    posted = {name: request.POST.get(name, "")[:200] for name in ("number", "grade", "class_id", "reason")}
    try:
        person = _named(posted["number"].strip(), plan.school)
        if "withdraw" in request.POST:
            deciding.withdraw_decision(actor=actor, plan_id=plan.id, person_id=person.id)
            messages.success(request, _("已撤回决定，按规则办理。"))
        else:
            deciding.decide_pupil(
                actor=actor, plan_id=plan.id, person_id=person.id, grade=posted["grade"],
                class_id=_class_id(posted["class_id"]), reason=posted["reason"],
            )  # fmt: skip
            messages.success(request, _("已登记，预览已重算。"))
    except Forbidden:
        raise
    except DomainError as refusal:
        errors = {k: str(v) for k, v in refusal.details.items() if isinstance(v, str) or not isinstance(v, int)}
        more = {"errors": errors or {"number": refusal.message}, "posted": posted}
        return render(
            request, "yearly/rollover_school.html", _school_context(request, code, **more), status=refusal.status
        )
    return redirect(_school_address(code, rollover))


def _named(text: str, school: Any) -> Any:
    """Whom a person number, or a name that only one pupil of the school bears, means."""
    found = register.people().filter(number=text).first()
    if found is not None:
        return found
    bearers = register.people().filter(name=text, enrolments__school=school, enrolments__valid_to=None).distinct()[:2]
    if len(bearers) == 1:
        return bearers[0]
    told = _("本校有不止一名学生叫这个名字，请填人员编号。") if bearers else _("本校没有这个编号或姓名的学生。")
    raise Invalid(told, details={"number": told})


def _class_id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(_("请选择班级。"), details={"class_id": _("请选择班级。")}) from error


@require_POST
@needs(rights.ROLLOVER_DECIDE)
def rules(request: HttpRequest, code: str) -> HttpResponse:
    actor, rollover = actor_of(request), year_of(request)
    plan = reading.get_plan(actor=actor, rollover=rollover, code=code)
    with refusals_told(request):
        deciding.set_rules(
            actor=actor, plan_id=plan.id, top=request.POST.get("top", ""), regroup="regroup" in request.POST
        )
        messages.success(request, _("已保存，预览已重算。"))
    return redirect(_school_address(code, rollover))


@require_GET
@needs(rights.ROLLOVER_VIEW)
def pupils(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in NoteKind.values:
        raise NotFound()
    actor, rollover = actor_of(request), year_of(request)
    node = request.GET.get("node", "")[:20]
    place = place_of(actor, node)
    page = reading.list_pupils(
        actor=actor, rollover=rollover, path=str(place.path), kind=kind, cursor=request.GET.get("cursor", "")
    )
    context = {"rollover": rollover, "place": place, "page": page, "kind": kind, "title": NoteKind(kind).label,
               "query": {"year": rollover.to_year, "node": node}, "grade_label": registry.grade_label,
               "to_year": showing.span(rollover.to_year)}  # fmt: skip
    return render_page(request, "yearly/rollover_pupils.html", context)


@require_GET
@needs(rights.ROLLOVER_VIEW)
def export(request: HttpRequest) -> Any:
    actor, rollover = actor_of(request), year_of(request)
    place = place_of(actor, request.GET.get("node", "")[:20])
    target = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  the answer closes it
    exporting.export_moves(actor=actor, rollover=rollover, path=str(place.path), target=Path(target.name))
    name = _("学年升级变动名单 %(year)s %(place)s.xlsx") % {"year": rollover.to_year, "place": place.name}
    response = FileResponse(target, as_attachment=True, filename=name, content_type=SHEET_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    return response
