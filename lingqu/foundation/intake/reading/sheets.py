"""One table of a file before anything is known about it: its first records, and its body in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

HEAD_RECORDS = 40
BATCH_ROWS = 100_000

Body = Callable[[int, int], Iterator[pl.DataFrame]]
"""``body(first, width)``: records from the 0-based index ``first`` on, as columns ``c0`` … and ``row_number`` (1-based)."""


@dataclass(slots=True, kw_only=True)
class Sheet:
    """``head``: the first records as text. ``is_number(column)``: where the workbook holds a number instead of text, by
    record from 0; None for files without types. ``notes``: remarks for the report as (rule, value). ``merged``: records
    from 0 in which cells begin that are merged over several rows."""

    file: str
    sheet: str
    head: list[list[str]]
    body: Body
    is_number: Callable[[int], pl.Series] | None = None
    notes: list[tuple[str, str]] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)

    @property
    def label(self) -> str:
        return f"{self.file} / {self.sheet}" if self.sheet else self.file


def numbered(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    """Columns ``c0`` … and the row number of each record; ``first`` is the 0-based index of the first record."""
    named = frame.rename({old: f"c{index}" for index, old in enumerate(frame.columns)})
    return named.with_columns(pl.int_range(first + 1, first + 1 + frame.height, dtype=pl.Int64).alias("row_number"))
