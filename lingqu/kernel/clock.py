"""Time: stored UTC, shown in the platform's zone. Tests freeze it here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The local calendar day."""
    return now().astimezone(ZONE).date()
