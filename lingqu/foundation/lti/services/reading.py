"""Texts, numbers and moments as tools write them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

MOST = Decimal(10_000_000)


def text(value: Any, most: int) -> str:
    """A line of at most so many characters; empty for what is no text or number."""
    return str(value).replace("\0", "").strip()[:most] if isinstance(value, str | int | float) else ""


def points(value: Any) -> Decimal | None:
    """A number of points that is not negative, to four places; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = Decimal(str(value))
    return found.quantize(Decimal("0.0001")) if found.is_finite() and 0 <= found <= MOST else None


def moment(value: Any) -> datetime | None:
    """ISO 8601 with a time zone; None for anything else."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def plain(value: Decimal) -> float | int:
    """As JSON: 100, not 100.0."""
    return int(value) if value == value.to_integral_value() else float(value)
