"""Cells that leave the platform: nothing that somebody typed may act as a formula in the reader's spreadsheet."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL = 32_000


def harmless(value: object) -> str:
    """Text that a spreadsheet shows and never runs: an apostrophe before what it could take for a formula. For every
    cell of every XLSX and CSV that is handed out; reading a roster takes the apostrophe off again."""
    text = "" if value is None else str(value)[:LONGEST_CELL]
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
