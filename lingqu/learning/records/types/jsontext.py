"""Strict reading of JSON: what stands twice in one object is refused, not overwritten (RFC 8259 4; 1.0.3 Data 2.2)."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from .faults import Fault

_decode = msgspec.json.Decoder().decode
_SPACED = re.compile(rb'"[ \t\r\n]+:')


def read_json(text: bytes, what: str = "the body") -> Any:
    """Plain values; :class:`Fault` for what is not JSON, not UTF-8, or names a key twice."""
    try:
        value = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Fault(f"{what} is not valid JSON: {error}") from None
    if _SPACED.search(text) or text.count(b'":') != _keys_in(value):
        _find_double(text)
    return value


def _keys_in(value: Any) -> int:
    """How many keys the objects in a value have. A text has as many ``":`` unless it repeats a key (or a string begins with a
    colon, or one has an escaped quote before a colon: then the slow way decides)."""
    count, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if type(one) is dict:
            count += len(one)
            for part in one.values():
                if type(part) is dict or type(part) is list:
                    waiting.append(part)
        elif type(one) is list:
            waiting.extend(one)
    return count


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
