"""The confirmation sheet: on the page beside what the principal ticks, as PDF, and its public check."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lingqu.kernel import clock, files, limits
from lingqu.kernel.access import actor_of, needs, public
from lingqu.kernel.actor import Actor
from lingqu.kernel.answers import refusals_told
from lingqu.kernel.errors import Invalid, NotFound
from lingqu.kernel.language import labelled
from lingqu.kernel.printing import qr_svg
from lingqu.ui.figures import moment

from .. import policies
from ..documents.pdf import Printed, address_of, as_pdf
from ..models import Round, Sheet
from ..selectors import boards, checks, sheets
from ..services import checking
from ..services import sheets as services
from ..types import rights
from ..types.words import SheetState
from ..wording import term_title
from .downloads import as_download
from .rounds import TONES

PDF = "application/pdf"


def _facts(school: Any, county: str) -> list[tuple[str, str]]:
    return [
        (_("学校名称"), school.name), (_("学校代码"), school.code or "—"),
        (_("隶属"), school.parent.name if school.parent else "—"), (_("属地"), county or "—"),
    ]  # fmt: skip


def _sub(round_: Round, found: sheets.Figures, when: Any) -> str:
    return _("%(term)s · 就读口径 · 截至 %(when)s") % {
        "term": term_title(round_.year, round_.term),
        "when": found.taken_on.isoformat() if round_.snapshot_id or when is None else moment(when),
    }  # fmt: skip


def _steps(sheet: Sheet | None, progress: checks.Progress) -> list[dict[str, str]]:
    """What has happened and what comes next, for the column beside the sheet."""
    checked = progress.equal == progress.classes and bool(progress.classes)
    state = sheet.state if sheet else ""
    done = {
        "submit": bool(sheet) and state != SheetState.RETURNED, "classes": checked or bool(sheet and sheet.confirmed_at),
        "confirm": state in (SheetState.CONFIRMED, SheetState.RECEIVED),
        "scan": bool(sheet and sheet.scan), "receive": state == SheetState.RECEIVED,
    }  # fmt: skip
    notes = {
        "submit": f"{moment(sheet.submitted_at)} · {sheet.submitted_by}" if sheet else _("数字在提交时固定"),
        "classes": _("%(n)d 个班，已核对 %(m)d 个") % {"n": progress.classes, "m": progress.equal},
        "confirm": f"{moment(sheet.confirmed_at)} · {sheet.confirmed_by}" if sheet and sheet.confirmed_at else _("网上确认与纸质盖章件都要有"),
        "scan": f"{moment(sheet.scan_at)} · {sheet.scan_by}" if sheet and sheet.scan_at else _("打印、签字、盖章后上传"),
        "receive": f"{moment(sheet.received_at)} · {sheet.received_by}" if sheet and sheet.received_at else _("收到盖章扫描件后关闭"),
    }  # fmt: skip
    labels = {
        "submit": _("经办提交"),
        "classes": _("逐班核对"),
        "confirm": _("校长确认"),
        "scan": _("盖章件"),
        "receive": _("教育局接收"),
    }
    made, has_current = [], False
    for code, label in labels.items():
        step = "done" if done[code] else "next" if has_current else "current"
        has_current = has_current or step == "current"
        made.append({"label": label, "note": notes[code], "state": step})
    return made


def _context(request: HttpRequest, round_: Round, school: Any, chosen: str = "") -> dict[str, Any]:
    actor = actor_of(request)
    versions = sheets.list_versions(actor=actor, round_=round_, school=school)
    shown = next((one for one in versions if one.number == chosen), versions[0] if versions else None)
    if shown is not None:
        found = sheets.figures_of(shown.snapshot, str(shown.path))
    else:
        found = services.draft_sheet(actor=actor, round_id=round_.id, school_code=school.code)
    path = str(school.path)
    blocks = sheets.blocks_of(shown, found) if shown else []
    lines = checks.list_checks(round_, school, found)
    progress = checks.progress_of(lines)
    newest = shown is not None and shown == versions[0]
    state = shown.state if shown is not None and newest else ""
    return {
        "round": round_, "term": term_title(round_.year, round_.term), "school": school, "sheet": shown, "versions": versions,
        "newest": newest, "figures": found, "parts": sheets.parts_of(found, shown.note if shown else ""), "blocks": blocks,
        "facts": _facts(school, sheets.territory_of(school)), "sub": _sub(round_, found, shown.submitted_at if shown else None),
        "steps": _steps(shown, progress), "lines": lines, "progress": progress,
        "checked": checks.of_sheet(shown) if shown else (0, ""), "state": boards.state_label(shown.state if shown else "missing"),
        "tone": TONES[shown.state if shown else "missing"],
        "may_submit": actor.holds(rights.SHEET_SUBMIT, path) and round_.closed_at is None
        and (shown is None or state not in ("", SheetState.SUBMITTED)),
        "may_confirm": actor.holds(rights.SHEET_CONFIRM, path) and state == SheetState.SUBMITTED,
        "may_check": any(actor.holds(code, path) for code in (rights.SHEET_SUBMIT, rights.SHEET_CONFIRM))
        and round_.closed_at is None and (shown is None or state in (SheetState.SUBMITTED, SheetState.RETURNED)),
        "may_scan": any(actor.holds(code, path) for code in (rights.SHEET_SUBMIT, rights.SHEET_CONFIRM))
        and state == SheetState.CONFIRMED,
        "may_receive": actor.holds(rights.ROUND_MANAGE, path) and state == SheetState.CONFIRMED,
        "qr": qr_svg(address_of(shown.number, shown.check_code)) if shown else "", "printed": moment(clock.now()),
        "may_see_board": actor.holds(rights.ROUND_MANAGE, str(round_.path)),
        "rows_url": reverse("statistics:rows", args=[found.snapshot_id]) if shown else "",
    }  # fmt: skip


@require_GET
@needs(rights.SHEET_VIEW)
def sheet(request: HttpRequest, round_id: UUID, code: str) -> HttpResponse:
    round_ = sheets.get_round(actor=actor_of(request), round_id=round_id)
    school = sheets.school_in(round_, code)
    policies.require_sheet_view(actor_of(request), str(school.path))
    return render(request, "statistics/sheet.html", _context(request, round_, school, request.GET.get("number", "")))


@require_POST
@needs(rights.SHEET_SUBMIT)
def submit(request: HttpRequest, round_id: UUID, code: str) -> HttpResponse:
    with refusals_told(request):
        made = services.submit_sheet(
            actor=actor_of(request), round_id=round_id, school_code=code, note=request.POST.get("note", "")
        )
        messages.success(request, _("已提交，编号 %(number)s，等校长确认。") % {"number": made.number})
    return redirect("statistics:sheet", round_id, code)


@require_POST
@needs(rights.SHEET_SUBMIT, rights.SHEET_CONFIRM)
def check(request: HttpRequest, round_id: UUID, code: str) -> HttpResponse:
    """Ticks of classes: a typed number is what the roster says, a tick alone says it is the same as on the page."""
    with refusals_told(request):
        lines = checking.check_classes(
            actor=actor_of(request), round_id=round_id, school_code=code, listed=_listed(request)
        )
        progress = checks.progress_of(lines)
        told = {"n": progress.classes, "m": progress.equal, "d": progress.differ}
        if progress.differ:
            messages.warning(request, _("已核对 %(m)d／%(n)d 个班，%(d)d 个班与花名册不一致，请先改正名单。") % told)
        else:
            messages.success(request, _("已核对 %(m)d／%(n)d 个班。") % told)
    return redirect(reverse("statistics:sheet", args=[round_id, code]) + "#classes")


def _listed(request: HttpRequest) -> dict[UUID, int | None]:
    """Class → number on its roster, or None where nothing is ticked nor typed. Raises :class:`Invalid` for no numbers."""
    ticked = set(request.POST.getlist("tick"))
    made: dict[UUID, int | None] = {}
    for text, size in zip(request.POST.getlist("class"), request.POST.getlist("size"), strict=False):
        typed = request.POST.get(f"listed.{text}", "").strip()
        try:
            class_id, shown = UUID(text), int(size)
            number = int(typed) if typed else shown if text in ticked else None
        except ValueError as error:
            raise Invalid(_("花名册人数应为整数。"), code="bad_number") from error
        made[class_id] = number
    return made


@require_POST
@needs(rights.SHEET_SUBMIT, rights.SHEET_CONFIRM, rights.ROUND_MANAGE)
def act(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    actor, action = actor_of(request), request.POST.get("action", "")
    found = sheets.get_sheet(actor=actor, sheet_id=sheet_id)
    with refusals_told(request):
        messages.success(request, _done(actor, found, action, request))
    return redirect("statistics:sheet", found.round_id, found.school.code)


def _done(actor: Actor, found: Sheet, action: str, request: HttpRequest) -> str:
    if action == "confirm":
        services.confirm_sheet(actor=actor, sheet_id=found.id, ticks=request.POST.getlist("tick"))
        return _("已确认，数据已冻结。请打印盖章后上传扫描件。")
    if action == "return":
        services.return_sheet(actor=actor, sheet_id=found.id, reason=request.POST.get("reason", ""))
        return _("已退回经办。")
    if action == "scan":
        sent = request.FILES.get("scan")
        services.attach_scan(
            actor=actor, sheet_id=found.id, name=sent.name or "" if sent else "",
            content=sent.read(services.MOST_SCAN + 1) if sent else b"", written_code=request.POST.get("code", ""),
        )  # fmt: skip
        return _("盖章件已上传。")
    if action == "receive":
        services.receive_sheet(actor=actor, sheet_id=found.id)
        return _("已接收。")
    raise NotFound(_("没有这个操作。"))


@require_GET
@needs(rights.SHEET_VIEW)
def pdf(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    found = sheets.get_sheet(actor=actor, sheet_id=sheet_id)
    figures = sheets.figures_of(found.snapshot, str(found.path))
    parts = [asdict(part) for part in sheets.parts_of(figures, found.note)]
    content = as_pdf(
        Printed(
            number=found.number, check_code=found.check_code, title=_("学校基础数据确认单"),
            sub=_sub(found.round, figures, found.submitted_at), platform=found.round.organisation.name,
            facts=_facts(found.school, sheets.territory_of(found.school)), parts=parts, clerk=found.submitted_by,
            state=_state_line(found), digest=found.digest[:16],
            printed=labelled(_("打印"), f"{actor.name} {moment(clock.now())}"),
        )
    )  # fmt: skip
    return as_download(content, f"{found.number}.pdf", PDF)


def _state_line(found: Sheet) -> str:
    if found.confirmed_at is None:
        return _("未经校长网上确认，不得盖章上报。")
    told = {"name": found.confirmed_by, "when": moment(found.confirmed_at), "n": len(found.class_checks)}
    if not found.class_checks:
        return _("校长 %(name)s 已于 %(when)s 网上确认。") % told
    return _("%(n)d 个班已逐班与花名册核对，校长 %(name)s 已于 %(when)s 网上确认。") % told


@require_GET
@needs(rights.SHEET_VIEW)
def scan(request: HttpRequest, sheet_id: UUID) -> HttpResponse:
    found = sheets.get_sheet(actor=actor_of(request), sheet_id=sheet_id)
    if not found.scan:
        raise NotFound(_("还没有盖章件。"))
    content = b"".join(files.stream(found.scan))
    return as_download(content, found.scan_name, "application/octet-stream")


@require_GET
@public
def verify(request: HttpRequest) -> HttpResponse:
    """Whether number and code are genuine, and the digest of the totals; nothing about the school or its people."""
    number, code = request.GET.get("number", "")[:40], request.GET.get("code", "")[:12]
    genuine = None
    if number or code:
        limits.hit(f"statistics.verify:{request.META.get('REMOTE_ADDR', '')}", 30, 60)
        genuine = sheets.find_genuine(number, code)
    context = {"number": number, "code": code, "asked": bool(number or code), "genuine": genuine}
    return render(request, "statistics/verify.html", context)
