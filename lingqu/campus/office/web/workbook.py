"""代课统计 as a workbook: sums by teacher, and every lesson behind them."""

from __future__ import annotations

import io
from collections.abc import Iterable

import xlsxwriter
from django.utils.translation import gettext as _

from lingqu.kernel.spreadsheets import harmless

from ..types.values import Taken

WIDTHS = (16, 12, 16, 14, 14, 14, 12)


def write_month(rows: Iterable[Taken], school: str, month: str) -> bytes:
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, rows = book.add_format({"bold": True}), tuple(rows)
    title = _("%(school)s %(month)s 代课统计") % {"school": school, "month": month}
    sums = book.add_worksheet(_("合计"))
    lines = book.add_worksheet(_("明细"))
    for sheet in (sums, lines):
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, harmless(title), bold)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
    sums.write_row(2, 0, [_("教师"), _("代课（计课时）"), _("看班、不计课时"), _("由别人代")], bold)
    for at, one in enumerate(rows, start=3):
        sums.write_string(at, 0, harmless(one.name))
        sums.write_row(at, 1, [one.counted, one.uncounted, one.given])
    foot = 3 + len(rows)
    sums.write_string(foot, 0, _("合计"), bold)
    sums.write_row(
        foot,
        1,
        [sum(one.counted for one in rows), sum(one.uncounted for one in rows), sum(one.given for one in rows)],
        bold,
    )
    lines.write_row(2, 0, [_("代课教师"), _("日期"), _("节次"), _("班级"), _("学科"), _("原教师"), _("课时")], bold)
    at = 3
    for one in rows:
        for cells in one.lines:
            for column, text in enumerate((one.name, *cells)):
                lines.write_string(at, column, harmless(text))
            at += 1
    book.close()
    return held.getvalue()
