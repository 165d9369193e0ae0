"""A table that is no roster: rows of a file under headings that the caller names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from ..mapping.headings import tidy
from ..types import ReadFile
from .cells import clean
from .delivering import open_files


def read_table(
    file: ReadFile, columns: Mapping[str, Sequence[str]], *, required: Sequence[str], most: int
) -> pl.DataFrame | None:
    """Rows of the first sheet that has all ``required`` columns; None when no sheet has. ``columns``: name → headings.

    The frame has every name of ``columns`` (empty where the file lacks it) and ``row_number``; rows beyond ``most`` are not
    read. Raises what reading raises for files that cannot be used.
    """
    with TemporaryDirectory(prefix="lingqu-intake-") as folder:
        for sheet in open_files([file], Path(folder)):
            width = max(map(len, sheet.head), default=0)
            for position, record in enumerate(sheet.head):
                words = [tidy(cell) for cell in record]
                at = {
                    name: next((index for index, word in enumerate(words) if word in spellings), None)
                    for name, spellings in columns.items()
                }
                if any(at[name] is None for name in required):
                    continue
                raw = [f"c{index}" for index in range(width)]
                parts, kept = [], 0
                for batch in sheet.body(position + 1, width):
                    part = clean(batch.select("row_number", *raw), raw)
                    parts.append(part)
                    kept += part.height
                    if kept > most:
                        break
                found = pl.concat(parts) if parts else pl.DataFrame(schema=dict.fromkeys(raw, pl.String))
                return found.select(
                    "row_number",
                    *(pl.lit("").alias(name) if index is None else pl.col(f"c{index}").fill_null("").alias(name)
                      for name, index in at.items()),
                )  # fmt: skip
    return None
