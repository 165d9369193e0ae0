"""Numbers and moments as pages show them, and the small geometry of bars and gauges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from lingqu.kernel.clock import ZONE, now, today
from lingqu.kernel.language import is_english

NOTHING = "—"
WEEKDAYS = "一二三四五六日"
WEEKDAYS_ENGLISH = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS_ENGLISH = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def local(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(ZONE)


def _day_of(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def _month(found: date) -> str:
    return MONTHS_ENGLISH[found.month - 1]


def short_day(value: date | datetime | None) -> str:
    """``11-22`` or ``22 Nov`` in lists; another year than this one is told."""
    if value is None:
        return NOTHING
    found = _day_of(value)
    if found.year != today().year:
        return day(found)
    return f"{found.day} {_month(found)[:3]}" if is_english() else f"{found:%m-%d}"


def day(value: date | datetime | None) -> str:
    """``2026-11-22`` or ``22 Nov 2026``."""
    if not value:
        return NOTHING
    found = _day_of(value)
    return f"{found.day} {_month(found)[:3]} {found.year}" if is_english() else f"{found:%Y-%m-%d}"


def month_name(value: date) -> str:
    """``2026 年 11 月`` or ``November 2026``."""
    return f"{_month(value)} {value.year}" if is_english() else f"{value.year} 年 {value.month} 月"


def iso_day(value: date | datetime | None) -> str:
    """``2026-11-22`` for machines and date fields, empty when there is none."""
    return f"{_day_of(value):%Y-%m-%d}" if value else ""


def moment(value: datetime | None) -> str:
    """``2026-11-22 08:40`` or ``22 Nov 2026, 08:40`` in records."""
    if not value:
        return NOTHING
    return f"{day(value)}, {clock_time(value)}" if is_english() else f"{day(value)} {clock_time(value)}"


def clock_time(value: datetime | None) -> str:
    """``08:40``."""
    return f"{local(value):%H:%M}" if value else NOTHING


def long_day(value: date | datetime | None = None) -> str:
    """``11 月 20 日 星期五`` or ``Friday 20 November``, today when nothing is given."""
    found = _day_of(value or now())
    if is_english():
        return f"{WEEKDAYS_ENGLISH[found.weekday()]} {found.day} {_month(found)}"
    return f"{found.month} 月 {found.day} 日 星期{WEEKDAYS[found.weekday()]}"


def number(value: float | None) -> str:
    """Exact, with thousands separators; an absent figure is a dash."""
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) or value != int(value) else f"{int(value):,}"


def masked(value: str | None, head: int = 2, tail: int = 2) -> str:
    """``99**************24``: never fewer than four asterisks, and short values show nothing of themselves."""
    if not value:
        return NOTHING
    hidden = len(value) - head - tail
    if hidden < 2:
        return "*" * max(4, len(value))
    return value[:head] + "*" * max(4, hidden) + value[len(value) - tail :]


def share(value: float | None, total: float | None) -> float:
    """Per cent of ``total``, between 0 and 100, one decimal; 0 when there is nothing to compare with."""
    if not value or not total or total <= 0:
        return 0.0
    return round(min(100.0, max(0.0, 100.0 * value / total)), 1)


class Segment(NamedTuple):
    """A piece of a stacked bar, in per cent of its whole width."""

    start: float
    width: float


def segments(values: Sequence[float]) -> tuple[Segment, ...]:
    """Where each part of a stacked bar begins and how wide it is. Parts that count are at least 1 % wide to be seen."""
    total = sum(values)
    if total <= 0:
        return tuple(Segment(0.0, 0.0) for _value in values)
    widths = [max(1.0, 100.0 * value / total) if value > 0 else 0.0 for value in values]
    scale = 100.0 / sum(widths)
    found, start = [], 0.0
    for width in widths:
        found.append(Segment(round(start, 2), round(width * scale, 2)))
        start += width * scale
    return tuple(found)
