"""A sheet as rows of cells for a page: spans, what is hidden left out, marks and values in their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .computing import Table
from .suggesting import labels_of
from .types.figures import label_of
from .types.marks import Block, Mark
from .types.words import MarkKind
from .workbook.grid import Cell
from .workbook.refs import box, cells_of, column_name, key_of, ref_of

MOST_DRAWN = 6000
SPARE_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """``tone``: fill figure last constant list formula plain; ``name`` says where it stands, for readers by ear."""

    ref: str
    key: str
    text: str = ""
    tone: str = "plain"
    across: int = 1
    down: int = 1
    bold: bool = False
    align: str = ""
    mark: Mark | None = None
    value: str = ""
    former: str = ""
    problem: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[int, tuple[Drawn, ...]], ...]
    is_cut: bool = False


def draw(
    table: Table,
    at: int,
    values: Mapping[str, Any] | None = None,
    *,
    results: Mapping[Any, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    last: Mapping[str, Any] | None = None,
    spare: bool = False,
) -> Grid:
    """One sheet. With ``values`` as a school sees it, without them as it is marked. ``spare``: empty rows for a list."""
    pen = _Pen(table, at, values, results or {}, problems or {}, last or {})
    sheet = table.layout.sheets[at - 1]
    bottom = max([sheet.rows, *(pen.bottom_of(one, spare) for one in table.marks.blocks if one.sheet == at)])
    shown = [c for c in range(1, sheet.columns + 1) if c not in sheet.hidden_columns]
    rows: list[tuple[int, tuple[Drawn, ...]]] = []
    count = 0
    for row in range(1, bottom + 1):
        if row in sheet.hidden_rows:
            continue
        cells = tuple(pen.cell(row, column, shown) for column in shown if ref_of(row, column) not in pen.covered)
        count += len(cells)
        if count > MOST_DRAWN:
            return Grid(columns=_columns(sheet.widths, shown), rows=tuple(rows), is_cut=True)
        rows.append((row, cells))
    return Grid(columns=_columns(sheet.widths, shown), rows=tuple(rows))


def _columns(widths: Mapping[int, float], shown: list[int]) -> tuple[tuple[str, int], ...]:
    """(letter, width in pixels)."""
    return tuple((column_name(c), min(320, max(56, int(widths.get(c, 9) * 7 + 5)))) for c in shown)


class _Pen:
    def __init__(
        self, table: Table, at: int, values: Mapping[str, Any] | None, results: Mapping[Any, Any],
        problems: Mapping[str, str], last: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.table, self.at, self.values, self.results = table, at, values, results
        self.problems, self.last = problems, last
        self.sheet = table.layout.sheets[at - 1]
        self.covered = self.sheet.covered()
        self.spans = {ref_of(area[0], area[1]): area for area in map(box, self.sheet.merges)}
        self.listed = {
            one: (block, one[0] - block.first, one[1] - block.left)
            for block in table.marks.blocks
            if block.sheet == at
            for one in cells_of(
                (block.first, block.left, self.bottom_of(block, True), block.left + len(block.columns) - 1)
            )
        }

    def bottom_of(self, block: Block, spare: bool) -> int:
        if self.values is None:
            return block.last
        held = len(self.values.get(block.key) or ())
        wanted = block.first + held - 1 + (SPARE_ROWS if spare else 0)
        return max(block.last, min(wanted, block.first + block.most - 1))

    def cell(self, row: int, column: int, shown: list[int]) -> Drawn:
        ref = ref_of(row, column)
        held = self.sheet.cells.get(ref, Cell())
        area = self.spans.get(ref)
        across = sum(area[1] <= c <= area[3] for c in shown) if area else 1
        down = sum(r not in self.sheet.hidden_rows for r in range(area[0], area[2] + 1)) if area else 1
        key = key_of(self.at, row, column)
        look: dict[str, Any] = {
            "across": across,
            "down": down,
            "bold": held.bold,
            "align": held.align,
            "ref": ref,
            "key": key,
        }
        if held.formula:
            return Drawn(**look, tone="formula", **self._result(row, column, held))
        if (row, column) in self.listed:
            block, deep, wide = self.listed[row, column]
            rows = (self.values or {}).get(block.key) or []
            value = rows[deep][wide] if deep < len(rows) and wide < len(rows[deep]) else ""
            listed = block.columns[wide]
            return Drawn(
                **look, tone="list", mark=listed, value=value, text=self._sign(listed), name=self._name(block.first, column, ref),
                problem=self.problems.get(key, ""),
            )  # fmt: skip
        mark = self.table.marks.cells.get(key)
        if mark is None:
            return Drawn(**look, text=held.text)
        value = mark.text if mark.kind == MarkKind.CONSTANT else str((self.values or {}).get(key, ""))
        return Drawn(
            **look, tone=str(mark.kind), mark=mark, value=value, text=self._sign(mark), name=self._name(row, column, ref),
            former=str(self.last.get(key, "")), problem=self.problems.get(key, ""),
        )  # fmt: skip

    def _result(self, row: int, column: int, held: Cell) -> dict[str, Any]:
        if self.values is None:
            return {"text": f"={held.formula}"}
        found = self.results.get((self.at, row, column))
        return {"text": found[0] if found else "—", "value": found[0] if found else ""}

    def _sign(self, mark: Mark) -> str:
        """What a marked cell says while the table is defined."""
        if mark.kind == MarkKind.FIGURE:
            return label_of(mark.figure)
        return mark.text if mark.kind == MarkKind.CONSTANT else str(MarkKind(mark.kind).label)

    def _name(self, row: int, column: int, ref: str) -> str:
        left, above = labels_of(self.sheet, row, column, self.covered)
        return " ".join([ref, *left[:1], *above[:2]])
