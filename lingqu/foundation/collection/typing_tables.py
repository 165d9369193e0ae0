"""A table typed on the page: head and row names become a small XLSX, which then goes the way of every other."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from lingqu.kernel.errors import Invalid

MOST_COLUMNS, MOST_ROWS = 40, 200


def workbook_of(title: str, head: str, rows: str) -> tuple[str, bytes]:
    """(file name, content). ``head``: column names, tabs or commas between; ``rows``: one row name a line."""
    columns = [one.strip() for one in head.replace("，", "\t").replace(",", "\t").replace("、", "\t").split("\t")]
    columns = [one for one in columns if one]
    names = [line.strip() for line in rows.splitlines() if line.strip()]
    if not columns or not names:
        told = _("请写列名和行名，如“男、女、计”和“小学”。")
        raise Invalid(told, code="empty", details={"head": told})
    if len(columns) > MOST_COLUMNS or len(names) > MOST_ROWS:
        told = _("最多 %(c)d 列、%(r)d 行，再大请用 Excel。") % {"c": MOST_COLUMNS, "r": MOST_ROWS}
        raise Invalid(told, code="too_large", details={"head": told})
    clean = " ".join(title.split())[:80] or _("未命名的表")
    return f"{clean}.xlsx", _drawn(clean, columns, names)


def _drawn(title: str, columns: list[str], names: list[str]) -> bytes:
    out = io.BytesIO()
    book: Any = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("表"))
    big = book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
    label = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True})
    cell = book.add_format({"border": 1, "align": "center", "locked": False})
    width = len(columns) + 1
    sheet.merge_range(0, 0, 0, width - 1, title, big)
    sheet.write_string(1, 0, _("学校名称"), label)
    if width > 2:
        sheet.merge_range(1, 1, 1, width - 1, "", cell)
    else:
        sheet.write_blank(1, 1, None, cell)
    sheet.write_string(2, 0, _("项目"), label)
    for at, name in enumerate(columns, 1):
        sheet.write_string(2, at, name, label)
    for down, name in enumerate(names, 3):
        sheet.write_string(down, 0, name, label)
        for at in range(1, width):
            sheet.write_blank(down, at, None, cell)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, width - 1, 12)
    sheet.set_row(0, 30)
    sheet.protect()
    book.close()
    return out.getvalue()
