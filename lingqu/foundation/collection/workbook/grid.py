"""Sheets as drawn grids: words, numbers, formulas, merges, what is hidden or locked. Plain data, kept with a table."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, DecimalException, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from .formulas import FormulaError, plain, shifted
from .package import Package, S, open_package, refuse
from .refs import box, cells_of, ref_of, split

MOST_ROWS, MOST_COLUMNS, MOST_KEPT = 1000, 80, 12_000
LONGEST = 2000
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})


@dataclass(slots=True)
class Cell:
    """``text``: what stands there; ``formula``: without ``=``, ``cached`` its result as saved; ``locked``: refuses entry once the sheet is protected."""

    text: str = ""
    formula: str = ""
    cached: str = ""
    locked: bool = True
    bold: bool = False
    framed: bool = False
    align: str = ""
    is_date: bool = False
    is_number: bool = False


@dataclass(slots=True)
class Sheet:
    title: str
    state: str = "visible"
    protected: bool = False
    rows: int = 0
    columns: int = 0
    cells: dict[str, Cell] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)

    def covered(self) -> dict[str, str]:
        """Cells swallowed by a merge → the cell that stands for it."""
        found = {}
        for merge in self.merges:
            area = box(merge)
            anchor = ref_of(area[0], area[1])
            found.update({ref_of(*one): anchor for one in cells_of(area) if ref_of(*one) != anchor})
        return found


@dataclass(slots=True)
class Layout:
    sheets: list[Sheet]
    is_1904: bool = False

    def as_data(self) -> dict[str, Any]:
        return {
            "is_1904": self.is_1904,
            "sheets": [
                asdict(one) | {"cells": {ref: _packed(cell) for ref, cell in one.cells.items()}} for one in self.sheets
            ],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Layout:
        sheets = []
        for one in data.get("sheets", ()):
            made = Sheet(**{**one, "cells": {ref: Cell(**cell) for ref, cell in one["cells"].items()}})
            made.widths = {int(column): width for column, width in made.widths.items()}
            sheets.append(made)
        return cls(sheets=sheets, is_1904=bool(data.get("is_1904")))

    def cell(self, key: tuple[int, int, int]) -> Cell | None:
        return self.sheets[key[0] - 1].cells.get(ref_of(key[1], key[2])) if 1 <= key[0] <= len(self.sheets) else None


def _packed(cell: Cell) -> dict[str, Any]:
    empty = Cell()
    return {name: value for name, value in asdict(cell).items() if name != "cached" and value != getattr(empty, name)}


def read_layout(content: bytes) -> Layout:
    """Everything that is drawn of a file. Raises :class:`Invalid` for files that are no usable workbook."""
    return layout_of(open_package(content))


def layout_of(package: Package) -> Layout:
    """The same of an opened package; parts that no spreadsheet program writes are refused as damaged."""
    try:
        strings, styles = _strings(package), _Styles(package)
        sheets = [_sheet(package, *one, strings, styles) for one in package.sheets]
    except (ValueError, TypeError, OverflowError) as error:
        raise refuse("damaged", _("文件已损坏，打不开。请用 Excel 或 WPS 打开后另存为 xlsx 再上传。")) from error
    return Layout(sheets=sheets, is_1904=package.is_1904)


class _Styles:
    """What a style index says that matters here."""

    def __init__(self, package: Package) -> None:
        self.made: list[Cell] = []
        if "xl/styles.xml" not in package.parts:
            return
        root = package.tree("xl/styles.xml")
        bold = [one.find(f"{S}b") is not None for one in root.iterfind(f"{S}fonts/{S}font")]
        framed = [any(side.get("style") for side in one) for one in root.iterfind(f"{S}borders/{S}border")]
        own = {int(one.get("numFmtId", 0)): one.get("formatCode", "") for one in root.iter(f"{S}numFmt")}
        for one in root.iterfind(f"{S}cellXfs/{S}xf"):
            protection, alignment = one.find(f"{S}protection"), one.find(f"{S}alignment")
            code = int(one.get("numFmtId", 0))
            text = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", own.get(code, ""))
            self.made.append(
                Cell(
                    locked=protection is None or protection.get("locked") not in ("0", "false"),
                    bold=_at(bold, one.get("fontId")), framed=_at(framed, one.get("borderId")),
                    align=(alignment.get("horizontal") or "") if alignment is not None else "",
                    is_date=code in DATE_FORMATS or bool(re.search(r"[ymd年月日]", text, re.IGNORECASE)),
                )
            )  # fmt: skip

    def of(self, index: str | None) -> Cell:
        at = int(index or 0)
        found = self.made[at] if at < len(self.made) else Cell()
        return Cell(locked=found.locked, bold=found.bold, framed=found.framed, align=found.align, is_date=found.is_date)


def _at(values: list[bool], index: str | None) -> bool:
    at = int(index or 0)
    return values[at] if at < len(values) else False


def _strings(package: Package) -> list[str]:
    if "xl/sharedStrings.xml" not in package.parts:
        return []
    return [_words(one) for one in package.tree("xl/sharedStrings.xml").iterfind(f"{S}si")]


def _words(node: Any) -> str:
    """Plain and rich text, without phonetic hints."""
    return "".join(
        one.text or "" for one in node.iter(f"{S}t") if one.getparent().tag != f"{S}rPh"
    )[:LONGEST]  # fmt: skip


def text_of(node: Any, strings: list[str]) -> tuple[str, bool]:
    """(what a cell shows, whether it is a number); errors such as #DIV/0! stay words."""
    kind, value = node.get("t", "n"), node.find(f"{S}v")
    if kind == "inlineStr":
        inner = node.find(f"{S}is")
        return (_words(inner) if inner is not None else ""), False
    text = (value.text or "") if value is not None else ""
    if kind == "s":
        return (strings[int(text)] if text.isdigit() and int(text) < len(strings) else ""), False
    if kind == "b":
        return ("TRUE" if text == "1" else "FALSE") if text else "", False
    if kind == "n" and text:
        try:
            return (plain(Decimal(text)), True) if len(text) < 60 else (text, False)
        except (DecimalException, FormulaError):
            return text, False
    return text[:LONGEST], False


