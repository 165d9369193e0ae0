"""Lists as files: A4 PDF by Typst with embedded Chinese fonts, XLSX and CSV with harmless cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from lingqu.kernel.printing import pdf_of
from lingqu.kernel.spreadsheets import harmless

TEMPLATE = Path(__file__).with_name("lists.typ")
WIDE_FROM = 36
"""Weight of a line from which it is printed across."""
_TITLE = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
ROWS_PER_SHEET = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A class: begins on a new page and counts its own pages."""

    name: str
    title: str
    sub: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """``mark``: whose list it is and when it was made, under every printed page and in the last line of a workbook."""

    title: str
    organisation: str
    mark: str
    head: tuple[str, ...]
    weights: tuple[int, ...]
    has_seals: bool = True


def as_pdf(sheet: Sheet, groups: Sequence[Group]) -> bytes:
    """A4, upright or across by the weight of the columns."""
    data = {
        "title": sheet.title, "organisation": sheet.organisation, "watermark": sheet.mark, "head": sheet.head,
        "weights": sheet.weights, "is_wide": sum(sheet.weights) >= WIDE_FROM,
        "groups": [{"name": g.name, "title": g.title, "sub": g.sub, "rows": g.rows} for g in groups],
        "words": {
            "foot": _("含未成年人信息，只用于本次用途，用后销毁。"), "page": _("{group} 第{page}页，共{pages}页"),
            "seals": [_("制表人（签字）"), _("班主任（签字）"), _("学校负责人（签字）"), _("学校（盖章）")] if sheet.has_seals else [],
        },
    }  # fmt: skip
    return pdf_of(TEMPLATE, data)


def as_csv(sheet: Sheet, rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark by which spreadsheets recognise it."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([harmless(name) for name in sheet.head])
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return ("\ufeff" + target.getvalue()).encode()


def as_xlsx(sheet: Sheet, rows: Iterable[Sequence[str]]) -> bytes:
    """Title, head, frozen above the rows, every cell text; the last line says whose list it is."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#E6F1F2", "border": 1, "valign": "top"})
    text, note = book.add_format({"num_format": "@", "border": 1}), book.add_format({"font_color": "#666666"})
    page, line = _page(book, sheet, bold, head), 2
    for row in rows:
        if line > ROWS_PER_SHEET:
            page, line = _page(book, sheet, bold, head), 2
        for column, cell in enumerate(row):
            page.write_string(line, column, harmless(cell), text)
        line += 1
    page.write_string(line, 0, harmless(sheet.mark), note)
    book.close()
    return target.getvalue()


def _page(book: Any, sheet: Sheet, bold: Any, head: Any) -> Any:
    number = len(book.worksheets()) + 1
    name = (_TITLE.sub("_", sheet.title).strip() or "Sheet")[:26]
    page = book.add_worksheet(name if number == 1 else f"{name}({number})")
    for column, weight in enumerate(sheet.weights):
        page.set_column(column, column, max(8, weight * 3))
    page.write_string(0, 0, harmless(sheet.title), bold)
    for column, title in enumerate(sheet.head):
        page.write_string(1, column, harmless(title), head)
    page.freeze_panes(2, 0)
    page.repeat_rows(1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&C&P / &N")
    return page
