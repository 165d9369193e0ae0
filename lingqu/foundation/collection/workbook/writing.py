"""Values written into the XML of a file: style, merges, widths, formulas, protection stay as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from .package import Package, S
from .refs import ref_of, split


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """``is_number``: kept as a number, so that the file's formulas count it."""

    text: str
    is_number: bool = False


@dataclass(slots=True)
class Pages:
    """What goes into one sheet: entered cells, results of its formulas, and rows that look like another (row → its
    pattern), both by (row, column)."""

    values: dict[tuple[int, int], Written | None] = field(default_factory=dict)
    results: dict[tuple[int, int], Written | None] = field(default_factory=dict)
    like: dict[int, int] = field(default_factory=dict)


def filled(package: Package, pages: Mapping[int, Pages]) -> bytes:
    """The file with these pages (by place of the sheet, from 1) written. Whoever opens it computes once more."""
    changed = {"xl/workbook.xml": _recomputing(package)}
    for at, page in pages.items():
        part = package.sheets[at - 1][2]
        root = package.tree(part)
        _write(root, page)
        changed[part] = _bytes(root)
    return package.saved(changed)


def _bytes(root: Any) -> bytes:
    made: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _recomputing(package: Package) -> bytes:
    root = package.tree("xl/workbook.xml")
    node = root.find(f"{S}calcPr")
    if node is None:
        node = etree.Element(f"{S}calcPr")
        before = [
            root.find(f"{S}{name}") for name in ("definedNames", "externalReferences", "functionGroups", "sheets")
        ]
        next(one for one in before if one is not None).addnext(node)
    node.set("fullCalcOnLoad", "1")
    return _bytes(root)


def _write(root: Any, page: Pages) -> None:
    data = root.find(f"{S}sheetData")
    rows: dict[int, Any] = {}
    at = 0
    for row in data.iterfind(f"{S}row"):
        at = int(row.get("r") or at + 1)
        rows[at] = row
    for number, pattern in sorted(page.like.items()):
        if number not in rows and pattern in rows:
            _insert(data, rows, number, _like(rows[pattern], number))
    wanted: dict[int, dict[int, tuple[Written | None, bool]]] = {}
    for (row, column), value in page.values.items():
        wanted.setdefault(row, {})[column] = (value, False)
    for (row, column), value in page.results.items():
        wanted.setdefault(row, {})[column] = (value, True)
    for number, cells in sorted(wanted.items()):
        if number not in rows:
            _insert(data, rows, number, etree.Element(f"{S}row", r=str(number)))
        _write_row(rows[number], number, cells)


def _insert(data: Any, rows: dict[int, Any], number: int, row: Any) -> None:
    later = min((one for one in rows if one > number), default=None)
    if later is None:
        data.append(row)
    else:
        rows[later].addprevious(row)
    rows[number] = row


def _like(pattern: Any, number: int) -> Any:
    """An empty row with the height and the styles of another."""
    made = etree.Element(f"{S}row", {**pattern.attrib, "r": str(number)})
    for node in pattern.iterfind(f"{S}c"):
        _row, column = split(node.get("r"))
        styled = {"s": node.get("s")} if node.get("s") else {}
        made.append(etree.Element(f"{S}c", {"r": ref_of(number, column), **styled}))
    return made


def _write_row(row: Any, number: int, cells: dict[int, tuple[Written | None, bool]]) -> None:
    known: dict[int, Any] = {}
    column = 0
    for node in row.iterfind(f"{S}c"):
        column = split(node.get("r"))[1] if node.get("r") else column + 1
        known[column] = node
    for column, (value, is_result) in sorted(cells.items()):
        node = known.get(column)
        if node is None:
            if value is None:
                continue
            row.attrib.pop("spans", None)
            node = etree.Element(f"{S}c", r=ref_of(number, column))
            later = min((one for one in known if one > column), default=None)
            if later is None:
                row.append(node)
            else:
                known[later].addprevious(node)
            known[column] = node
        _set(node, value, is_result)


def _set(node: Any, value: Written | None, is_result: bool) -> None:
    formula = node.find(f"{S}f")
    for one in list(node):
        if one is not formula or not is_result:
            node.remove(one)
    node.attrib.pop("t", None)
    node.attrib.pop("cm", None) if not is_result else None
    if value is None:
        return
    if value.is_number:
        etree.SubElement(node, f"{S}v").text = value.text
    elif is_result:
        node.set("t", "str")
        etree.SubElement(node, f"{S}v").text = _storable(value.text)
    elif value.text:
        node.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(node, f"{S}is"), f"{S}t")
        text.text = _storable(value.text)
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _storable(text: str) -> str:
    """Without the control signs that XML cannot hold."""
    return "".join(one for one in text if one >= " " or one in "\t\n")


__all__ = ["Pages", "Written", "filled"]
