"""Whether two statements say the same (1.0.3 Data 2.3.1; 2.0 4.1.6.1, 4.2.7)."""

from __future__ import annotations

import re
from typing import Any

from .formats import moment_of

_SECONDS = re.compile(r"(\d+)[.,](\d+)S$")
_SET_BY_STORE = ("id", "authority", "stored", "version", "timestamp")


def is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """What the store sets, definitions, displays and orders without meaning are left out; times are compared as moments, and
    durations to a hundredth of a second."""
    first, second = _plain(one), _plain(other)
    times = one.get("timestamp"), other.get("timestamp")
    if all(times) and _moment(times[0]) != _moment(times[1]):
        return False
    return first == second


def _plain(statement: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in statement.items() if name not in _SET_BY_STORE}
    return {name: _value(name, value) for name, value in kept.items()}


def _value(name: str, value: Any) -> Any:
    if name == "extensions":
        return value
    if isinstance(value, dict):
        if name == "verb":
            return value.get("id")
        return {key: _value(key, part) for key, part in value.items() if key not in ("definition", "objectType")} | {
            "objectType": value.get("objectType", "Activity" if name == "object" else "")
        }
    if isinstance(value, list):
        made = [_value("", part) for part in value]
        return sorted(made, key=repr) if name in ("member", "parent", "grouping", "category", "other") else made
    if name in ("timestamp", "stored"):
        return _moment(value)
    if name == "duration":
        return _SECONDS.sub(lambda match: f"{match[1]}.{match[2][:2]:0<2}S", value)
    return value.lower() if name in ("registration", "sha2") or (name == "id" and len(value) == 36) else value


def _moment(text: Any) -> Any:
    return moment_of(text, needs_offset=False) or text
