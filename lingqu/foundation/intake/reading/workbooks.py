"""Workbooks: .xls (BIFF), .xlsx and what WPS writes. Hidden sheets are left out and said; hidden rows are read and said."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from .limits import MAX_COLUMNS, MAX_ROWS, MAX_SHEET_XML_BYTES, MAX_WORKBOOK_BYTES, Unusable, refuse
from .sheets import HEAD_RECORDS, Sheet, numbered

_HIDDEN_ROW = re.compile(rb'<row\b[^>]*\bhidden="(?:1|true)"')
_FORMULA = re.compile(rb"<f[ >/]")
_SHEET = re.compile(rb'<sheet\b[^>]*\bname="([^"]*)"[^>]*\br:id="([^"]*)"')
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_TAIL = 4096


def read_workbook(name: str, path: Path) -> list[Sheet]:
    """The visible sheets. Raises :class:`Unusable` for what cannot be opened."""
    if path.stat().st_size > MAX_WORKBOOK_BYTES:
        raise refuse("too_large", name, size=MAX_WORKBOOK_BYTES)
    book = _opened(name, path)
    remarks = _remarks(path)
    sheets: list[Sheet] = []
    hidden: list[str] = []
    for title in book.sheet_names:
        sheet = _loaded(name, book, title, "string")
        if sheet.visible != "visible":
            hidden.append(title)
        elif sheet.height:
            sheets.append(_sheet(name, title, book, sheet.to_polars(), remarks.get(title, [])))
    if not sheets:
        raise refuse("nothing_visible", name)
    sheets[0].notes += [("hidden_sheet", title) for title in hidden]
    return sheets


def _opened(name: str, path: Path) -> Any:
    try:
        return fastexcel.read_excel(path)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise _refusal(name, error) from error


def _loaded(name: str, book: Any, title: str, dtype: str, **more: Any) -> Any:
    try:
        return book.load_sheet(title, header_row=None, skip_rows=0, dtypes=dtype, **more)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise _refusal(name, error) from error


def _refusal(name: str, error: BaseException) -> Unusable:
    text = str(error).lower()
    return refuse("password" if "password" in text or "encrypt" in text else "damaged", name)


def _sheet(name: str, title: str, book: Any, frame: pl.DataFrame, notes: list[tuple[str, str]]) -> Sheet:
    if frame.width > MAX_COLUMNS:
        filled = [column for column in frame.columns if frame[column].null_count() < frame.height]
        if len(filled) > MAX_COLUMNS:
            raise refuse("too_many_columns", name, count=len(filled), limit=MAX_COLUMNS)
        frame = frame.select(frame.columns[: frame.columns.index(filled[-1]) + 1] if filled else frame.columns[:1])
    if frame.height > MAX_ROWS:
        raise refuse("too_many_rows", name, limit=MAX_ROWS)
    head = [["" if cell is None else cell for cell in row] for row in frame.head(HEAD_RECORDS).rows()]

    def body(first: int, width: int) -> Iterator[pl.DataFrame]:
        wanted = frame.slice(first).select(
            *(
                pl.col(frame.columns[at]) if at < frame.width else pl.lit(None, pl.String).alias(f"missing{at}")
                for at in range(width)
            )
        )
        if wanted.height:
            yield numbered(wanted, first)

    def is_number(column: int) -> pl.Series:
        loaded = _loaded(name, book, title, "boolean", use_columns=[column]).to_polars()
        return loaded.to_series().is_not_null()

    return Sheet(file=name, sheet=title, head=head, body=body, is_number=is_number, notes=list(notes))


def _remarks(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Counts of hidden rows and formulas by sheet title; only .xlsx says so in plain sight."""
    if not zipfile.is_zipfile(path):
        return {}
    found: dict[str, list[tuple[str, str]]] = {}
    with zipfile.ZipFile(path) as archive:
        for title, part in _parts(archive).items():
            hidden, formulas = _counted(archive, part)
            notes = [(rule, str(count)) for rule, count in (("hidden_rows", hidden), ("formulas", formulas)) if count]
            if notes:
                found[title] = notes
    return found


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    try:
        book = archive.read("xl/workbook.xml")
        relations = archive.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return {}
    targets: dict[bytes, str] = {}
    for relation in _RELATION.findall(relations):
        identifier = re.search(rb'\bId="([^"]*)"', relation)
        target = re.search(rb'\bTarget="([^"]*)"', relation)
        if identifier and target:
            text = target[1].decode("utf-8", "replace")
            targets[identifier[1]] = text.lstrip("/") if text.startswith("/") else f"xl/{text}"
    names = set(archive.namelist())
    return {
        title.decode("utf-8", "replace"): targets[identifier]
        for title, identifier in _SHEET.findall(book)
        if targets.get(identifier) in names
    }


def _counted(archive: zipfile.ZipFile, part: str) -> tuple[int, int]:
    hidden = formulas = seen = 0
    tail = b""
    with archive.open(part) as handle:
        while block := handle.read(1 << 20):
            seen += len(block)
            if seen > MAX_SHEET_XML_BYTES:
                break
            cut = block.rfind(b"<") if len(block) > _TAIL else len(block)
            text, tail = tail + block[:cut], block[cut:]
            hidden += len(_HIDDEN_ROW.findall(text))
            formulas += len(_FORMULA.findall(text))
    return hidden + len(_HIDDEN_ROW.findall(tail)), formulas + len(_FORMULA.findall(tail))
