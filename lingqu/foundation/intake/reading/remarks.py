"""What a workbook says beside its values: hidden rows and columns, formulas, error cells, merged cells. Here .xlsx."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from .limits import MAX_SHEET_XML_BYTES

MOST_PLACES = 200_000
"""Error cells and merged areas that are kept of one sheet."""
BLOCK = 1 << 20
MOST_OPEN = 8 << 20
_ROW = re.compile(rb'<row\b(?:[^>]*?\br="(\d{1,9})")?')
_FAR = re.compile(rb'<c\b[^>]*?\br="([A-Z]{2,3})\d')
_HIDDEN_ROW = re.compile(rb'<row\b[^>]*\bhidden="(?:1|true)"')
_HIDDEN_COLUMN = re.compile(rb'<col\b[^>]*\bhidden="(?:1|true)"[^>]*>')
_FORMULA = re.compile(rb"<f[ >/]")
_ERROR = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]{1,20})</v>'
)
_MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")


@dataclass(slots=True)
class Remarks:
    """``rows`` and ``columns``: how far the sheet reaches (columns only as far as it matters, beyond the 26th).
    ``errors``: (row, column, text) of cells that hold an error; ``merged``: (first row, first column, last row, last
    column). All from 0."""

    rows: int = 0
    columns: int = 26
    hidden_rows: int = 0
    hidden_columns: int = 0
    formulas: int = 0
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def remarks_of_xlsx(path: Path) -> dict[str, Remarks]:
    """By sheet title; empty where the parts of the file cannot be found."""
    with zipfile.ZipFile(path) as archive:
        return {title: _read(archive, part) for title, part in _parts(archive).items()}


def column_of(letters: str) -> int:
    """``A`` → 0, ``AA`` → 26."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    try:
        book = archive.read("xl/workbook.xml")
        relations = archive.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return {}
    targets: dict[str, str] = {}
    for relation in _RELATION.findall(relations):
        target = _attribute(relation, b"Target")
        targets[_attribute(relation, b"Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    names = set(archive.namelist())
    found = {}
    for sheet in _SHEET.findall(book):
        part = targets.get(_attribute(sheet, rb"\w+:id"), "")
        if part in names:
            found[unescape(_attribute(sheet, b"name"))] = part
    return found


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb'="([^"]*)"', tag)
    return found[1].decode("utf-8", "replace") if found else ""


def _read(archive: zipfile.ZipFile, part: str) -> Remarks:
    """One pass over the sheet in blocks that end between rows, so that no cell is cut."""
    made, seen, rest = Remarks(), 0, b""
    with archive.open(part) as handle:
        while block := handle.read(BLOCK):
            seen += len(block)
            if seen > MAX_SHEET_XML_BYTES:
                break
            text = rest + block
            cut = text.rfind(b"<row")
            if cut <= 0:
                if len(text) < MOST_OPEN:
                    rest = text
                    continue
                cut = max(text.rfind(b"<"), 1)
            _take(made, text[:cut])
            rest = text[cut:]
    _take(made, rest)
    return made


def _take(made: Remarks, text: bytes) -> None:
    numbers = _ROW.findall(text)
    made.rows = max(made.rows + len(numbers), *(int(number) for number in numbers if number), 0)
    for letters in set(_FAR.findall(text)):
        made.columns = max(made.columns, column_of(letters.decode()) + 1)
    made.hidden_rows += len(_HIDDEN_ROW.findall(text))
    made.formulas += len(_FORMULA.findall(text))
    for column in _HIDDEN_COLUMN.findall(text):
        first, last = _attribute(column, b"min"), _attribute(column, b"max")
        if first.isdigit() and last.isdigit() and len(last) < 6:
            made.hidden_columns += max(0, min(int(last), 16_384) - int(first) + 1)
    for letters, row, said in _ERROR.findall(text)[: MOST_PLACES - len(made.errors)]:
        made.errors.append((int(row) - 1, column_of(letters.decode()), unescape(said.decode("utf-8", "replace"))))
    for left, top, right, bottom in _MERGED.findall(text)[: MOST_PLACES - len(made.merged)]:
        made.merged.append((int(top) - 1, column_of(left.decode()), int(bottom) - 1, column_of(right.decode())))
