"""What leaves is what came in: every part of a file that carries everything, but the values of entered and computed cells."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from lxml import etree

from ..computing import Table
from ..exchanging import filled_file, read_filled
from ..testing import require_same_layout
from ..types.marks import Mark, Marks
from ..types.words import MarkKind, ValueType
from ..workbook.grid import read_layout
from ..workbook.package import S, open_package


def _logo() -> bytes:
    """A small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" + b"\x0b\x6b\x86" * 8))
        + chunk(b"IEND", b"")
    )


def everything() -> bytes:
    """Merged heads, rich text, colours, conditional formats, validation, names, links, notes, a logo, a chart, print set-up,
    outlines, hidden rows, columns and sheets, frozen panes, a filter, protection, array and shared-like formulas."""
    out = io.BytesIO()
    book: Any = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet, hidden, deep = (book.add_worksheet(name) for name in ("基本情况（表一）", "字典", "深藏"))
    bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "#C43D1F", "italic": True})
    frame = {"border": 1, "align": "center"}
    head, open_one, day, money = (
        book.add_format({**frame, **more})
        for more in (
            {"bold": True, "bg_color": "#D9EDF2", "text_wrap": True, "rotation": 0}, {"locked": False}, {"locked": False, "num_format": "yyyy年m月d日"},
            {"locked": False, "num_format": '#,##0.00_);[Red](#,##0.00)', "diag_type": 1, "pattern": 4},
        )
    )  # fmt: skip
    sheet.merge_range("A1:F1", "", head)
    sheet.write_rich_string("A1", bold, "义务教育", red, "（演示）", bold, "统计表", head)
    sheet.merge_range("A2:A3", "学段", head)
    for column, text in enumerate(("男", "女", "计", "填表日期", "经费"), 1):
        sheet.merge_range(1, column, 2, column, text, head)
    for row, stage in enumerate(("小学", "初中"), 3):
        sheet.write(row, 0, stage, head)
        for column, form in ((1, open_one), (2, open_one), (4, day), (5, money)):
            sheet.write_blank(row, column, None, form)
        sheet.write_formula(row, 3, f"=B{row + 1}+C{row + 1}", head, 0)
    sheet.write("A6", "合计", head)
    sheet.write_formula("B6", "=SUM(B4:B5)", head, 0)
    sheet.write_array_formula("C6:C6", "{=SUM(C4:C5*1)}", head, 0)
    sheet.write_formula("D6", "=SUM(小学到初中区)", head, 0)
    sheet.write_formula("E6", '=IF(D6>0,"有","无")', head, "无")
    sheet.write_boolean("G4", True)
    sheet.write_url("H4", "https://example.org/", string="填表说明")
    sheet.write_comment("B4", "按学籍所在校填", {"author": "省厅"})
    sheet.data_validation(
        "B4:C5", {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": 99999, "error_message": "整数"}
    )
    sheet.conditional_format("B4:C5", {"type": "cell", "criteria": ">", "value": 5000, "format": red})
    sheet.conditional_format("D4:D5", {"type": "data_bar"})
    sheet.conditional_format("F4:F5", {"type": "icon_set", "icon_style": "3_traffic_lights"})
    _dress(book, sheet)
    hidden.write_column("A1", ("城区", "镇区", "乡村"))
    hidden.hide()
    deep.write("A1", "内部")
    deep.very_hidden()
    book.close()
    return out.getvalue()


def _dress(book: Any, sheet: Any) -> None:
    """What is not in cells: outlines, print set-up, pictures, protection, names, properties."""
    sheet.set_row(0, 40)
    sheet.set_row(7, None, None, {"hidden": True})
    sheet.set_row(8, None, None, {"level": 1, "collapsed": True})
    sheet.set_column("A:A", 18.5)
    sheet.set_column("B:F", 11.25)
    sheet.set_column("J:L", 9, None, {"hidden": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.4, 0.4, 0.6, 0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 2)
    sheet.print_area("A1:F6")
    sheet.set_header(
        '&L&G&C&"宋体,Bold"填报单位（章）', {"image_left": "logo.png", "image_data_left": io.BytesIO(_logo())}
    )
    sheet.set_footer("&C第 &P 页 共 &N 页")
    sheet.set_h_pagebreaks([20])
    sheet.freeze_panes(3, 1)
    sheet.autofilter("A3:F5")
    sheet.set_zoom(85)
    sheet.set_tab_color("#0B6B86")
    sheet.insert_image("H1", "logo.png", {"image_data": io.BytesIO(_logo()), "description": "校徽"})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='基本情况（表一）'!$D$4:$D$5", "categories": "='基本情况（表一）'!$A$4:$A$5"})
    sheet.insert_chart("H8", chart)
    sheet.protect("secret", {"format_columns": True, "sort": True})
    book.define_name("小学到初中区", "='基本情况（表一）'!$D$4:$D$5")
    book.set_properties({"title": "统计表", "company": "省厅"})


VALUES = {
    "1!B4": "1234", "1!C4": "5678", "1!B5": "9", "1!C5": "8", "1!E4": "2026-11-29", "1!F4": "12.5", "1!F5": "-3",
}  # fmt: skip


def _table(content: bytes) -> Table:
    marks = Marks(cells={
        key: Mark(kind=MarkKind.FILL, type=ValueType.DATE if "E" in key else ValueType.NUMBER)
        for key in (*VALUES, "1!E5")
    })  # fmt: skip
    return Table(layout=read_layout(content), marks=marks)


def test_everything_a_file_carries_is_still_there() -> None:
    before = everything()
    made = _table(before)
    after = filled_file(made, before, VALUES)
    entered = {key.partition("!")[2] for key in (*VALUES, "1!E5")}
    require_same_layout(before, after, {"xl/worksheets/sheet1.xml": entered})
    with pytest.raises(AssertionError):
        require_same_layout(before, after, {"xl/worksheets/sheet1.xml": entered - {"B4"}})
    names = zipfile.ZipFile(io.BytesIO(after)).namelist()
    assert {"xl/charts/chart1.xml", "xl/media/image1.png", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"} <= set(
        names
    )
    back, told = read_filled(made, after, {})
    assert not told and {key: back[key] for key in VALUES} == VALUES


def test_an_empty_table_leaves_as_it_came_and_filling_twice_is_filling_once() -> None:
    before = everything()
    made = _table(before)
    require_same_layout(before, filled_file(made, before, {}), {})
    once = filled_file(made, before, VALUES)
    entered = {key.partition("!")[2] for key in VALUES}
    require_same_layout(once, filled_file(made, once, {}), {"xl/worksheets/sheet1.xml": entered})
    assert filled_file(made, once, VALUES) == once


def _rewritten(content: bytes, change: Any, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    package = open_package(content)
    return package.saved({part: change(package.parts[part].decode()).encode()})


def _like_libreoffice(text: str) -> str:
    """No spans, empty rows at the very end of the sheet, a style for whole columns."""
    rows = "".join(
        f'<row r="{row}" customFormat="false" ht="12.8" hidden="false" outlineLevel="0"/>'
        for row in range(1048574, 1048577)
    )
    text = text.replace("</sheetData>", f"{rows}</sheetData>").replace(
        "</cols>", '<col min="13" max="16384" width="11.53" style="0"/></cols>'
    )
    return "".join(
        part if at == 0 or "spans=" not in part.split(">", 1)[0] else part.split(' spans="', 1)[0] + part.split(' spans="', 1)[1].split('"', 1)[1]
        for at, part in enumerate(_rows_of(text))
    )  # fmt: skip


def _rows_of(text: str) -> list[str]:
    pieces = text.split("<row ")
    return [pieces[0], *(f"<row {one}" for one in pieces[1:])]


def _like_wps(text: str) -> str:
    """The whole sheet as its dimension, values kept as text with a space, an extension nobody else knows."""
    own = '<extLst><ext uri="{x}" xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"><etc:cellimages/></ext></extLst>'
    head = text.partition("<sheetViews>")
    return f"{head[0]}{head[1]}{head[2]}".replace("</worksheet>", f"{own}</worksheet>")


@pytest.mark.parametrize("change", [_like_libreoffice, _like_wps], ids=["LibreOffice", "WPS"])
def test_habits_of_other_programs_are_kept(change: Any) -> None:
    before = _rewritten(everything(), change)
    made = _table(before)
    after = filled_file(made, before, VALUES)
    require_same_layout(
        before, after, {"xl/worksheets/sheet1.xml": {key.partition("!")[2] for key in (*VALUES, "1!E5")}}
    )
    assert (made.layout.sheets[0].rows, made.layout.sheets[0].columns) == (6, 8)


def test_a_day_is_written_as_the_day_it_shows() -> None:
    content = filled_file(_table(everything()), everything(), VALUES)
    node = etree.fromstring(open_package(content).parts["xl/worksheets/sheet1.xml"]).find(f".//{S}c[@r='E4']")
    assert node is not None and int(node.findtext(f"{S}v") or 0) == (date(2026, 11, 29) - date(1899, 12, 30)).days
