"""Workbooks as rows of text: .xlsx and .xls, merged cells filled in where the file says so. Small files only: one school."""

from __future__ import annotations

import re
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import fastexcel
from django.utils.translation import gettext as _

from lingqu.kernel.errors import Invalid

MOST_BYTES = 12 << 20
MOST_UNPACKED = 256 << 20
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 300, 3000, 1000
_SHEET = re.compile(rb'<sheet\b[^>]*\bname="([^"]*)"[^>]*\br:id="([^"]*)"')
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_MERGE = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
Rows = list[list[str]]


def read_sheets(name: str, data: bytes) -> list[tuple[str, Rows]]:
    """(title, rows) of every visible sheet. Raises :class:`Invalid` in one sentence for what cannot be used."""
    if not data:
        raise _refused(_("%(file)s 是空文件。") % {"file": name}, "empty")
    if len(data) > MOST_BYTES:
        raise _refused(_("%(file)s 超过 12 MB，课表不会这样大，请检查文件。") % {"file": name}, "too_large")
    merged = _merges(name, data)
    with tempfile.TemporaryDirectory(prefix="lingqu-grid-") as folder:
        path = Path(folder) / ("grid.xlsx" if data[:2] == b"PK" else "grid.xls")
        path.write_bytes(data)
        found = _loaded(name, path)
    return [(title, _filled(rows, merged.get(title, []))) for title, rows in found]


def _refused(sentence: str, code: str) -> Invalid:
    return Invalid(sentence, code=code, details={"file": sentence})


def _loaded(name: str, path: Path) -> list[tuple[str, Rows]]:
    made: list[tuple[str, Rows]] = []
    try:
        book = fastexcel.read_excel(path)
        for title in book.sheet_names[:MOST_SHEETS]:
            sheet = book.load_sheet(title, header_row=None, skip_rows=0, dtypes="string", n_rows=MOST_ROWS)
            if sheet.visible == "visible" and sheet.height:
                made.append((title, _texts(sheet)))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the reader answers some broken files with a panic, which is no Exception
        said = str(error).lower()
        if "password" in said or "encrypt" in said:
            raise _refused(_("%(file)s 有密码，请去掉密码后再上传。") % {"file": name}, "password") from error
        raise _refused(_("%(file)s 打不开，请另存为 xlsx 后再上传。") % {"file": name}, "damaged") from error
    if not made:
        raise _refused(_("%(file)s 里没有看得见的内容。") % {"file": name}, "nothing_visible")
    return made


def _texts(sheet: Any) -> Rows:
    frame = sheet.to_polars()
    return [["" if cell is None else _text(cell) for cell in row[:MOST_COLUMNS]] for row in frame.rows()]


def _text(cell: str) -> str:
    """Numbers come as 1.0; carriage returns of old programs are line breaks."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").strip()
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def _merges(name: str, data: bytes) -> dict[str, list[tuple[int, int, int, int]]]:
    """Merged ranges by sheet title (first row, first column, last row, last column; 0-based); only .xlsx says so plainly."""
    if data[:2] != b"PK":
        return {}
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise _refused(_("%(file)s 解压后会异常地大，已拒绝。") % {"file": name}, "zip_bomb")
            parts = _parts(archive)
            return {title: _ranges(archive.read(part)) for title, part in parts.items()}
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _refused(_("%(file)s 打不开，请另存为 xlsx 后再上传。") % {"file": name}, "damaged") from error


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    targets: dict[bytes, str] = {}
    for relation in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        identifier, target = re.search(rb'\bId="([^"]*)"', relation), re.search(rb'\bTarget="([^"]*)"', relation)
        if identifier and target:
            text = target[1].decode("utf-8", "replace")
            targets[identifier[1]] = text.lstrip("/") if text.startswith("/") else f"xl/{text}"
    names = set(archive.namelist())
    return {
        _unescaped(title.decode("utf-8", "replace")): targets[identifier]
        for title, identifier in _SHEET.findall(archive.read("xl/workbook.xml"))
        if targets.get(identifier) in names
    }


def _unescaped(text: str) -> str:
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(mark, sign)
    return text


def _ranges(xml: bytes) -> list[tuple[int, int, int, int]]:
    return [
        (int(top) - 1, _column(left), int(bottom) - 1, _column(right))
        for left, top, right, bottom in _MERGE.findall(xml)
    ]


def _column(letters: bytes) -> int:
    number = 0
    for sign in letters:
        number = number * 26 + sign - 64
    return number - 1


def _filled(rows: Rows, merged: list[tuple[int, int, int, int]]) -> Rows:
    """A merged cell says the same in all its places: two periods in a row, one weekday over its periods."""
    for top, left, bottom, right in merged:
        if top >= len(rows) or left >= len(rows[top]) or not rows[top][left]:
            continue
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = row[column] or rows[top][left]
    return rows
