"""Identifiers of rows that are named outside this node: UUID version 7 (RFC 9562 §5.7), sortable by creation time."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def as_uuid(text: object) -> UUID | None:
    """The id that a text from outside says; None when it says none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def uuid7() -> UUID:
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (2**48 - 1)) << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return UUID(int=value)
