"""What spreadsheets leave in cells: blanks of every kind, leading apostrophes, ``="…"``, full-width characters, 无 and \\N."""

from __future__ import annotations

import polars as pl

NOTHING = frozenset(
    {"\\N", "无", "—", "——", "－", "-", "--", "/", "空", "NULL", "null", "Null", "N/A", "n/a", "NaN", "nan", "None", "none",
     "暂无", "未填", "（空）", "(空)", "不详", "（无）", "(无)"}
)  # fmt: skip
_SPACES = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F))
_TO_NARROW = str.maketrans(_WIDE + "\u3000", _NARROW + " ")
KEEP_WIDE = "，；：！？（）"
"""Punctuation that stays full-width inside text."""
_PAIRS = [(wide, narrow) for wide, narrow in zip(_WIDE, _NARROW, strict=True) if wide not in KEEP_WIDE]
_ODD = r"[\u{FF01}-\u{FF5E}\u{200b}-\u{200d}\u{2060}\u{feff}]|^['‘’\x60]|^=\""
_ZERO_WIDTH = r"[\u{200b}-\u{200d}\u{2060}\u{feff}]"


def clean_text(text: str) -> str:
    """One cell, as ``clean`` does it."""
    text = text.strip(_SPACES)
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    text = text.lstrip("'‘’`").strip(_SPACES)
    for mark in "\u200b\u200c\u200d\u2060\ufeff":
        text = text.replace(mark, "")
    narrow = "".join(c if c in KEEP_WIDE else c.translate(_TO_NARROW) for c in text)
    return "" if narrow in NOTHING else narrow


def clean(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """All cells of ``columns`` cleaned; "" for nothing. Costly repairs run only on columns that need them."""
    stripped = frame.with_columns(pl.col(name).fill_null("").str.strip_chars(_SPACES) for name in columns)
    odd = stripped.select(pl.col(name).str.contains(_ODD).any() for name in columns).row(0)
    repaired = [_repaired(name) for name, is_odd in zip(columns, odd, strict=True) if is_odd]
    if repaired:
        stripped = stripped.with_columns(repaired)
    return stripped.with_columns(
        pl.when(pl.col(name).is_in(NOTHING)).then(pl.lit("")).otherwise(pl.col(name)).alias(name) for name in columns
    )


def _repaired(name: str) -> pl.Expr:
    wide, narrow = zip(*_PAIRS, strict=True)
    return (
        pl.col(name)
        .str.replace(r'^="(.*)"$', "$1")
        .str.strip_chars_start("'‘’`")
        .str.replace_all(_ZERO_WIDTH, "")
        .str.replace_many(list(wide), list(narrow))
        .str.strip_chars(_SPACES)
        .alias(name)
    )
