"""Numbers that belong to nobody: ID numbers of region 00, phones of an unassigned prefix, school codes 99xxxx."""

from __future__ import annotations

from datetime import date
from functools import cache

from lingqu.kernel.errors import Conflict

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
PHONE_PREFIX = "120"
PHONE_STEP = 38_273_609
"""Coprime with 10^8: consecutive serials give phones that look unrelated, none twice."""
AREA_CODE = "0001"
"""Of no place: landlines of the demo ring nowhere."""
CITY_REGION = "000100"


@cache
def _weighted(text: str, start: int) -> int:
    return sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS[start:], strict=False))


@cache
def compact(day: int) -> str:
    """``YYYYMMDD`` of an ordinal day."""
    return date.fromordinal(day).strftime("%Y%m%d")


@cache
def written(day: int) -> str:
    """``YYYY-MM-DD`` of an ordinal day."""
    return date.fromordinal(day).isoformat()


def check_digit(body: str) -> str:
    """GB 11643 check digit of the first 17 digits."""
    return CHECK_DIGITS[_weighted(body, 0) % 11]


def landline(serial: int) -> str:
    """An office's phone."""
    return f"{AREA_CODE}-{5_550_000 + serial:07d}"


class Numbers:
    """Hands out ID numbers and phones; none twice, always in the same order."""

    def __init__(self) -> None:
        self._used: dict[tuple[int, int, str], int] = {}
        self._phones = 0

    def id_number(self, district: int, day: int, sex: str) -> str:
        """Region ``00`` + district, birth day, serial (odd for men), check digit."""
        key = (district, day, sex)
        used = self._used.get(key, 0)
        self._used[key] = used + 1
        page, place = divmod(used, 500)
        region = f"00{district + 10 * page:02d}{district:02d}"
        serial = f"{2 * place + (1 if sex == '1' else 0):03d}"
        total = _weighted(region, 0) + _weighted(compact(day), 6) + _weighted(serial, 14)
        return region + compact(day) + serial + CHECK_DIGITS[total % 11]

    def phone(self) -> str:
        self._phones += 1
        return f"{PHONE_PREFIX}{self._phones * PHONE_STEP % 100_000_000:08d}"


def district_code(district: int) -> str:
    """Code of a district's tree position; 0 is the city."""
    return CITY_REGION if district == 0 else f"0001{district:02d}"


def school_code(category: str, serial: int) -> str:
    """学校标识码: category, province 00, serial 99xxxx."""
    if serial > 9_999:
        raise Conflict("The demo city has room for 9,999 schools.")
    return f"{category}0099{serial:04d}"
