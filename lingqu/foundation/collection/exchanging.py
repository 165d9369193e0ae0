"""The file of a table on its way to a school and back: filled in its own layout, and read again cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from .computing import Computed, Problem, Table, Values
from .types.marks import Block, Mark
from .types.words import MarkKind, ValueType
from .workbook.grid import Cell, Layout, Sheet, day_of, layout_of, serial_of
from .workbook.package import open_package
from .workbook.refs import key_of, split, split_key
from .workbook.writing import Pages, Written, filled

MOST_TOLD = 40


def filled_file(table: Table, original: bytes, values: Values) -> bytes:
    """The original with the values of a school (or sums) in its cells; lists longer than drawn go on below."""
    pages = {at: Pages() for at in range(1, len(table.layout.sheets) + 1)}
    for key, mark in table.marks.cells.items():
        sheet, row, column = split_key(key)
        text = mark.text if mark.kind == MarkKind.CONSTANT else str(values.get(key, ""))
        pages[sheet].values[row, column] = _written(table.layout, (sheet, row, column), mark, text)
    for block in table.marks.blocks:
        _list_in(table, pages[block.sheet], block, values.get(block.key) or [])
    for (sheet, row, column), found in Computed(table, values).shown().items():
        pages[sheet].results[row, column] = Written(text=found[0], is_number=found[1]) if found else None
    return filled(open_package(original), pages)


def _list_in(table: Table, page: Pages, block: Block, rows: list[list[str]]) -> None:
    for down in range(max(len(rows), block.last - block.first + 1)):
        at = block.first + down
        if at > block.last:
            page.like[at] = block.last
        for across, mark in enumerate(block.columns):
            text = rows[down][across] if down < len(rows) and across < len(rows[down]) else ""
            place = (block.sheet, min(at, block.last), block.left + across)
            page.values[at, block.left + across] = _written(table.layout, place, mark, text)


def _written(layout: Layout, place: tuple[int, int, int], mark: Mark, text: str) -> Written | None:
    if not text:
        return None
    if mark.is_number or mark.kind == MarkKind.CONSTANT:
        try:
            Decimal(text)
            return Written(text=text, is_number=True)
        except InvalidOperation:
            return Written(text=text)
    cell = layout.cell(place)
    if mark.type == ValueType.DATE and cell is not None and cell.is_date:
        try:
            return Written(text=serial_of(text, layout.is_1904), is_number=True)
        except ValueError:
            return Written(text=text)
    return Written(text=text)


def read_filled(table: Table, content: bytes, prefill: Values) -> tuple[dict[str, Any], list[Problem]]:
    """(values as written, what is not as it was sent out). Raises :class:`Invalid` for files that are no workbook."""
    layout = layout_of(open_package(content))
    told = list(_altered(table, layout))[:MOST_TOLD]
    if told:
        return {}, told
    values: dict[str, Any] = {}
    for key, mark in table.marks.cells.items():
        if mark.kind == MarkKind.CONSTANT:
            continue
        text, wrong = _read(layout, split_key(key), mark)
        if wrong:
            told.append(Problem(key=key, where=table.where(key), text=wrong))
        elif text and not mark.is_open and not _same(text, str(prefill.get(key, ""))):
            told.append(
                Problem(key=key, where=table.where(key), text=_("这一格由平台预填，不能改；有误请先改名册，再下载。"))
            )
        values[key] = text
    for block in table.marks.blocks:
        values[block.key] = _read_list(layout, block)
    return values, told[:MOST_TOLD]


def _read(layout: Layout, place: tuple[int, int, int], mark: Mark) -> tuple[str, str]:
    cell = layout.cell(place)
    if cell is None:
        return "", ""
    if cell.formula and not cell.cached:
        return "", _("这里是没有结果的公式，请直接填值。")
    text = cell.cached if cell.formula else cell.text
    if mark.type == ValueType.DATE and text and (cell.is_number or cell.formula):
        return day_of(text, layout.is_1904), ""
    return text, ""


def _read_list(layout: Layout, block: Block) -> list[list[str]]:
    drawn = layout.sheets[block.sheet - 1]
    last = max(block.last, drawn.rows) if block.most > block.last - block.first + 1 else block.last
    rows = []
    for row in range(block.first, last + 1):
        rows.append(
            [_read(layout, (block.sheet, row, block.left + at), mark)[0] for at, mark in enumerate(block.columns)]
        )
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _altered(table: Table, layout: Layout) -> Iterator[Problem]:
    """Where the layout is no longer that of the original: sheets, merges, words, formulas."""
    before, now = [one.title for one in table.layout.sheets], [one.title for one in layout.sheets]
    if before != now:
        yield Problem(
            key="", where=_("工作簿"),
            text=_("工作表应为 %(before)s，现在是 %(now)s。") % {"before": "、".join(before), "now": "、".join(now)},
        )  # fmt: skip
        return
    for at, (was, found) in enumerate(zip(table.layout.sheets, layout.sheets, strict=True), 1):
        if was.merges != found.merges:
            ref = next(iter(sorted(set(was.merges) ^ set(found.merges))))
            yield Problem(key=f"{at}!", where=f"{was.title} {ref}", text=_("合并单元格被改动，请用下载的原表填。"))
        yield from _changed(table, at, was, found)


def _changed(table: Table, at: int, was: Sheet, found: Sheet) -> Iterator[Problem]:
    empty = Cell()
    for ref in {**was.cells, **found.cells}:
        row, column = split(ref)
        key = key_of(at, row, column)
        if key in table.marks.cells or any(_inside(block, at, row, column) for block in table.marks.blocks):
            continue
        old, new = was.cells.get(ref, empty), found.cells.get(ref, empty)
        if old.formula:
            if _tidy(old.formula) != _tidy(new.formula):
                yield Problem(key=key, where=f"{was.title} {ref}", text=_("公式被改动或删去，请用下载的原表填。"))
        elif new.formula or not _same(old.text, new.text):
            yield Problem(
                key=key, where=f"{was.title} {ref}",
                text=_("这里应是“%(before)s”，现在是“%(now)s”；这一格不填，或行列被移动了。")
                % {"before": old.text[:30] or _("空"), "now": ("=" + new.formula if new.formula else new.text)[:30] or _("空")},
            )  # fmt: skip


def _inside(block: Block, sheet: int, row: int, column: int) -> bool:
    grows = block.most > block.last - block.first + 1
    last = block.first + block.most - 1 if grows else block.last
    return sheet == block.sheet and block.first <= row <= last and (
        block.left <= column < block.left + len(block.columns)
    )  # fmt: skip


def _tidy(formula: str) -> str:
    return "".join(formula.split()).upper().replace("_XLFN.", "")


def _same(first: str, second: str) -> bool:
    if "".join(first.split()) == "".join(second.split()):
        return True
    try:
        return Decimal(first) == Decimal(second)
    except InvalidOperation:
        return False
