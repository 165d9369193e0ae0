"""What is done on the page of 人籍核对: answer, add and open evidence, compare anew, hand in the third list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel import files
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import DomainError, Forbidden, Invalid, NotFound

from ..selectors.boards import find_runs
from ..services import answering, bulk, listing, reminding
from ..services import evidence as keeping
from ..services.running import start_run
from ..types import rights
from . import showing
from .boards import KEPT, board_context, place_of, query_of, wanted_of


def _back(request: HttpRequest, case_id: int | None = None) -> str:
    """The board as it stood, with the case open."""
    query = {name: request.POST.get(name, "")[:400] for name in KEPT}
    return showing.address(query, case=str(case_id or "")) + ("#case" if case_id else "")


def _again(request: HttpRequest, case_id: int, refusal: DomainError) -> HttpResponse:
    """The page again with what was entered and why it was not taken."""
    kept = request.GET.copy()
    for name in KEPT:
        kept[name] = request.POST.get(name, "")
    kept["case"] = str(case_id)
    request.GET = kept  # type: ignore[assignment]
    errors = {key: str(value) for key, value in refusal.details.items() if isinstance(value, str)}
    posted = {name: request.POST.get(name, "")[:600] for name in ("handling", "note")}
    context = board_context(request, errors=errors or {"note": refusal.message}, posted=posted)
    return render(request, "reconciliation/board.html", context, status=refusal.status)


@require_POST
@needs(rights.WORK)
def answer(request: HttpRequest, case_id: int) -> HttpResponse:
    done = request.POST.get("action") == "done"
    try:
        answering.answer_case(
            actor=actor_of(request), case_id=case_id, handling=request.POST.get("handling", ""),
            note=request.POST.get("note", ""), done=done, beyond_province="beyond_province" in request.POST,
        )  # fmt: skip
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        return _again(request, case_id, refusal)
    messages.success(request, _("已报办结，等下一份国家文件核销。") if done else _("已保存，仍是待办。"))
    return redirect(_back(request, case_id))


@require_POST
@needs(rights.WORK)
def add_evidence(request: HttpRequest, case_id: int) -> HttpResponse:
    uploaded: Any = request.FILES.get("evidence")
    try:
        if uploaded is None:
            raise Invalid(_("请选择材料。"))
        keeping.add_evidence(actor=actor_of(request), case_id=case_id, uploaded=uploaded)
    except (Forbidden, NotFound):
        raise
    except DomainError as refusal:
        return _again(request, case_id, type(refusal)(refusal.message, details={"evidence": refusal.message}))
    messages.success(request, _("材料已保存。"))
    return redirect(_back(request, case_id))


def _choice(request: HttpRequest) -> bulk.Choice:
    """Ticked rows, or everything that the page was filtered to."""
    query = query_of(request.POST)
    place = place_of(actor_of(request), query["node"])
    ids = tuple(
        int(text) for text in request.POST.getlist("chosen") if text.isascii() and text.isdigit() and len(text) < 16
    )
    whole = "whole" in request.POST
    return bulk.Choice(path=str(place.path), ids=ids, whole=whole, wanted=wanted_of(query))


@require_POST
@needs(rights.WORK)
def answer_many(request: HttpRequest) -> HttpResponse:
    """One form for ticked rows: an answer, or, with ``to``, giving them to somebody else."""
    actor, choice = actor_of(request), _choice(request)
    done = request.POST.get("action") == "done"
    with refusals_told(request):
        count = bulk.answer_cases(
            actor=actor, choice=choice, handling=request.POST.get("handling", ""), note=request.POST.get("note", ""),
            done=done, uploaded=request.FILES.get("evidence"),
        )  # fmt: skip
        told = _("%(n)d 条已报办结，等下一份国家文件核销。") if done else _("%(n)d 条已保存，仍是待办。")
        messages.success(request, told % {"n": count})
    return redirect(_back(request))


@require_POST
@needs(rights.RUN)
def assign(request: HttpRequest) -> HttpResponse:
    actor, choice = actor_of(request), _choice(request)
    with refusals_told(request):
        count = bulk.assign_cases(actor=actor, choice=choice, to=request.POST.get("to", ""))
        messages.success(request, _("%(n)d 条已转交，重新计 10 个工作日。") % {"n": count})
    case_id = choice.ids[0] if len(choice.ids) == 1 and "from_case" in request.POST else None
    return redirect(_back(request, case_id))


@require_POST
@needs(rights.RUN)
def remind(request: HttpRequest) -> HttpResponse:
    """Everybody who is late, or the owner of one case."""
    place = place_of(actor_of(request), request.POST.get("node", "")[:20])
    text = request.POST.get("owner", "")
    try:
        owner_id = UUID(text) if text else None
    except ValueError as error:
        raise NotFound() from error
    with refusals_told(request):
        count = reminding.order_reminders(actor=actor_of(request), path=str(place.path), owner_id=owner_id)
        messages.success(request, _("正在催办 %(n)d 个单位，短信或邮件随后发出。") % {"n": count})
    return redirect(_back(request))


@require_GET
@needs(rights.VIEW)
def evidence(request: HttpRequest, evidence_id: UUID) -> Any:
    found = keeping.read_evidence(actor=actor_of(request), evidence_id=evidence_id)
    response = files.as_download(found.digest, found.name, found.media_type)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@needs(rights.RUN)
def run(request: HttpRequest) -> HttpResponse:
    place = place_of(actor_of(request), request.POST.get("node", "")[:20])
    runs = find_runs(str(place.path))
    if runs.newest is None:
        raise NotFound()
    with refusals_told(request):
        start_run(actor=actor_of(request), import_id=runs.newest.file.import_id)
        messages.success(request, _("正在按现在的就读重新核对。"))
    return redirect(_back(request))


@require_POST
@needs(rights.RUN)
def upload_list(request: HttpRequest) -> HttpResponse:
    place = place_of(actor_of(request), request.POST.get("node", "")[:20])
    uploaded: Any = request.FILES.get("children")
    with refusals_told(request):
        if uploaded is None:
            raise Invalid(_("请选择名单。"))
        count = listing.load_list(actor=actor_of(request), path=str(place.path), uploaded=uploaded)
        messages.success(request, _("名单有 %(n)d 名儿童，下一次核对时一并比对。") % {"n": count})
    return redirect(_back(request))
