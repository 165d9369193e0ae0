"""The template of a plan of places as XLSX: what exists stands in it, only classes and places are typed."""

from __future__ import annotations

import io
from collections.abc import Iterable

import xlsxwriter
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.language import writing_to
from lingqu.kernel.spreadsheets import harmless

from ..selectors.seats import SchoolSeats

WIDTHS = (16, 30, 10, 10, 10, 12, 12)


def plan_workbook(schools: Iterable[SchoolSeats], year: str) -> bytes:
    """A row a school and grade. Headings stay Chinese: the file is read by them again."""
    held = io.BytesIO()
    with writing_to():
        book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        sheet, bold = book.add_worksheet(f"学位计划 {year}"), book.add_format({"bold": True})
        text, typed = book.add_format({"num_format": "@"}), book.add_format({"bg_color": "#FFF8E1"})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        note = _("只填黄色两列；每班学位空着就按本地规则。没有班数的行不读。")
        sheet.write_string(0, 0, _("%(year)s 学年学位计划") % {"year": year} + f"（{note}）", bold)
        sheet.write_row(
            1, 0, ["学校标识码", "学校名称", "年级", "班数", "每班学位", "现有班数或计划", "在读人数"], bold
        )
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        at = 2
        for one in schools:
            for line in one.lines:
                sheet.write_string(at, 0, harmless(one.school.code), text)
                sheet.write_string(at, 1, harmless(one.school.name))
                sheet.write_string(at, 2, registry.grade_label(line.grade))
                if line.planned:
                    sheet.write_number(at, 3, line.classes, typed)
                    sheet.write_number(at, 4, line.per_class, typed)
                else:
                    sheet.write_blank(at, 3, None, typed)
                    sheet.write_blank(at, 4, None, typed)
                sheet.write_row(at, 5, [line.classes, line.sitting])
                at += 1
        sheet.freeze_panes(2, 0)
        book.close()
    return held.getvalue()
