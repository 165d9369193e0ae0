"""Blank templates: one workbook a kind with headings, lists to choose from, explanations and an example."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from lingqu.kernel.clock import today

from .checks.codes import Codes
from .mapping import Heading, kinds, template
from .mapping.headings import rows_of
from .types import Lookup
from .workbooks import CODES, GUIDE, Book, widths

ROWS_WITH_LISTS = 5000
TITLES = {
    "organisations": "学校", "classes": "班级", "students": "学生", "staff": "教职工", "guardians": "监护人", "teaching": "任课",
    "attributes": "学生属性", "numbers": "其他平台号码",
}  # fmt: skip
"""Names of the templates; they stand in the workbook, so they are not translated there."""
SEVERAL = frozenset({"duties", "grades"})
NO_LIST = frozenset({"division"})


def shown_title(kind: str) -> str:
    """Name of a template on pages."""
    return _(TITLES[kind])


@cache
def _examples() -> dict[tuple[str, str], str]:
    return {(row["kind"], row["column"]): row["example"] for row in rows_of("examples.csv")}


def example_of(kind: str, column: str) -> str:
    return _examples().get((kind, column), "")


def write_template(kind: str) -> bytes:
    """The template of a kind as XLSX. All cells are text, so numbers keep their digits."""
    if kind not in kinds():
        raise KeyError(kind)
    book = Book()
    headings = template(kind)
    sheet = book.sheet(TITLES[kind])
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, max(12, 2 * len(heading.heading) + 6), book.formats["text"])
        sheet.write_string(0, column, heading.heading, book.formats["required" if heading.required else "head"])
        if heading.hint:
            sheet.write_comment(0, column, heading.hint)
    lists = _write_codes(book, headings)
    for column, heading in enumerate(headings):
        if heading.code_table in lists and heading.column not in SEVERAL:
            rule = {
                "validate": "list",
                "source": lists[heading.code_table],
                "error_type": "warning",
                "ignore_blank": True,
            }
            sheet.data_validation(1, column, ROWS_WITH_LISTS, column, rule)
    _write_guide(book, kind, headings)
    return book.close()


def _write_codes(book: Book, headings: Sequence[Heading]) -> dict[str, str]:
    """A sheet with the lists; returns table → address of its names."""
    tables = list(dict.fromkeys(h.code_table for h in headings if h.code_table and h.code_table not in NO_LIST))
    named = [(table, names) for table in tables if (names := _names(table))]
    if not named:
        return {}
    sheet = book.sheet(CODES)
    addresses: dict[str, str] = {}
    for place, (table, names) in enumerate(named):
        title = next(h.heading for h in headings if h.code_table == table)
        name_at = 2 * place + 1
        sheet.write_string(0, 2 * place, f"{title}代码", book.formats["head"])
        sheet.write_string(0, name_at, title, book.formats["head"])
        for row, (code, name) in enumerate(names, 1):
            sheet.write_string(row, 2 * place, code, book.formats["text"])
            sheet.write_string(row, name_at, name, book.formats["text"])
        letter = xl_col_to_name(name_at)
        addresses[table] = f"='{CODES}'!${letter}$2:${letter}${len(names) + 1}"
        sheet.set_column(2 * place, 2 * place, 10)
        sheet.set_column(name_at, name_at, 22)
    return addresses


def _names(table: str) -> tuple[tuple[str, str], ...]:
    return Codes(Lookup(school_year="2000-2001", today=today())).names(table)


def _write_guide(book: Book, kind: str, headings: Sequence[Heading]) -> None:
    sheet = book.sheet(GUIDE)
    sheet.write_string(0, 0, TITLES[kind], book.formats["title"])
    lines = [
        _("黄色列必填；其余可以留空，不会清掉已有的数据。"),
        _("代码列填代码或名称都可以；示例行只在本页，不要抄进数据表。"),
        _("身份证件号、学籍号、电话请保持文本格式；没有身份证件号可以空着。"),
        _("同一学校可以分班分表，多个文件可以一起压缩成 ZIP 上传。"),
    ]
    for row, line in enumerate(lines, 1):
        sheet.write_string(row, 0, line)
    head = [_("列名"), _("必填"), _("说明"), _("示例"), _("也认这些写法")]
    first = len(lines) + 2
    for column, text in enumerate(head):
        sheet.write_string(first, column, text, book.formats["head"])
    rows: list[list[Any]] = [
        [h.heading, _("是") if h.required else "", h.hint, example_of(kind, h.column), "、".join(h.synonyms[:8])]
        for h in headings
    ]
    for row, values in enumerate(rows, first + 1):
        book.write_row(sheet, row, values)
    widths(sheet, rows)
