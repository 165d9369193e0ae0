"""Cell addresses. A key is ``2!C5``: the second sheet of the file, column C, row 5."""

from __future__ import annotations

import re
from collections.abc import Iterator

CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
MOST_CELLS = 20_000


def column_number(letters: str) -> int:
    """``A`` is 1."""
    found = 0
    for letter in letters.upper():
        found = found * 26 + ord(letter) - 64
    return found


def column_name(number: int) -> str:
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def split(ref: str) -> tuple[int, int]:
    """``C5`` → (row, column). Raises ValueError."""
    found = CELL.fullmatch(ref)
    if found is None:
        raise ValueError(ref)
    return int(found[2]), column_number(found[1])


def ref_of(row: int, column: int) -> str:
    return f"{column_name(column)}{row}"


def key_of(sheet: int, row: int, column: int) -> str:
    return f"{sheet}!{ref_of(row, column)}"


def split_key(key: str) -> tuple[int, int, int]:
    """``2!C5`` → (sheet, row, column). Raises ValueError."""
    sheet, mark, ref = key.partition("!")
    if not mark or not sheet.isascii() or not sheet.isdigit() or len(sheet) > 3:
        raise ValueError(key)
    return (int(sheet), *split(ref))


def box(text: str) -> tuple[int, int, int, int]:
    """``B2:D9`` or ``B2`` → (first row, first column, last row, last column). Raises ValueError."""
    first, _colon, last = text.strip().partition(":")
    top, left = split(first)
    bottom, right = split(last or first)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)


def cells_of(area: tuple[int, int, int, int]) -> Iterator[tuple[int, int]]:
    """(row, column) of an area, row by row. Raises ValueError for one too large to mean anything."""
    top, left, bottom, right = area
    if (bottom - top + 1) * (right - left + 1) > MOST_CELLS:
        raise ValueError("area")
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield row, column
