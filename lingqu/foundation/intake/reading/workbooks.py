"""Workbooks: .xls (BIFF), .xlsx and what WPS writes. Hidden sheets are left out and said; hidden rows are read and said."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from .biff import is_locked, remarks_of_xls
from .limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_WORKBOOK_BYTES, Unusable, refuse
from .remarks import Remarks, remarks_of_xlsx
from .sheets import HEAD_RECORDS, Sheet, numbered


def read_workbook(name: str, path: Path) -> list[Sheet]:
    """The visible sheets. Raises :class:`Unusable` for what cannot be opened."""
    if path.stat().st_size > MAX_WORKBOOK_BYTES:
        raise refuse("too_large", name, size=MAX_WORKBOOK_BYTES)
    book = _opened(name, path)
    remarks = remarks_of_xlsx(path) if zipfile.is_zipfile(path) else remarks_of_xls(path)
    for one in remarks.values():
        if one.rows * one.columns > MAX_CELLS:
            raise refuse("too_many_cells", name, rows=one.rows, columns=one.columns)
    sheets: list[Sheet] = []
    hidden: list[str] = []
    for title in book.sheet_names:
        sheet = _loaded(name, book, title, "string")
        if sheet.visible != "visible":
            hidden.append(title)
        elif sheet.height:
            sheets.append(_sheet(name, title, book, sheet.to_polars(), remarks.get(title, Remarks())))
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
        raise _refusal(name, error, path) from error


def _loaded(name: str, book: Any, title: str, dtype: str, **more: Any) -> Any:
    try:
        return book.load_sheet(title, header_row=None, skip_rows=0, dtypes=dtype, **more)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise _refusal(name, error) from error


def _refusal(name: str, error: BaseException, path: Path | None = None) -> Unusable:
    text = str(error).lower()
    locked = "password" in text or "encrypt" in text or (path is not None and is_locked(path))
    return refuse("password" if locked else "damaged", name)


def _sheet(name: str, title: str, book: Any, frame: pl.DataFrame, remarks: Remarks) -> Sheet:
    if frame.width > MAX_COLUMNS:
        filled = [column for column in frame.columns if frame[column].null_count() < frame.height]
        if len(filled) > MAX_COLUMNS:
            raise refuse("too_many_columns", name, count=len(filled), limit=MAX_COLUMNS)
        frame = frame.select(frame.columns[: frame.columns.index(filled[-1]) + 1] if filled else frame.columns[:1])
    if frame.height > MAX_ROWS:
        raise refuse("too_many_rows", name, limit=MAX_ROWS)
    frame = _with_errors(frame, remarks)
    head = [["" if cell is None else cell for cell in row] for row in frame.head(HEAD_RECORDS).rows()]

    def body(first: int, width: int) -> Iterator[pl.DataFrame]:
        wanted = (
            _unmerged(frame, remarks, first)
            .slice(first)
            .select(
                *(
                    pl.col(frame.columns[at]) if at < frame.width else pl.lit(None, pl.String).alias(f"missing{at}")
                    for at in range(width)
                )
            )
        )
        if wanted.height:
            yield numbered(wanted, first)

    def is_number(column: int) -> pl.Series:
        loaded = _loaded(name, book, title, "boolean", use_columns=[column]).to_polars()
        return loaded.to_series().is_not_null()

    merged = [top for top, _left, bottom, _right in remarks.merged if bottom > top]
    return Sheet(
        file=name, sheet=title, head=head, body=body, is_number=is_number, notes=_notes(remarks), merged=merged
    )


def _notes(remarks: Remarks) -> list[tuple[str, str]]:
    """What the report says of the sheet as a whole."""
    counts = (
        ("hidden_rows", remarks.hidden_rows), ("hidden_columns", remarks.hidden_columns), ("formulas", remarks.formulas),
    )  # fmt: skip
    return [(rule, str(count)) for rule, count in counts if count]


def _with_errors(frame: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    """Error cells as their text (``#REF!``), which the library leaves empty."""
    by_column: dict[int, dict[int, str]] = {}
    for row, column, text in remarks.errors:
        if row < frame.height and column < frame.width:
            by_column.setdefault(column, {})[row] = text
    made = {}
    for column, cells in by_column.items():
        values = frame[frame.columns[column]].to_list()
        for row, text in cells.items():
            values[row] = text
        made[frame.columns[column]] = values
    return frame.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in made.items())


def _unmerged(frame: pl.DataFrame, remarks: Remarks, first: int) -> pl.DataFrame:
    """Cells merged over several rows of the body (from ``first`` on) hold their value in each of these rows."""
    by_column: dict[int, list[tuple[int, int]]] = {}
    for top, left, bottom, _right in remarks.merged:
        if first <= top < min(bottom, frame.height) and left < frame.width:
            by_column.setdefault(left, []).append((top, min(bottom, frame.height - 1)))
    made = {}
    for column, areas in by_column.items():
        values = frame[frame.columns[column]].to_list()
        for top, bottom in areas:
            values[top + 1 : bottom + 1] = [values[top]] * (bottom - top)
        made[frame.columns[column]] = values
    return frame.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in made.items())
