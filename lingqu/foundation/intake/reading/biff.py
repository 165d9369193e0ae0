"""The remarks of an old workbook (.xls, BIFF8 in a compound file): hidden rows and columns, formulas, errors, merges.

Values are read by the workbook library; here only the record stream is walked, with every length checked. What cannot be
followed gives no remarks: they are help, not data.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from .remarks import MOST_PLACES, Remarks

FILEPASS = 0x002F
BOUNDSHEET, FORMULA, BOOLERR, ROW, COLINFO, MERGED, EOF = 0x0085, 0x0006, 0x0205, 0x0208, 0x007D, 0x00E5, 0x000A
ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
FREE = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""
NAMES = ("Workbook", "Book")


def remarks_of_xls(path: Path) -> dict[str, Remarks]:
    """By sheet title."""
    try:
        stream = _stream(path.read_bytes())
        return {title: _read(stream, start) for title, start in _sheets(stream)}
    except (struct.error, IndexError, ValueError, UnicodeDecodeError):
        return {}


def is_locked(path: Path) -> bool:
    """Whether a compound file asks for a password: a sealed .xlsx inside, or a workbook that says so at its start."""
    data = path.read_bytes()
    if not data.startswith(b"\xd0\xcf\x11\xe0"):
        return False
    if "EncryptedPackage".encode("utf-16-le") in data:
        return True
    try:
        return any(kind == FILEPASS for kind, _body in islice(_records(_stream(data), 0), 20))
    except (struct.error, IndexError, ValueError, UnicodeDecodeError):
        return False


def _stream(data: bytes) -> bytes:
    """The workbook's stream of a compound file."""
    sector = 1 << struct.unpack_from("<H", data, 30)[0]
    fat_sectors, directory, _, mini_from, _, _, difat, _ = struct.unpack_from("<8I", data, 44)
    if not 512 <= sector <= 4096 or fat_sectors > len(data) // sector + 1:
        raise ValueError("no compound file")

    def block(number: int) -> bytes:
        return data[(number + 1) * sector : (number + 2) * sector]

    places = list(struct.unpack_from("<109I", data, 76))
    while difat < FREE and len(places) < fat_sectors:
        more = struct.unpack_from(f"<{sector // 4}I", block(difat))
        places += more[:-1]
        difat = more[-1]
    table = b"".join(block(place) for place in places[:fat_sectors] if place < FREE)
    fat = struct.unpack(f"<{len(table) // 4}I", table)

    def chain(first: int) -> bytes:
        parts, seen = [], 0
        while first < FREE and seen <= len(fat):
            parts.append(block(first))
            first, seen = fat[first], seen + 1
        return b"".join(parts)

    entries = chain(directory)
    for at in range(0, len(entries) - 127, 128):
        length = struct.unpack_from("<H", entries, at + 64)[0]
        name = entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le")
        if name in NAMES:
            first, size = struct.unpack_from("<II", entries, at + 116)
            if size < mini_from:
                raise ValueError("a workbook in the mini stream has no rows worth a remark")
            return chain(first)[:size]
    raise ValueError("no workbook")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        if kind == EOF:
            return
        at += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    for kind, body in _records(stream, 0):
        if kind == BOUNDSHEET:
            start, _state, length, wide = struct.unpack_from("<IHBB", body)
            raw = body[8 : 8 + length * (2 if wide & 1 else 1)]
            yield raw.decode("utf-16-le" if wide & 1 else "latin-1"), start


def _read(stream: bytes, start: int) -> Remarks:
    made = Remarks()
    for kind, body in _records(stream, start):
        if kind == ROW:
            made.hidden_rows += bool(struct.unpack_from("<H", body, 12)[0] & 0x20)
        elif kind == COLINFO:
            first, last, _width, _style, flags = struct.unpack_from("<5H", body)
            made.hidden_columns += (min(last, 255) - first + 1) if flags & 1 else 0
        elif kind == FORMULA:
            made.formulas += 1
            if body[6] == 2 and body[12:14] == b"\xff\xff":
                _error(made, body, body[8])
        elif kind == BOOLERR and body[7]:
            _error(made, body, body[6])
        elif kind == MERGED:
            count = struct.unpack_from("<H", body)[0]
            for at in range(2, min(2 + 8 * count, len(body) - 7), 8):
                top, bottom, left, right = struct.unpack_from("<4H", body, at)
                if len(made.merged) < MOST_PLACES:
                    made.merged.append((top, left, bottom, right))
    return made


def _error(made: Remarks, body: bytes, code: int) -> None:
    row, column = struct.unpack_from("<HH", body)
    if len(made.errors) < MOST_PLACES:
        made.errors.append((row, column, ERRORS.get(code, "#N/A")))
