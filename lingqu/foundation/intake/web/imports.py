"""The list of imports, one import with its findings, its report."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.errors import NotFound
from lingqu.kernel.files import safe_name
from lingqu.ui.jinja import render_block, render_page

from .. import policies, selectors
from ..reports import write_xlsx
from ..selectors import FindingFilter
from ..types import IMPORT_RUN, IMPORT_VIEW, SEVERITIES
from .showing import show_import, show_in_list

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@needs(IMPORT_VIEW, IMPORT_RUN)
def imports(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    text = request.GET.get("q", "").strip()[:100]
    page = selectors.list_imports(actor=actor, text=text, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page, "rows": [show_in_list(one) for one in page], "may_run": actor.has(IMPORT_RUN), "text": text,
    }  # fmt: skip
    return render_page(request, "intake/imports.html", context)


def _wanted(request: HttpRequest) -> FindingFilter:
    severity, row = request.GET.get("severity", ""), request.GET.get("row", "")
    return FindingFilter(
        severity=severity if severity in SEVERITIES else "", rule=request.GET.get("rule", "")[:60],
        field=request.GET.get("field", "")[:60], sheet=request.GET.get("sheet", "")[:300],
        who=request.GET.get("who", "")[:200],
        text=request.GET.get("q", "").strip()[:60],
        row=int(row) if row.isascii() and row.isdigit() and len(row) < 9 else None,
    )  # fmt: skip


@require_GET
@needs(IMPORT_VIEW, IMPORT_RUN)
def one(request: HttpRequest, number: str) -> HttpResponse:
    actor = actor_of(request)
    record = selectors.get_import(actor=actor, number=number)
    shown = show_import(
        record, wanted=_wanted(request), by=request.GET.get("by", ""), cursor=request.GET.get("cursor", ""),
        may_run=policies.may_run(actor, str(record.path)),
    )  # fmt: skip
    return render_page(request, "intake/import.html", {"one": shown}, block="findings")


findings = one
"""The same page: a fragment of it for htmx, the whole for everybody else."""


@require_GET
@needs(IMPORT_VIEW, IMPORT_RUN)
def standing(request: HttpRequest, number: str) -> HttpResponse:
    """How far the import is; the page asks again while it runs, and loads itself anew when it has ended."""
    actor = actor_of(request)
    record = selectors.get_import(actor=actor, number=number)
    shown = show_import(
        record, wanted=FindingFilter(), by="", cursor="", may_run=policies.may_run(actor, str(record.path))
    )
    response = render_block(request, "intake/import.html", "standing", {"one": shown})
    if not shown["is_running"]:
        response["HX-Refresh"] = "true"
    return response


@require_GET
@needs(IMPORT_VIEW, IMPORT_RUN)
def report(request: HttpRequest, number: str) -> Any:
    """The whole report, or with ``who`` the one of a single organisation, to be sent to it."""
    record = selectors.get_import(actor=actor_of(request), number=number)
    who = request.GET.get("who", "")[:200]
    if who and who not in {share.who for share in selectors.list_responsible(owner=record)}:
        raise NotFound(_("这次导入没有由“%(who)s”处理的问题。") % {"who": who})
    target = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  the answer closes it
    write_xlsx(record, Path(target.name), who=who)
    name = _("导入报告 %(number)s.xlsx") % {"number": f"{who} {record.number}".strip()}
    response = FileResponse(target, as_attachment=True, filename=safe_name(name), content_type=SHEET_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    return response
