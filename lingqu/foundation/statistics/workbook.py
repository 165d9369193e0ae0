"""统计底表 as a workbook: one sheet a table, with its 口径 above. Text cells never run as formulas."""

from __future__ import annotations

import io
from collections.abc import Iterable

import xlsxwriter

from lingqu.kernel.spreadsheets import harmless

from .selectors.figures import ConditionsTotal, Filled


def write_tables(tables: Iterable[Filled], conditions: ConditionsTotal, *, basis: str, words: dict[str, str]) -> bytes:
    """``basis`` is the 口径 line; ``words``: conditions, item, value, schools, total, rooms."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, wrapped = book.add_format({"bold": True, "border": 1}), book.add_format({"italic": True})
    plain = book.add_format({"border": 1})
    for table in tables:
        sheet = book.add_worksheet(table.title[:31].replace("/", "、"))
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3)
        sheet.set_footer("&C&P / &N")
        sheet.write_string(0, 0, table.title, bold)
        sheet.write_string(1, 0, harmless(basis), wrapped)
        sheet.write_string(2, 0, table.rule, wrapped)
        sheet.write_row(3, 0, [table.row_title, *(label for _code, label in table.columns)], bold)
        sheet.set_column(0, 0, 18)
        at = 4
        for line in table.lines:
            sheet.write_string(at, 0, harmless(line.label), plain)
            for column, cell in enumerate(line.cells, start=1):
                sheet.write_number(at, column, cell, plain)
            at += 1
        sheet.write_row(at, 0, [words["total"], *table.total], bold)
    sheet = book.add_worksheet(words["conditions"][:31])
    sheet.write_string(0, 0, words["conditions"], bold)
    sheet.write_string(1, 0, harmless(basis), wrapped)
    sheet.write_row(3, 0, [words["item"], words["value"], words["schools"]], bold)
    sheet.set_column(0, 0, 34)
    at = 4
    for _code, label, value, schools in conditions.items:
        sheet.write_row(at, 0, [label, value, schools], plain)
        at += 1
    for _code, label, rooms in conditions.rooms:
        sheet.write_row(at, 0, [f"{words['rooms']} {label}", rooms, ""], plain)
        at += 1
    book.close()
    return held.getvalue()
