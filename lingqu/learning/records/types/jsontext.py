"""Strict reading of JSON: what stands twice in one object is refused, not overwritten (RFC 8259 4; 1.0.3 Data 2.2)."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from .faults import Fault

_decode, _encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode


def read_json(text: bytes, what: str = "the body") -> Any:
    """Plain values; :class:`Fault` for what is not JSON, not UTF-8, or names a key twice.

    A text that repeats a key has more colons than the same value written anew; unless one hides as an escape.
    """
    try:
        value = _decode(text)
        again = _encode(value)
    except (msgspec.DecodeError, UnicodeError, OverflowError, RecursionError) as error:
        raise Fault(f"{what} is not valid JSON: {error}") from None
    if text.count(b":") != again.count(b":") or b"\\u003" in text:
        _find_double(text)
    return value


def _find_double(text: bytes) -> None:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            names = [name for name, _value in found]
            double = next(name for name in names if names.count(name) > 1)
            raise Fault(f"the key {double[:100]} stands twice in one object")
        return made

    try:
        json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError) as error:
        raise Fault(f"not valid JSON: {error}") from None
