"""Workbooks that we write: blank templates with code lists, and reports that can be corrected and uploaded again.

Nothing written can act as a formula: every cell is text, and text that a spreadsheet could run gets an apostrophe, which
reading takes off again.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from lingqu.kernel.spreadsheets import harmless

GUIDE, CODES, LIST, SUMMARY = "填写说明", "代码表", "问题清单", "汇总"
OWN_SHEETS = frozenset({GUIDE, CODES, LIST, SUMMARY})
"""Sheets of our own workbooks that are no rosters; reading passes over them."""
_TITLE = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")


class Book:
    """A workbook under construction."""

    def __init__(self, target: Any = None) -> None:
        self.buffer = io.BytesIO() if target is None else target
        self.book = xlsxwriter.Workbook(
            self.buffer,
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "in_memory": target is None,
            },
        )
        self._titles: set[str] = set()
        self.formats = {
            "head": self.book.add_format(
                {"bold": True, "bg_color": "#E6F1F2", "border": 1, "text_wrap": True, "valign": "top"}
            ),
            "required": self.book.add_format(
                {"bold": True, "bg_color": "#FBE3C0", "border": 1, "text_wrap": True, "valign": "top"}
            ),
            "text": self.book.add_format({"num_format": "@"}),
            "bad": self.book.add_format({"bg_color": "#FBE3DF", "num_format": "@"}),
            "note": self.book.add_format({"text_wrap": True, "valign": "top"}),
            "title": self.book.add_format({"bold": True, "font_size": 14}),
        }

    def sheet(self, title: str) -> Any:
        """A sheet with a legal and unused title."""
        base = _TITLE.sub("_", title).strip() or "Sheet"
        name, number = base[:31], 1
        while name.casefold() in self._titles:
            number += 1
            ending = f"({number})"
            name = base[: 31 - len(ending)] + ending
        self._titles.add(name.casefold())
        return self.book.add_worksheet(name)

    def write_row(self, sheet: Any, row: int, values: Iterable[object], style: str = "text") -> None:
        """Empty cells are left out; whoever gives rows to be filled in gives their columns a format."""
        shape = self.formats[style]
        for column, value in enumerate(values):
            if text := harmless(value):
                sheet.write_string(row, column, text, shape)

    def close(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue() if isinstance(self.buffer, io.BytesIO) else b""


def widths(sheet: Any, rows: Sequence[Sequence[object]], *, most: int = 40) -> None:
    """Column widths by the longest of the given rows; a Chinese character counts two."""
    if not rows:
        return
    for column in range(max(map(len, rows))):
        longest = max((_width(str(row[column])) for row in rows if column < len(row)), default=8)
        sheet.set_column(column, column, min(most, max(8, longest + 2)))


def _width(text: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in text)
