"""The entry: files as handed in → one delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from ..oneroster import is_set, read_bundle
from ..rosters import read_rosters
from ..types import Delivery, Lookup, ReadFile
from .archives import ZIP, check_archive, kind_of, unpack
from .cells import clean
from .csvs import read_csv
from .limits import Unusable, refuse
from .sheets import Sheet
from .workbooks import read_workbook


def read_delivery(
    files: Sequence[ReadFile],
    *,
    lookup: Lookup,
    mapping: Mapping[str, Any] | None = None,
    workspace: Path | None = None,
) -> Delivery:
    """Read and check everything. What cannot be used at all comes back as a delivery with a ``refusal``.

    ``mapping``: digest of headings → ``{"kind": …, "columns": […]}`` confirmed by a person. ``workspace``: a folder for
    temporary copies.
    """
    try:
        with TemporaryDirectory(prefix="lingqu-intake-", dir=workspace) as folder:
            sheets = open_files(files, Path(folder))
            if is_set(sheets):
                return read_bundle(sheets, lookup=lookup)
            return read_rosters(sheets, lookup=lookup, mapping=mapping or {})
    except Unusable as error:
        return Delivery(refusal=error.message, refusal_code=error.code)


def open_files(files: Sequence[ReadFile], workspace: Path) -> list[Sheet]:
    """All sheets of all files; nothing of their bodies is read yet."""
    if not files:
        raise refuse("empty", "")
    for file in files:
        if not file.path.exists():
            raise refuse("damaged", file.name)
    sheets: list[Sheet] = []
    for file in unpack(files, workspace):
        if kind_of(file.path) == "workbook":
            with file.path.open("rb") as handle:
                is_zip = handle.read(4) == ZIP
            if is_zip:
                check_archive(file.name, file.path)
            sheets += read_workbook(file.name, file.path)
        elif file.path.stat().st_size:
            sheets.append(read_csv(file.name, file.path, workspace))
        elif len(files) == 1:
            raise refuse("empty", file.name)
    if not sheets:
        raise refuse("zip_empty", files[0].name)
    return sheets


def rows_of_file(
    files: Sequence[ReadFile],
    wanted: Mapping[tuple[str, str], Sequence[int]],
    header_rows: Mapping[tuple[str, str], int],
) -> dict[tuple[str, str], pl.DataFrame]:
    """Rows as they stand in the files, for the report: (file, sheet) → ``row_number`` and the cells, headings as names.

    ``header_rows``: number of the heading row of each sheet.
    """
    found: dict[tuple[str, str], pl.DataFrame] = {}
    with TemporaryDirectory(prefix="lingqu-intake-") as folder:
        for sheet in open_files(files, Path(folder)):
            place = (sheet.file, sheet.sheet)
            if place not in wanted or place not in header_rows:
                continue
            width = max(map(len, sheet.head), default=0)
            raw = [f"c{index}" for index in range(width)]
            rows = sorted(set(wanted[place]))
            parts = [
                clean(batch.filter(pl.col("row_number").is_in(rows)).select("row_number", *raw), raw)
                for batch in sheet.body(header_rows[place], width)
            ]
            parts = [part for part in parts if part.height]
            if parts:
                found[place] = pl.concat(parts)
    return found


def count_rows_of(delivery: Delivery) -> int:
    """Data rows of all files."""
    return sum(delivery.rows.values())
