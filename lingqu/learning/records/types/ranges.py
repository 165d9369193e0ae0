"""Parts of a file that a request asks for (RFC 9110 14)."""

from __future__ import annotations

import re

_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


class OutOfRange(ValueError):
    """No byte of the file is in the range."""


def range_of(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte; None when the whole file is the right answer (no range, several, or none that is understood).
    Raises :class:`OutOfRange`."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        count = min(int(match[2]), size)
        if count == 0:
            raise OutOfRange
        return size - count, size - 1
    first, last = int(match[1]), min(int(match[2] or size), size - 1)
    if match[2] and int(match[2]) < int(match[1]):
        return None
    if first >= size:
        raise OutOfRange
    return first, last


def names_etag(header: str, etag: str) -> bool:
    """Whether a list of tags (If-None-Match) has ``etag``, compared weakly (8.8.3.2)."""
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in header.split(","))
