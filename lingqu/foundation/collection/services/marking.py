"""Marking cells of a draft, its lists and the rules between its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Invalid

from ..models import Collection
from ..suggesting import suggest
from ..types.figures import FIGURES
from ..types.marks import Block, Mark, Marks, Rule
from ..types.words import CollectionState, MarkKind, ValueType
from ..workbook.formulas import FormulaError, parse_rule, refs_in
from ..workbook.grid import Layout
from ..workbook.refs import box, cells_of, key_of, ref_of, split_key
from .tracing import locked_collection, record

MOST_MARKS, MOST_RULES, MOST_ROWS, MOST_LIST_COLUMNS = 4000, 60, 500, 30


def keys_in(sheet: int, text: str) -> list[str]:
    """Keys of ``B5:D9, F2`` on a sheet. Raises :class:`Invalid`."""
    found: list[str] = []
    for part in re.split(r"[,，、\s]+", text.strip()):
        if part:
            try:
                found += [key_of(sheet, *one) for one in cells_of(box(part))]
            except ValueError as error:
                told = _("“%(part)s”不是单元格范围，请写成 B5 或 B5:D9。") % {"part": part[:20]}
                raise Invalid(told, code="bad_range", details={"range": told}) from error
    return found


@transaction.atomic
def mark_cells(*, actor: Actor, collection_id: UUID, keys: Iterable[str], mark: Mark) -> int:
    """Give cells a meaning; returns how many took it. Cells with formulas and those swallowed by a merge stay as they are."""
    collection, layout, marks = _opened(actor, collection_id)
    checked = _checked(mark)
    taken = [key for key in dict.fromkeys(keys) if _is_free(layout, key, marks.blocks)]
    marks.cells.update(dict.fromkeys(taken, checked))
    _save(actor, collection, marks, "marked", count=len(taken))
    return len(taken)


@transaction.atomic
def clear_cells(*, actor: Actor, collection_id: UUID, keys: Iterable[str]) -> int:
    """Take meanings away, of single cells and of lists that one of them belongs to."""
    collection, _layout, marks = _opened(actor, collection_id)
    wanted = set(keys)
    before = len(marks.cells) + len(marks.blocks)
    marks.cells = {key: one for key, one in marks.cells.items() if key not in wanted}
    marks.blocks = tuple(one for one in marks.blocks if not wanted & set(_keys_of(one)))
    _save(actor, collection, marks, "unmarked", count=before - len(marks.cells) - len(marks.blocks))
    return before - len(marks.cells) - len(marks.blocks)


@transaction.atomic
def mark_list(*, actor: Actor, collection_id: UUID, sheet: int, area: str, columns: Sequence[Mark]) -> None:
    """A list of one entry a row. Below the last thing on its sheet it may grow to 500 rows, else it keeps the drawn ones."""
    collection, layout, marks = _opened(actor, collection_id)
    try:
        top, left, bottom, right = box(area)
        drawn = layout.sheets[sheet - 1]
    except (ValueError, IndexError) as error:
        told = _("请选名单的范围，如 A5:F24。")
        raise Invalid(told, code="bad_range", details={"range": told}) from error
    width = right - left + 1
    if width > MOST_LIST_COLUMNS or bottom - top + 1 > MOST_ROWS or bottom > drawn.rows + MOST_ROWS:
        raise Invalid(_("名单最多 %(c)d 列、%(r)d 行。") % {"c": MOST_LIST_COLUMNS, "r": MOST_ROWS}, code="too_large")
    if any(_formula_at(layout, sheet, row, column) for row, column in cells_of((top, left, bottom, right))):
        raise Invalid(_("名单范围里有公式，请避开公式再选。"), code="formula_inside")
    checked = tuple(_checked(one) for one in columns)[:width]
    checked += (checked[-1] if checked else Mark(kind=MarkKind.LIST, type=ValueType.TEXT),) * (width - len(checked))
    below = any(
        (cell.text or cell.formula) and split_key(f"1!{ref}")[1] > bottom for ref, cell in drawn.cells.items()
    ) or any(box(one)[2] > bottom for one in drawn.merges)
    most = bottom - top + 1 if below else MOST_ROWS
    block = Block(sheet=sheet, first=top, last=bottom, left=left, columns=checked, most=most)
    inside = set(_keys_of(block))
    marks.cells = {key: one for key, one in marks.cells.items() if key not in inside}
    marks.blocks = (*(one for one in marks.blocks if not inside & set(_keys_of(one))), block)
    _save(actor, collection, marks, "list_marked", rows=most)


@transaction.atomic
def guess_again(*, actor: Actor, collection_id: UUID) -> int:
    """Marks for cells that have none yet, from the words around them."""
    collection, layout, marks = _opened(actor, collection_id)
    taken = {key for one in marks.blocks for key in _keys_of(one)}
    fresh = {key: one for key, one in suggest(layout).cells.items() if key not in marks.cells and key not in taken}
    marks.cells.update(fresh)
    _save(actor, collection, marks, "guessed", count=len(fresh))
    return len(fresh)


@transaction.atomic
def add_rule(*, actor: Actor, collection_id: UUID, rule: Rule) -> None:
    """A relation between cells, which schools are told at once when it does not hold. Raises :class:`Invalid`."""
    collection, layout, marks = _opened(actor, collection_id)
    if len(marks.rules) >= MOST_RULES:
        raise Invalid(_("最多 %(n)d 条规则。") % {"n": MOST_RULES}, code="too_many")
    understood(layout, rule)
    marks.rules = (*marks.rules, rule)
    _save(actor, collection, marks, "rule_added", rule=rule.text)


@transaction.atomic
def remove_rule(*, actor: Actor, collection_id: UUID, at: int) -> None:
    collection, _layout, marks = _opened(actor, collection_id)
    marks.rules = tuple(one for place, one in enumerate(marks.rules) if place != at)
    _save(actor, collection, marks, "rule_removed")


def understood(layout: Layout, rule: Rule) -> None:
    """Raises :class:`Invalid` for a rule that cannot be read, or that names a sheet which is not there."""
    told = ""
    try:
        tree = parse_rule(rule.text)
        titles = {one.title for one in layout.sheets}
        missing = next((name for name, _ref in refs_in(tree) if name and name not in titles), "")
        if missing:
            told = _("没有叫“%(name)s”的工作表。") % {"name": missing}
        elif not 1 <= rule.sheet <= len(layout.sheets):
            told = _("没有这张工作表。")
        elif not any(True for _one in refs_in(tree)):
            told = _("规则要提到单元格，如 C5+D5=E5。")
    except FormulaError as error:
        told = {
            "unsupported": _("第 %(at)d 个字起的函数不能用。可用 SUM、AVERAGE、MIN、MAX、COUNT、IF、AND、OR、NOT、ABS、INT、ROUND、LAST、REG。"),
            "work": _("规则太长。"),
        }.get(error.code, _("看不懂第 %(at)d 个字起的内容。规则写成 C5+D5=E5、G5<=E5 这样。")) % {"at": error.at + 1}  # fmt: skip
    if told:
        raise Invalid(told, code="bad_rule", details={"text": told})


def _opened(actor: Actor, collection_id: UUID) -> tuple[Collection, Layout, Marks]:
    collection = locked_collection(actor, collection_id, CollectionState.DRAFT)
    return collection, Layout.from_data(collection.layout), Marks.from_data(collection.marks)


def _save(actor: Actor, collection: Collection, marks: Marks, action: str, **data: object) -> None:
    if len(marks.cells) > MOST_MARKS:
        raise Invalid(_("最多标记 %(n)d 格。") % {"n": MOST_MARKS}, code="too_many")
    collection.marks = marks.as_data()
    collection.save(update_fields=["marks"])
    record(actor, action, collection, **data)


def _keys_of(block: Block) -> Iterable[str]:
    right = block.left + len(block.columns) - 1
    return (key_of(block.sheet, *one) for one in cells_of((block.first, block.left, block.last, right)))


def _formula_at(layout: Layout, sheet: int, row: int, column: int) -> bool:
    cell = layout.cell((sheet, row, column))
    return bool(cell and cell.formula)


def _is_free(layout: Layout, key: str, blocks: Sequence[Block]) -> bool:
    try:
        sheet, row, column = split_key(key)
    except ValueError:
        return False
    if not 1 <= sheet <= len(layout.sheets) or _formula_at(layout, sheet, row, column):
        return False
    drawn = layout.sheets[sheet - 1]
    if row > drawn.rows or column > drawn.columns or ref_of(row, column) in drawn.covered():
        return False
    return not any(
        one.sheet == sheet and one.first <= row <= one.last and one.left <= column < one.left + len(one.columns)
        for one in blocks
    )


def _checked(mark: Mark) -> Mark:
    """Raises :class:`Invalid` for a figure that is not on the list, bounds that are no numbers, a choice without words."""
    if mark.kind not in MarkKind.values or mark.type not in ValueType.values:
        raise Invalid(_("请选这一格的值从哪里来。"), code="bad_mark", details={"kind": _("请选这一格的值从哪里来。")})
    if mark.kind == MarkKind.FIGURE and mark.figure not in FIGURES:
        raise Invalid(_("请选名册口径。"), code="no_figure", details={"figure": _("请选名册口径。")})
    for name, bound in (("low", mark.low), ("high", mark.high)):
        try:
            if bound and not Decimal(bound).is_finite():
                raise InvalidOperation
        except InvalidOperation as error:
            told = _("范围要填数。")
            raise Invalid(told, code="bad_bound", details={name: told}) from error
    if mark.type == ValueType.CHOICE and len(mark.choices) < 2:
        told = _("请写至少两个选项，用顿号或逗号隔开。")
        raise Invalid(told, code="no_choices", details={"choices": told})
    return mark
