"""A first guess at what each cell of an uploaded table means, from its words, frames and protection; people correct it."""

from __future__ import annotations

from .types.figures import FIGURES, PLACES, STAFF_COUNTS
from .types.marks import Mark, Marks
from .types.words import MarkKind, ValueType
from .workbook.grid import Cell, Layout, Sheet
from .workbook.refs import key_of, ref_of, split

WORDS = ("备注", "说明", "姓名", "名称", "地址", "填表人", "联系人", "负责人", "电话", "联系电话", "经办", "校长")
TOTALS = ("合计", "总计", "全校", "计")
STAGES = {"primary": "小学", "junior": "初中", "senior": "高中", "preschool": "幼儿园"}


def suggest(layout: Layout) -> Marks:
    """Empty framed cells, or the unlocked ones of a protected sheet, that have a label at their left or above."""
    marks = Marks()
    for at, sheet in enumerate(layout.sheets, 1):
        if sheet.state != "visible":
            continue
        covered = sheet.covered()
        for ref, cell in sheet.cells.items():
            if cell.formula or cell.text or ref in covered:
                continue
            if cell.locked if sheet.protected else not cell.framed:
                continue
            row, column = split(ref)
            if row in sheet.hidden_rows or column in sheet.hidden_columns:
                continue
            left, above = labels_of(sheet, row, column, covered)
            if left or above:
                marks.cells[key_of(at, row, column)] = _guess(left, above)
    return marks


def labels_of(
    sheet: Sheet, row: int, column: int, covered: dict[str, str] | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words at the left of a cell and above it, the nearest first; a merged label counts for all it spans."""
    covered = sheet.covered() if covered is None else covered

    def text(r: int, c: int) -> str:
        ref = ref_of(r, c)
        cell = sheet.cells.get(covered.get(ref, ref), Cell())
        return "" if cell.is_number or cell.formula else "".join(cell.text.split())

    left = [text(row, c) for c in range(column - 1, max(0, column - 12), -1)]
    above = [text(r, column) for r in range(row - 1, max(0, row - 40), -1)]
    return tuple(dict.fromkeys(filter(None, left))), tuple(dict.fromkeys(filter(None, above)))[:4]


def _guess(left: tuple[str, ...], above: tuple[str, ...]) -> Mark:
    nearest = left[0].rstrip("：:（章）() ") if left else ""
    for one in PLACES:
        if nearest in one.said or (nearest and nearest.split("（")[0] in one.said):
            return Mark(kind=MarkKind.FIGURE, type=ValueType.TEXT, figure=one.code, editable=False, summed=False)
    if "日期" in nearest:
        return Mark(kind=MarkKind.FILL, type=ValueType.DATE, summed=False)
    labels = (*left[:3], *above)
    stage = next((code for code, word in STAGES.items() if any(word in one for one in labels)), "")
    is_other = bool(left) and not stage and nearest not in TOTALS
    for label in (*(() if is_other else above[:1]), *left[:1]):
        for one in (*STAFF_COUNTS, *(FIGURES[code] for code in FIGURES if ":" not in code and FIGURES[code].is_number)):
            if label in one.said:
                code = f"{one.code}:{stage}" if stage and f"{one.code}:{stage}" in FIGURES else one.code
                return Mark(kind=MarkKind.FIGURE, figure=code, editable=False, low="0")
    if any(word in label for label in (*left[:1], *above[:1]) for word in WORDS):
        return Mark(kind=MarkKind.FILL, type=ValueType.TEXT, summed=False)
    if any("日期" in label for label in above[:1]):
        return Mark(kind=MarkKind.FILL, type=ValueType.DATE, summed=False)
    return Mark(kind=MarkKind.FILL, low="0")
