"""One table with the values of one school, or with sums: results of its formulas, and what is wrong, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .types.marks import Block, Mark, Marks, cleaned
from .types.words import Level, MarkKind, ValueType
from .workbook.formulas import Cells, FormulaError, Tree, Value, evaluate, number, parse, parse_rule, plain
from .workbook.grid import Layout
from .workbook.refs import key_of, ref_of, split, split_key

Values = Mapping[str, Any]
"""Cell key → text; key of a list → rows of texts."""
MOST_TOLD, DEEPEST_CHAIN = 60, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """``key``: the cell; ``where``: ``基本情况 C5``; ``level``: block or warn."""

    key: str
    where: str
    text: str
    level: str = Level.BLOCK.value


@dataclass(slots=True)
class Table:
    """A layout with its marks; the trees of its formulas are parsed once."""

    layout: Layout
    marks: Marks
    trees: dict[tuple[int, int, int], Tree | None] = field(default_factory=dict)
    rules: list[tuple[int, Tree]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for at, sheet in enumerate(self.layout.sheets, 1):
            for ref, cell in sheet.cells.items():
                if cell.formula:
                    row, column = split(ref)
                    try:
                        self.trees[at, row, column] = parse(cell.formula)
                    except FormulaError:
                        self.trees[at, row, column] = None
        self.rules = [(one.sheet, parse_rule(one.text)) for one in self.marks.rules]

    @property
    def sheets(self) -> dict[str, int]:
        return {one.title: at for at, one in enumerate(self.layout.sheets, 1)}

    def where(self, key: str) -> str:
        """``基本情况 C5``."""
        sheet, row, column = split_key(key)
        return f"{self.layout.sheets[sheet - 1].title} {ref_of(row, column)}"


class Computed:
    """Values of every cell, formulas computed when asked; what cannot be computed is None."""

    def __init__(self, table: Table, values: Values, prefill: Values | None = None, last: Values | None = None) -> None:
        self.table, self.known = table, dict(_entered(table, values))
        self.results: dict[tuple[int, int, int], Value] = {}
        self.running: set[tuple[int, int, int]] = set()
        self.cells = Cells(
            find=self.find, sheets=table.sheets, last=self._former(last or {}), register=self._former(prefill or {})
        )

    def _former(self, values: Values) -> Any:
        held = dict(_entered(self.table, values))
        return lambda *place: held.get(place)

    def find(self, sheet: int, row: int, column: int) -> Value:
        place = (sheet, row, column)
        if place in self.table.trees:
            return self.result(place)
        return self.known.get(place)

    def result(self, place: tuple[int, int, int]) -> Value:
        if place in self.results:
            return self.results[place]
        tree = self.table.trees[place]
        if tree is None:
            raise FormulaError("unsupported")
        if place in self.running or len(self.running) > DEEPEST_CHAIN:
            raise FormulaError("cycle")
        self.running.add(place)
        try:
            self.results[place] = evaluate(tree, self.cells, place[0])
        finally:
            self.running.discard(place)
        return self.results[place]

    def shown(self) -> dict[tuple[int, int, int], tuple[str, bool] | None]:
        """Every formula → (text, is a number); None where only a spreadsheet can tell."""
        found: dict[tuple[int, int, int], tuple[str, bool] | None] = dict.fromkeys(self.table.trees)
        left, before = list(found), -1
        while left and len(left) != before:
            before = len(left)
            for place in left:
                try:
                    value = self.result(place)
                    found[place] = (plain(value), isinstance(value, Decimal))
                except FormulaError:
                    continue
            left = [place for place in left if found[place] is None]
        return found


def _entered(table: Table, values: Values) -> Iterator[tuple[tuple[int, int, int], Value]]:
    for at, sheet in enumerate(table.layout.sheets, 1):
        for ref, cell in sheet.cells.items():
            if cell.text and not cell.formula:
                row, column = split(ref)
                yield (at, row, column), Decimal(cell.text) if cell.is_number else cell.text
    for key, mark in table.marks.cells.items():
        yield split_key(key), typed(mark, mark.text if mark.kind == MarkKind.CONSTANT else str(values.get(key, "")))
    for block in table.marks.blocks:
        rows = values.get(block.key, [])
        for down in range(max(len(rows), block.last - block.first + 1)):
            for across, mark in enumerate(block.columns):
                text = rows[down][across] if down < len(rows) and across < len(rows[down]) else ""
                yield (block.sheet, block.first + down, block.left + across), typed(mark, text)


def typed(mark: Mark, text: str) -> Value:
    """A kept value as formulas see it."""
    if not text:
        return None
    if mark.is_number:
        try:
            return number(text)
        except FormulaError:
            return text
    return text


def entered(table: Table, given: Values, prefill: Values) -> tuple[dict[str, Any], list[Problem]]:
    """What a school entered, as it is kept, with what is wrong in single cells. Cells it may not change keep the prefilled
    value, whatever was sent; nothing else is kept."""
    kept: dict[str, Any] = {}
    told: list[Problem] = []
    for key, mark in table.marks.cells.items():
        if mark.kind == MarkKind.CONSTANT:
            continue
        text = str(given.get(key, "")) if mark.is_open else str(prefill.get(key, ""))
        value, wrong = cleaned(mark, text)
        if value:
            kept[key] = value
        if wrong and mark.is_open:
            told.append(Problem(key=key, where=table.where(key), text=wrong))
    for block in table.marks.blocks:
        rows, wrong_rows = _rows(table, block, given.get(block.key) or [])
        if rows:
            kept[block.key] = rows
        told += wrong_rows
    return kept, told


def _rows(table: Table, block: Block, given: list[list[str]]) -> tuple[list[list[str]], list[Problem]]:
    """Rows without empty ones, in order; positions in messages are those of the page."""
    rows, told = [], []
    for down, line in enumerate(given):
        texts = [str(one) for one in line[: len(block.columns)]] + [""] * (len(block.columns) - len(line))
        if not any(one.strip() for one in texts):
            continue
        kept = []
        for across, (mark, text) in enumerate(zip(block.columns, texts, strict=True)):
            key = key_of(block.sheet, block.first + down, block.left + across)
            value, wrong = cleaned(mark, text)
            wrong = wrong or (_("这一行要填这一格。") if mark.required and not value else "")
            if wrong:
                told.append(Problem(key=key, where=table.where(key), text=wrong))
            kept.append(value)
        rows.append(kept)
    if len(rows) > block.most:
        key = key_of(block.sheet, block.first, block.left)
        told.append(
            Problem(key=key, where=table.where(key), text=_("最多 %(n)d 行，现在是 %(m)d 行。") % {"n": block.most, "m": len(rows)})
        )  # fmt: skip
    return rows, told


def problems(table: Table, values: Values, prefill: Values | None = None, last: Values | None = None) -> list[Problem]:
    """Everything that a report must not have (block) or must explain (warn): single cells, missing ones, rules."""
    told: list[Problem] = []
    for key, mark in table.marks.cells.items():
        if mark.kind == MarkKind.CONSTANT:
            continue
        text = str(values.get(key, ""))
        wrong = cleaned(mark, text)[1]
        if not text and mark.required:
            wrong = _("这一格必填。")
        if wrong:
            told.append(Problem(key=key, where=table.where(key), text=wrong))
    for block in table.marks.blocks:
        told += _rows(table, block, values.get(block.key) or [])[1]
    return told[:MOST_TOLD] + _broken_rules(table, values, prefill, last)


def _broken_rules(table: Table, values: Values, prefill: Values | None, last: Values | None) -> list[Problem]:
    computed = Computed(table, values, prefill, last)
    told = []
    for rule, (sheet, tree) in zip(table.marks.rules, table.rules, strict=True):
        try:
            holds = evaluate(tree, computed.cells, sheet) is True
            detail = ""
        except FormulaError:
            holds, detail = False, _("（算不出来，请检查相关的格）")
        if holds:
            continue
        title = table.layout.sheets[sheet - 1].title
        told.append(
            Problem(
                key=f"{sheet}!", where=f"{title} {rule.text}", level=rule.level,
                text=(rule.told or _("不符合格间规则。")) + (_compared(tree, computed, sheet) or detail),
            )
        )  # fmt: skip
    return told


def _compared(tree: Tree, computed: Computed, sheet: int) -> str:
    """``（左 12，右 13）`` for a rule that compares two numbers."""
    if tree[0] != "op":
        return ""
    try:
        left, right = (evaluate(one, computed.cells, sheet) for one in (tree[2], tree[3]))
    except FormulaError:
        return ""
    return _("（左边 %(left)s，右边 %(right)s）") % {"left": plain(left) or "—", "right": plain(right) or "—"}


def count_open(marks: Marks) -> int:
    return sum(one.is_open for one in marks.cells.values())


def count_filled(marks: Marks, values: Values) -> int:
    return sum(one.is_open and bool(values.get(key)) for key, one in marks.cells.items())


def day_marks(marks: Marks) -> set[str]:
    return {key for key, one in marks.cells.items() if one.type == ValueType.DATE}
