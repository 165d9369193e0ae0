"""Dates as people write them: 2013-03-05, 2013/3/5, 2013.3.5, 20130305, 2013年3月5日, 二〇一三年三月五日, 41338 (Excel)."""

from __future__ import annotations

import re
from datetime import date, timedelta

EXCEL_ZERO = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 10_000, 73_050
"""Excel day numbers from 1927 to 2099. Four digits are a year, larger numbers no dates of people."""
EARLIEST = 1900
INCOMPLETE = "incomplete"

_SEPARATED = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\s*\d{1,2}:\d{2}.*)?$")
_MONTH = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$")
_DIGITS = re.compile(r"^(\d{4})(\d{2})(\d{2})?$")
_SERIAL = re.compile(r"^(\d{4,5})(?:\.\d+)?$")
_MONTH_FIRST = re.compile(r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4})$")
_CHINESE = re.compile(
    r"^([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日?$"
)
_DIGIT_OF = {character: str(value) for value, character in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}


def read_day(text: str) -> str | None:
    """``YYYY-MM-DD``; ``incomplete`` when only year and month are said; None when it is no date that exists."""
    if found := _CHINESE.match(text):
        year = "".join(_DIGIT_OF[character] for character in found[1])
        return _made(int(year), _chinese(found[2]), _chinese(found[3]))
    if found := _SEPARATED.match(text):
        return _made(*map(int, found.groups()))
    if found := _DIGITS.match(text):
        if found[3]:
            return _made(int(found[1]), int(found[2]), int(found[3]))
        return INCOMPLETE if _made(int(found[1]), int(found[2]), 1) else None
    if found := _MONTH.match(text):
        return INCOMPLETE if _made(int(found[1]), int(found[2]), 1) else None
    if found := _SERIAL.match(text):
        serial = int(found[1])
        if FIRST_SERIAL <= serial <= LAST_SERIAL:
            return (EXCEL_ZERO + timedelta(days=serial)).isoformat()
        return INCOMPLETE if EARLIEST < serial < 2100 else None
    if found := _MONTH_FIRST.match(text):
        first, second, year_number = map(int, found.groups())
        if first > 12:
            return _made(year_number, second, first)
        return _made(year_number, first, second) if second > 12 or first == second else None
    return None


def read_month_start(text: str) -> str | None:
    """As ``read_day``, but a month stands for its first day: entry dates are often written so."""
    made = read_day(text)
    if made != INCOMPLETE:
        return made
    digits = re.sub(r"\D", " ", text).split()
    joined = "".join(digits)
    if len(digits) == 1 and len(joined) == 4:
        return f"{joined}-09-01"
    year, month = (digits[0], digits[1]) if len(digits) > 1 else (joined[:4], joined[4:6])
    return _made(int(year), int(month), 1)


def _made(year: int, month: int, day: int) -> str | None:
    if not EARLIEST <= year <= 2100:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _chinese(text: str) -> int:
    if "十" in text:
        tens, _ten, ones = text.partition("十")
        return int(_DIGIT_OF.get(tens, "1")) * 10 + int(_DIGIT_OF.get(ones, "0"))
    return int("".join(_DIGIT_OF[character] for character in text))
