"""What the columns of a sheet mean: the guess, a preview, the choice of a person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import require
from lingqu.kernel.errors import DomainError
from lingqu.ui.jinja import render_page

from .. import policies, selectors
from ..forms import shown_title
from ..mapping import columns_of, kinds
from ..mapping.guessing import columns_for
from ..mapping.headings import FAMILY, FAMILY_PARTS, family_relations
from ..models import Import
from ..services.mapping import CHANGEABLE, SheetChoice, confirm_mapping
from ..types import IMPORT_RUN

MOST_SHEETS = 12
"""Different sets of headings on one page; sheets with the same headings share a choice."""


@require_http_methods(["GET", "POST"])
@needs(IMPORT_RUN)
def mapping(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    record = selectors.get_import(actor=actor, number=number)
    require(policies.may_run(actor, str(record.path)))
    sheets = _distinct(record)
    if request.method == "POST" and request.POST.get("do") == "confirm":
        try:
            confirm_mapping(actor=actor, number=number, choices=[_choice(request, sheet) for sheet in sheets])
        except DomainError as refusal:
            if refusal.status == 403:
                raise
            return _page(request, record, sheets, error=refusal.message, status=refusal.status)
        messages.success(request, _("列对应已保存，同样表头的文件以后会自动认出。正在重新校验。"))
        return redirect("intake:import", number)
    return _page(request, record, sheets)


def _distinct(record: Import) -> list[dict[str, Any]]:
    """Sheets by their headings, those that wait for a person first."""
    found: dict[str, dict[str, Any]] = {}
    for sheet in record.counts.get("sheets", []):
        held = found.setdefault(sheet["digest"], {**sheet, "same": 0})
        held["same"] += 1
    ordered = sorted(found.values(), key=lambda sheet: not sheet["needs_a_person"])
    return ordered[:MOST_SHEETS]


def _kind(request: HttpRequest, sheet: dict[str, Any]) -> str:
    chosen = request.POST.get(f"kind-{sheet['digest']}", sheet["kind"])
    return chosen if chosen in kinds() else ""


def _choice(request: HttpRequest, sheet: dict[str, Any]) -> SheetChoice:
    columns = tuple(request.POST.get(f"col-{sheet['digest']}-{at}", "") for at in range(len(sheet["headings"])))
    return SheetChoice(digest=sheet["digest"], kind=_kind(request, sheet), columns=columns)


def _page(
    request: HttpRequest, record: Import, sheets: list[dict[str, Any]], *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "record": record, "error": error, "may_change": record.state in CHANGEABLE,
        "sheets": [_shown(request, sheet) for sheet in sheets],
        "kinds": [("", _("不是名册，跳过")), *((kind, shown_title(kind)) for kind in kinds())],
    }  # fmt: skip
    return render_page(request, "intake/mapping.html", context, status=status)


def _shown(request: HttpRequest, sheet: dict[str, Any]) -> dict[str, Any]:
    kind = _kind(request, sheet)
    columns, confidence = sheet["columns"], sheet["confidence"]
    if kind and kind != sheet["kind"]:
        columns, confidence = columns_for(kind, sheet["headings"], sheet["samples"])
    elif request.method == "POST":
        columns = _choice(request, sheet).columns
    samples = sheet["samples"]
    return {
        "digest": sheet["digest"], "kind": kind, "place": " · ".join(p for p in (sheet["file"], sheet["sheet"]) if p),
        "same": sheet["same"], "needs_a_person": sheet["needs_a_person"], "problem": sheet["problem"],
        "choices": _choices(kind) if kind else [],
        "rows": [
            {"at": at, "heading": heading or _("（空）"), "column": columns[at] if at < len(columns) else "",
             "sure": _sure(confidence[at] if at < len(confidence) else 0, columns[at] if at < len(columns) else ""),
             "samples": [row[at] for row in samples if at < len(row) and row[at]][:3]}
            for at, heading in enumerate(sheet["headings"])
        ],
    }  # fmt: skip


def _sure(confidence: float, column: str) -> tuple[str, str]:
    if not column:
        return _("未对应"), ""
    if confidence >= 0.9:
        return _("确定"), "green"
    return (_("较确定"), "brand") if confidence >= 0.7 else (_("请核对"), "amber")


def _choices(kind: str) -> list[tuple[str, str]]:
    own = [("", _("不导入"))]
    for column, heading in columns_of(kind).items():
        own.append((column, heading.heading + (" *" if heading.required else "")))
    if kind == "students":
        slots = {"1": _("监护人一"), "2": _("监护人二"), "father": _("父亲"), "mother": _("母亲")}
        parts = {"name": _("姓名"), "relation": _("关系"), "phone": _("手机"), "id_number": _("身份证件号"),
                 "id_type": _("证件类型"), "address": _("地址")}  # fmt: skip
        own += [
            (f"{FAMILY}{slot}.{part}", f"{slots[slot]} {parts[part]}")
            for slot in family_relations()
            for part in FAMILY_PARTS
        ]
    return own
