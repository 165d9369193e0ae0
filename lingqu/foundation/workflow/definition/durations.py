"""Waits of BPMN timers: ISO 8601 durations, moments and repeats, as the engine counts them."""

from __future__ import annotations

import re
from datetime import datetime

from ..types.graph import Wait

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,7})S)?)?"
)  # fmt: skip
_REPEATS = re.compile(r"R(?P<n>\d{0,4})/(?P<rest>P.+)")


def wait_of_duration(text: str, *, is_working: bool = False) -> Wait | None:
    """``P3D``, ``P1W``, ``PT5M``, ``P1DT12H``; None for anything else, also for years and months, which have no length."""
    found = _DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()):
        return None
    parts = {name: int(value or 0) for name, value in found.groupdict().items()}
    seconds = parts["hours"] * 3600 + parts["minutes"] * 60 + parts["seconds"]
    days = parts["weeks"] * 7 + parts["days"]
    return Wait(days=days, seconds=seconds, is_working=is_working) if days or seconds else None


def wait_of_cycle(text: str, *, is_working: bool = False) -> Wait | None:
    """``R3/P1D``: fires three times in all; ``R/P1D`` without end."""
    found = _REPEATS.fullmatch(text.strip())
    base = wait_of_duration(found["rest"], is_working=is_working) if found else None
    if found is None or base is None or found["n"] == "0":
        return None
    repeats = int(found["n"]) - 1 if found["n"] else -1
    return Wait(days=base.days, seconds=base.seconds, is_working=base.is_working, repeats=repeats)


def is_moment(text: str) -> bool:
    """Whether it is a moment in ISO 8601 with its offset."""
    try:
        return datetime.fromisoformat(text.strip()).tzinfo is not None
    except ValueError:
        return False


def text_of(wait: Wait) -> str:
    """``P3D`` for three days, with hours and less behind."""
    hours, rest = divmod(wait.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    time = "".join(f"{n}{unit}" for n, unit in parts if n)
    return "P" + (f"{wait.days}D" if wait.days else "") + (f"T{time}" if time else "")
