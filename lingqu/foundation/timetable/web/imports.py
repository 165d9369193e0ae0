"""A grid file handed in, and the report of what was read of it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import today
from lingqu.kernel.errors import DomainError, Forbidden, Invalid

from .. import policies, register
from ..models import TimetableImport
from ..reading import MOST_BYTES
from ..selectors.calendars import list_terms
from ..selectors.checks import check_version
from ..sentences import clash_detail, clash_sentence
from ..services.importing import import_grid
from ..types import rights
from ..types.findings import BLOCK, REVIEW
from .drafts import _uuid

MOST_SHOWN = 300


@needs(rights.EDIT)
def new_import(request: HttpRequest, code: str) -> HttpResponse:
    """GET shows the form and former files; POST reads one file into the draft and leads to its report."""
    school, error, status = register.get_school(code), "", 200
    policies.require_edit_school(actor_of(request), school)
    if request.method == "POST":
        try:
            return redirect("timetable:import_report", school.code, _read(request, school).id)
        except DomainError as refusal:
            if isinstance(refusal, Forbidden):
                raise
            messages.error(request, refusal.message)
            error, status = refusal.message, refusal.status
    terms = [term for term in list_terms(str(school.path)) if term.end_on >= today()]
    context = {
        "school": school, "error": error, "terms": [(str(term.id), f"{term.school_year} {term.name}") for term in terms],
        "files": TimetableImport.objects.filter(school=school).order_by("-created_at")[:20],
    }  # fmt: skip
    return render(request, "timetable/import_new.html", context, status=status)


def _read(request: HttpRequest, school: Any) -> TimetableImport:
    sent = request.FILES.get("grid")
    if sent is None:
        raise Invalid(_("请选择课表文件。"), code="no_file")
    if sent.size and sent.size > MOST_BYTES:
        raise Invalid(_("%(file)s 超过 12 MB，课表不会这样大，请检查文件。") % {"file": sent.name}, code="too_large")
    return import_grid(
        actor=actor_of(request), school_id=school.id, term_id=_uuid(request.POST.get("term", "")),
        file_name=str(sent.name or "")[:120], data=sent.read(),
    )  # fmt: skip


@needs(rights.EDIT)
def report(request: HttpRequest, code: str, import_id: UUID) -> HttpResponse:
    """What was read, what could not be resolved and who must fix it, and the clashes of the draft as it is now."""
    school = register.get_school(code)
    policies.require_edit_school(actor_of(request), school)
    record = (
        TimetableImport.objects.filter(id=import_id, school=school)
        .select_related("timetable__school", "timetable__term")
        .first()
    )
    if record is None:
        raise Forbidden()
    checked = check_version(record.timetable, today()) if record.timetable else None
    counted = Counter(one["severity"] for one in record.findings)
    clashes = checked.clashes if checked else ()
    context = {
        "school": school, "record": record, "findings": record.findings[:MOST_SHOWN], "most": MOST_SHOWN,
        "blocked": counted[BLOCK], "review": counted[REVIEW], "hints": len(record.findings) - counted[BLOCK] - counted[REVIEW],
        "clashes": [{"title": clash_sentence(one), "detail": clash_detail(one)} for one in clashes[:50]],
        "clash_count": len(clashes), "remark_count": len(checked.remarks) if checked else 0,
        "owners": {"file": _("排课人改文件"), "teaching": _("教务核对任课"), "register": _("学籍管理员核对名册")},
        "severities": {"block": _("没有写入"), "review": _("要核对"), "hint": _("提示")},
    }  # fmt: skip
    return render(request, "timetable/import_report.html", context)
