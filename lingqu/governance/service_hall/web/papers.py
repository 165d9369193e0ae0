"""Papers: asked for by families, given at the counter, decided, printed, verified."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lingqu.foundation.registry import api as registry
from lingqu.kernel import files, limits
from lingqu.kernel.access import actor_of, needs, public, signed_in
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Forbidden, Invalid, NotFound

from .. import policies
from ..documents.papers import paper_pdf
from ..models import Paper
from ..selectors import checks, standing
from ..selectors import papers as reading
from ..selectors.guides import guide_at
from ..services import papers as services
from ..types import rights
from ..types.words import PaperKind

PURPOSES = ("办理社会保险", "申请居住积分", "报名考试或比赛", "办理签证", "其他")


def _kind(kind: str) -> str:
    if kind not in PaperKind.values:
        raise NotFound()
    return kind


@require_http_methods(["GET", "POST"])
@signed_in
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """Choose the child and what for; the paper or the request is the answer."""
    actor, wanted = actor_of(request), _kind(kind)
    wards = policies.wards(actor)
    if not wards:
        raise Forbidden(_("这里由学生本人和法定监护人办理；学校窗口请从学生页面开证明。"))
    answers = checks.answers_for(actor, wanted)
    if request.method == "POST":
        chosen = registry.find_person(request.POST.get("child", ""))
        if chosen is None or chosen.id not in wards:
            raise Forbidden()
        with refusals_told(request):
            made = services.ask_paper(
                actor=actor, person_id=chosen.id, kind=wanted, purpose=request.POST.get("purpose", "")
            )
            is_paper = isinstance(made, Paper)
            messages.success(request, _("已出具。") if is_paper else _("已转学校核对，办好会通知您。"))
            return redirect(f"service_hall:{'paper' if is_paper else 'request'}", made.id)
    guide, _contact = guide_at(wanted, checks.place_of(actor))
    context = {"guide": guide, "answers": answers, "purposes": PURPOSES, "kind": wanted}
    return render(request, "service_hall/ask.html", context)


@require_GET
@signed_in
def paper(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    found = reading.get_paper(actor, paper_id)
    context = {
        "paper": found, "may_revoke": policies.may_issue(actor, str(found.path)) and found.revoked_at is None,
        "is_over": found.valid_until < today(), "is_family": actor.role in ("guardian", "student"),
    }  # fmt: skip
    return render(request, "service_hall/paper.html", context)


@require_GET
@signed_in
def pdf(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    found = reading.get_paper(actor_of(request), paper_id)
    root = registry.root_organisation()
    return files.hand_over(paper_pdf(found, root.name if root else ""), f"{found.number}.pdf", "application/pdf")


@require_POST
@needs(rights.PAPER_ISSUE)
def revoke(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    reading.get_paper(actor, paper_id)
    with refusals_told(request):
        services.revoke_paper(actor=actor, paper_id=paper_id, reason=request.POST.get("reason", ""))
        messages.success(request, _("已作废，从现在起核验时显示已作废。"))
    return redirect("service_hall:paper", paper_id)


@require_GET
@needs(rights.PAPER_ISSUE)
def desk(request: HttpRequest) -> HttpResponse:
    """What families wait for, and what was issued."""
    actor = actor_of(request)
    shown = request.GET.get("show", "open")
    read = reading.list_issued if shown == "issued" else reading.list_open_requests
    context = {
        "page": read(actor, cursor=request.GET.get("cursor", "")), "shown": shown, "now": today(),
        "waiting": reading.count_open_requests(actor),
    }  # fmt: skip
    return render(request, "service_hall/desk.html", context)


@require_http_methods(["GET", "POST"])
@needs(rights.PAPER_ISSUE)
def counter(request: HttpRequest, number: str) -> HttpResponse:
    """A clerk gives a paper for a pupil who stands at the window."""
    actor, person = actor_of(request), registry.find_person(number)
    if person is None:
        raise Forbidden()
    found = standing.standing_of(person.id)
    places = [str(row.path) for row in (found.sits, found.entry) if row is not None]
    if not any(policies.may_issue(actor, path) for path in places):
        raise Forbidden()
    if request.method == "POST":
        with refusals_told(request):
            made = services.issue_at_counter(
                actor=actor,
                person_id=person.id,
                kind=request.POST.get("kind", ""),
                purpose=request.POST.get("purpose", ""),
            )
            messages.success(request, _("已出具。"))
            return redirect("service_hall:paper", made.id)
    context: dict[str, Any] = {
        "found": found, "kinds": [(kind, label, standing.doubts_of(found, kind)) for kind, label in PaperKind.choices],
        "purposes": PURPOSES, "grade": registry.grade_label(found.grade),
    }  # fmt: skip
    return render(request, "service_hall/counter.html", context)


@require_GET
@signed_in
def asked(request: HttpRequest, request_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    found = reading.get_request(actor, request_id)
    is_open = found.state == "open"
    context = {
        "asked": found, "may_decide": is_open and policies.may_issue(actor, str(found.path)),
        "may_withdraw": is_open and actor.role in ("guardian", "student"), "now": now(),
    }  # fmt: skip
    return render(request, "service_hall/request.html", context)


@require_POST
@needs(rights.PAPER_ISSUE)
def decide(request: HttpRequest, request_id: UUID) -> HttpResponse:
    actor, answer = actor_of(request), request.POST.get("answer", "")
    found = reading.get_request(actor, request_id)
    policies.require_issue(actor, str(found.path))
    with refusals_told(request):
        if request.POST.get("decision") == "grant":
            made = services.grant_request(actor=actor, request_id=request_id, answer=answer)
            messages.success(request, _("已出具。"))
            return redirect("service_hall:paper", made.id)
        if request.POST.get("decision") != "refuse":
            raise Invalid(_("请选择办理结果。"))
        services.refuse_request(actor=actor, request_id=request_id, answer=answer)
        messages.success(request, _("已答复家长。"))
        return redirect("service_hall:desk")
    return redirect("service_hall:request", request_id)


@require_POST
@signed_in
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    reading.get_request(actor, request_id)
    with refusals_told(request):
        services.withdraw_request(actor=actor, request_id=request_id)
        messages.success(request, _("已撤回。"))
    return redirect("service_hall:mine")


@require_GET
@public
def verify(request: HttpRequest) -> HttpResponse:
    """Whether number and code are genuine, with enough to compare with the paper in the hand."""
    number, code = request.GET.get("number", "")[:40], request.GET.get("code", "")[:12]
    verdict = None
    if number or code:
        limits.hit(f"service_hall.verify:{request.META.get('REMOTE_ADDR', '')}", 30, 60)
        verdict = reading.find_genuine(number, code)
    context = {"number": number, "code": code, "asked": bool(number or code), "verdict": verdict}
    return render(request, "service_hall/verify.html", context)
