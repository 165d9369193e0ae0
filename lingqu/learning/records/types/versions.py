"""Versions of the interface: 1.0.3 and 2.0, asked for in a header (1.0.3 Communication 3.3; 2.0 4.1.6.8)."""

from __future__ import annotations

import re

V1, V2 = "1.0.3", "2.0.0"
SUPPORTED = (V1, "2.0.0", "1.0.2", "1.0.1", "1.0.0")
_ASKED = re.compile(r"(?:(1\.0)(?:\.\d{1,3})?|(2\.0)(?:\.\d{1,3})?)")


def spoken(asked: str) -> str | None:
    """The version that is spoken with whoever asks for ``asked``; None when it is not known."""
    match = _ASKED.fullmatch(asked)
    if match is None:
        return None
    return V1 if match[1] else V2
