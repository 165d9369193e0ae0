"""Until when somebody must act."""

from __future__ import annotations

from datetime import date, timedelta

WORKING_DAYS = 10
"""教基〔2025〕1号 gives each link of a handling ten working days."""


def due_after(day: date, days: int = WORKING_DAYS) -> date:
    """The day after so many working days: Monday to Friday, without the holidays, which no calendar says yet."""
    due = day
    while days:
        due += timedelta(days=1)
        days -= due.weekday() < 5
    return due


def working_days_left(day: date, due: date) -> int:
    """Working days from ``day`` to ``due``; negative when it is over."""
    first, last, sign = (day, due, 1) if due >= day else (due, day, -1)
    return sign * sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, (last - first).days + 1))