def _sheet(package: Package, title: str, state: str, part: str, strings: list[str], styles: _Styles) -> Sheet:
    root = package.tree(part)
    made = Sheet(title=title, state=state)
    guard = root.find(f"{S}sheetProtection")
    made.protected = guard is not None and guard.get("sheet") in ("1", "true")
    made.merges = sorted(one.get("ref") or "" for one in root.iterfind(f"{S}mergeCells/{S}mergeCell"))
    for one in root.iterfind(f"{S}cols/{S}col"):
        first, last = int(one.get("min", 1)), min(int(one.get("max", 1)), MOST_COLUMNS)
        for column in range(first, last + 1):
            made.widths[column] = float(one.get("width") or 0)
            if one.get("hidden") in ("1", "true"):
                made.hidden_columns.append(column)
    shared: dict[str, tuple[str, int, int]] = {}
    at = 0
    for row in root.iterfind(f"{S}sheetData/{S}row"):
        at = int(row.get("r") or at + 1)
        if row.get("hidden") in ("1", "true"):
            made.hidden_rows.append(at)
        column = 0
        for node in row.iterfind(f"{S}c"):
            column = split(node.get("r"))[1] if node.get("r") else column + 1
            _take(made, node, at, column, strings, styles, shared)
    _measure(made, title)
    return made


def _take(
    made: Sheet, node: Any, row: int, column: int, strings: list[str], styles: _Styles,
    shared: dict[str, tuple[str, int, int]],
) -> None:  # fmt: skip
    cell = styles.of(node.get("s"))
    formula = node.find(f"{S}f")
    if formula is not None:
        cell.formula = (formula.text or "")[:LONGEST]
        if formula.get("t") == "shared":
            if cell.formula:
                shared[formula.get("si")] = (cell.formula, row, column)
            elif formula.get("si") in shared:
                base, top, left = shared[formula.get("si")]
                cell.formula = shifted(base, row - top, column - left)
        cell.formula = cell.formula or "?"
        cell.cached = text_of(node, strings)[0]
    else:
        cell.text, cell.is_number = text_of(node, strings)
    if cell.text or cell.formula or cell.framed or not cell.locked:
        made.cells[ref_of(row, column)] = cell


def _measure(made: Sheet, title: str) -> None:
    """What is drawn: from A1 to the last cell with words, a formula or a frame. Frames far outside are cut off."""
    said = [split(ref) for ref, cell in made.cells.items() if cell.text or cell.formula]
    areas = [box(one) for one in made.merges]
    for area in areas:
        next(cells_of(area))
    rows = max([0, *(one[0] for one in said)])
    columns = max([0, *(one[1] for one in said)])
    framed = [split(ref) for ref, cell in made.cells.items() if cell.framed or (made.protected and not cell.locked)]
    rows = max([rows, *(row for row, _c in framed if row <= rows + 300), *(one[2] for one in areas if one[0] <= rows)])
    columns = max([columns, *(c for _row, c in framed if c <= columns + 20), *(o[3] for o in areas if o[1] <= columns)])
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise refuse(
            "too_wide",
            _("工作表“%(name)s”超过 %(rows)d 行或 %(columns)d 列，请删去空行空列再上传。")
            % {"name": title, "rows": MOST_ROWS, "columns": MOST_COLUMNS},
        )
    made.rows, made.columns = rows, columns
    made.cells = {
        ref: cell for ref, cell in made.cells.items() if split(ref)[0] <= rows and split(ref)[1] <= columns
    }  # fmt: skip
    if len(made.cells) > MOST_KEPT:
        raise refuse("too_many", _("工作表“%(name)s”的单元格太多，不能使用。") % {"name": title})


def day_of(serial: str, is_1904: bool) -> str:
    """``46355`` → ``2026-11-29``; what is no day stays as it is."""
    try:
        days = int(Decimal(serial))
        return (date(1904, 1, 1) if is_1904 else date(1899, 12, 30)).__add__(timedelta(days=days)).isoformat()
    except (InvalidOperation, OverflowError, ValueError):
        return serial


def serial_of(day: str, is_1904: bool) -> str:
    """The reverse, for cells that show days."""
    first = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)
    return str((datetime.fromisoformat(day) - first).days)
