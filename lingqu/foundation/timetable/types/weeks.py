"""In which weeks of a term a lesson is held: a set of week numbers as bits of one integer."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_WEEKS = 60
ALL = sum(1 << n for n in range(1, MOST_WEEKS + 1))
ODD = sum(1 << n for n in range(1, MOST_WEEKS + 1, 2))
EVEN = ALL - ODD
_PART = re.compile(r"(\d{1,2})(?:\s*[-–—~～至到]\s*(\d{1,2}))?")
_WORDS = {"": ALL, "每周": ALL, "全部": ALL, "单周": ODD, "单": ODD, "双周": EVEN, "双": EVEN}


def weeks_of(numbers: Iterable[int]) -> int:
    """Raises ``ValueError`` for a number outside 1–60."""
    mask = 0
    for number in numbers:
        if not 1 <= number <= MOST_WEEKS:
            raise ValueError(f"week {number}")
        mask |= 1 << number
    return mask


def numbers_of(mask: int) -> tuple[int, ...]:
    return tuple(n for n in range(1, MOST_WEEKS + 1) if mask >> n & 1)


def holds_in(mask: int, week: int) -> bool:
    """Whether a lesson is held in 第 ``week`` 周; before week one and outside terms only what is held every week is."""
    return mask == ALL if week < 1 else bool(mask >> week & 1)


def read_weeks(text: str) -> int:
    """``单周``, ``双``, ``1-8``, ``1,3,5-9`` and combinations such as ``1-10 单``. Raises ``ValueError``."""
    bare = re.sub(r"[周第()（）\[\]【】]", " ", text).strip()
    if bare in _WORDS:
        return _WORDS[bare]
    parity = ALL
    for word, mask in (("单", ODD), ("双", EVEN)):
        if word in bare:
            parity, bare = mask, bare.replace(word, " ")
    parts = [part for part in re.split(r"[\s,，、;；]+", bare) if part]
    found = 0
    for part in parts:
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(text)
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise ValueError(text)
        found |= weeks_of(range(first, last + 1))
    chosen = (found or ALL) & parity
    if not chosen:
        raise ValueError(text)
    return chosen


def weeks_text(mask: int) -> str:
    """Empty for every week, 单周, 双周, else ranges: ``1-8,10``; what :func:`read_weeks` reads back."""
    if mask == ALL:
        return ""
    if mask in (ODD, EVEN):
        return "单周" if mask == ODD else "双周"
    runs: list[list[int]] = []
    for number in numbers_of(mask):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)
