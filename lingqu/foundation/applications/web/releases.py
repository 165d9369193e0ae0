"""Whose data an application received: the list, and the same as a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lingqu.kernel import audit, files
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.language import listed
from lingqu.kernel.spreadsheets import harmless
from lingqu.ui.figures import moment

from ..models import Application
from ..selectors.pages import get_row
from ..selectors.releases import Given, list_given, titles_of
from ..types import rights

SHOWN = 200
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@needs(rights.RELEASES)
def listing(request: HttpRequest, client_id: str) -> HttpResponse:
    row = get_row(actor_of(request), client_id)
    found = list_given(actor_of(request), row)
    _trace(request, row, "applications.releases_read", len(found))
    context = {
        "row": row, "rows": [(one, titles_of(one.fields)) for one in found[:SHOWN]], "total": len(found), "shown": SHOWN,
    }  # fmt: skip
    return render(request, "applications/releases.html", context)


@require_GET
@needs(rights.RELEASES)
def workbook(request: HttpRequest, client_id: str) -> HttpResponse:
    """Everybody, one row each."""
    row = get_row(actor_of(request), client_id)
    found = list_given(actor_of(request), row)
    _trace(request, row, "applications.releases_exported", len(found))
    return files.hand_over(_book(found), f"{row.name}-{row.client_id}.xlsx", SHEET_TYPE)


def _trace(request: HttpRequest, row: Application, action: str, count: int) -> None:
    actor = actor_of(request)
    audit.record(
        actor, action, subject_kind="application", subject_id=row.id, path=actor.path or row.organisation_path,
        data={"client_id": row.client_id, "people": count},
    )  # fmt: skip


def _book(found: Iterable[Given]) -> bytes:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(
        kept, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    heads = (_("人员编号"), _("姓名"), _("单位"), _("收到的信息"), _("字段"), _("首次"), _("最近"), _("次数"))
    for column, title in enumerate(heads):
        sheet.write_string(0, column, title, bold)
    for line, one in enumerate(found, start=1):
        cells = (
            one.number, one.name, one.place, listed(titles_of(one.fields)), ", ".join(one.fields), moment(one.first_at),
            moment(one.last_at), one.count,
        )  # fmt: skip
        for column, cell in enumerate(cells):
            sheet.write_string(line, column, harmless(cell))
    sheet.freeze_panes(1, 0)
    book.close()
    return kept.getvalue()
