"""The work list, and one step: what to decide, the case beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import actor_of, signed_in
from lingqu.kernel.actor import Actor
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import DomainError, Forbidden, NotFound
from lingqu.kernel.seals import SealRefused

from ..forms.answers import Answers, clean
from ..selectors import cases, forms, tasks, worklist
from ..services import acting, passing, sealing
from ..types.views import TaskView
from ..types.words import Light, TaskKind
from .filling import drawn_fields, posted_of, uploads_of
from .papers import pdf_for_seal
from .showing import case_context

KEPT = ("light", "key", "q")


@require_GET
@signed_in
def worklist_page(request: HttpRequest) -> HttpResponse:
    """What waits for me, in the order in which it falls due."""
    actor = actor_of(request)
    asked = {name: request.GET.get(name, "").strip()[:60] for name in KEPT}
    wanted = worklist.Wanted(
        light=asked["light"] if asked["light"] in Light.values else "", key=asked["key"], number=asked["q"]
    )  # fmt: skip
    context = {
        "page": worklist.list_tasks(actor, wanted, request.GET.get("cursor", "")), "counts": worklist.count_tasks(actor),
        "keys": worklist.keys_of_tasks(actor), "asked": asked, "lights": worklist.LIGHTS, "words": dict(Light.choices),
        "links": {light: _address(asked, light=light) for light in ("", *worklist.LIGHTS)},
        "query": {name: value for name, value in asked.items() if value},
    }  # fmt: skip
    return render(request, "workflow/tasks.html", context)


def _address(asked: dict[str, str], **changed: str) -> str:
    kept = {name: value for name, value in {**asked, **changed}.items() if value}
    return "?" + urlencode(kept)


@require_GET
@signed_in
def done(request: HttpRequest) -> HttpResponse:
    page = tasks.list_done(actor_of(request), cursor=request.GET.get("cursor", ""))
    return render(request, "workflow/done.html", {"page": page})


@require_http_methods(["GET", "POST"])
@signed_in
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One step with its case. A post decides it."""
    actor = actor_of(request)
    try:
        found = cases.get_task(actor, task_id)
    except Forbidden as refused:
        return _where_it_went(request, task_id, refused.message)
    form = forms.form_of(found.case.version_id, found.form)
    answers = Answers(values=dict(found.case.fields))
    errors: dict[str, str] = {}
    if request.method == "POST":
        answers = clean(form, posted_of(request), kept=found.case.fields, writes=found.writes)
        errors = dict(answers.errors)
        uploads, wrong = uploads_of(request, form, answers) if found.writes else ([], {})
        uploads += [("", one) for one in request.FILES.getlist("scan")]
        errors |= {key: text for key, text in wrong.items() if key in found.writes}
        decision = request.POST.get("decision", "")
        if decision in _LENIENT:
            errors = {}
        if not errors:
            fields = {key: answers.values[key] for key in form.keys & found.writes}
            errors = _decide(request, found, decision, fields, uploads)
            if not errors:
                return redirect("workflow:tasks")
    labels = {one.key: one.label for one in form.asked()}
    context = {
        **case_context(actor, found.case), "task": found, "comment": request.POST.get("comment", ""),
        "asked_fields": drawn_fields(form, answers.values, errors=errors, writes=found.writes, reads=found.writes),
        "seal": _seal(actor, found),
        "errors": [(f"f-{key}" if key else "", labels.get(key, ""), text) for key, text in errors.items()],
        "receivers": registry.colleagues_of(actor.organisation_id) if actor.organisation_id else (),
        "is_correction": found.line.kind == TaskKind.CORRECTION, "is_opinion": found.line.kind == TaskKind.COUNTERSIGN,
    }  # fmt: skip
    return render(request, "workflow/case.html", context, status=422 if request.method == "POST" else 200)


def _seal(actor: Actor, found: TaskView) -> sealing.AtHand | None:
    """The electronic seal to offer; without an answer of its keeper the paper way is there."""
    try:
        return sealing.seal_at_hand(actor, found.line.id) if found.needs_scan else None
    except SealRefused:
        return None


_LENIENT = frozenset({"refuse"})
"""Decisions for which the fields of the step need not be filled in."""


def _decide(
    request: HttpRequest, task: TaskView, decision: str, fields: dict[str, Any], uploads: list[tuple[str, Any]]
) -> dict[str, str]:
    revision = request.POST.get("revision", "")
    given: dict[str, Any] = {
        "actor": actor_of(request), "task_id": task.line.id, "decision": decision, "comment": request.POST.get("comment", ""),
        "fields": {key: value for key, value in fields.items() if value is not None},
    }  # fmt: skip
    try:
        if "seal" in request.GET:
            at_hand = sealing.seal_at_hand(actor_of(request), task.line.id)
            pdf = pdf_for_seal(request, task.case, task.node, at_hand.organisation if at_hand else "")
            sealing.complete_with_seal(**given, pdf=pdf, revision=task.case.revision)
        else:
            asked = int(revision) if revision.isdecimal() and len(revision) < 9 else None
            acting.complete(**given, uploads=uploads, revision=asked)
    except (Forbidden, NotFound):
        raise
    except DomainError as refused:
        return {str(key): str(text) for key, text in refused.details.items()} or {"": refused.message}
    messages.success(request, _("已办理，转到下一步。"))
    return {}


def _where_it_went(request: HttpRequest, task_id: UUID, why: str = "") -> HttpResponse:
    """A step that is done or somebody else's: its case, for whoever may see that; else no."""
    case_id = worklist.case_of_task(task_id)
    if case_id is None:
        raise Forbidden()
    cases.get_case(actor_of(request), case_id)
    messages.info(request, why or _("这一步已经办过，或不由你办。"))
    return redirect("workflow:case", case_id)


@require_POST
@signed_in
def claim(request: HttpRequest, task_id: UUID) -> HttpResponse:
    with refusals_told(request):
        acting.claim(actor=actor_of(request), task_id=task_id)
        messages.success(request, _("已认领，其他人不会再办这一步。"))
    return redirect("workflow:task", task_id)


@require_POST
@signed_in
def send_back(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """退回 to an earlier step, or to the applicant."""
    with refusals_told(request):
        acting.return_back(
            actor=actor_of(request),
            task_id=task_id,
            target=request.POST.get("target", ""),
            comment=request.POST.get("comment", ""),
        )
        messages.success(request, _("已退回。"))
        return redirect("workflow:tasks")
    return redirect("workflow:task", task_id)


@require_POST
@signed_in
def pass_on(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """转办, 委托 or 会办."""
    actor, to, text = actor_of(request), request.POST.get("to", ""), request.POST.get("comment", "")
    act = request.POST.get("act", "")
    with refusals_told(request):
        if act == "countersign":
            passing.countersign(actor=actor, task_id=task_id, to=[to], comment=text)
        elif act == "delegate":
            passing.delegate(actor=actor, task_id=task_id, to=to, comment=text)
        else:
            passing.hand_on(actor=actor, task_id=task_id, to=to, comment=text)
            messages.success(request, _("已转办。"))
            return redirect("workflow:tasks")
        messages.success(request, _("已发出。"))
    return redirect("workflow:task", task_id)


@require_POST
@signed_in
def take_back(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """撤回 what I did, while nobody has gone on."""
    case_id = worklist.case_of_task(task_id)
    if case_id is None:
        raise Forbidden()
    with refusals_told(request):
        acting.take_back(actor=actor_of(request), task_id=task_id)
        messages.success(request, _("已撤回，这一步重新由你办。"))
    return redirect("workflow:case", case_id)
