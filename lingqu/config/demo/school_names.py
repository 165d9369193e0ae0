"""Names of invented schools: the usual patterns over invented places, all ending in （演示）, none given twice."""

from __future__ import annotations

from collections import Counter
from random import Random

from .names import chinese_number
from .types import JUNIOR, KINDERGARTEN, NINE_YEAR, POINT, PRIMARY, SENIOR, WHOLE_MIDDLE, District

PRIVATE_WORDS = (
    "小海豚",
    "金太阳",
    "小白杨",
    "蓝贝壳",
    "小云雀",
    "红蜻蜓",
    "七色光",
    "小橘灯",
    "青苹果",
    "萤火虫",
    "小帆船",
    "向日葵",
)
CITY = "云汀市"


class SchoolNamer:
    def __init__(self, rng: Random, *, taken: set[str]) -> None:
        self._rng, self._taken = rng, taken
        self._counts: Counter[str] = Counter({CITY: 3})

    def name(self, kind: str, district: District, *, town: str, rural: bool, of_city: bool, private: bool) -> str:
        for attempt in range(40):
            stem = self._stem(kind, district, town, rural=rural, of_city=of_city, private=private, attempt=attempt)
            name = f"{stem}（演示）"
            if name not in self._taken:
                self._taken.add(name)
                return name
        raise AssertionError(f"no free name for a school of type {kind} in {district.name}")

    def _stem(
        self, kind: str, district: District, town: str, *, rural: bool, of_city: bool, private: bool, attempt: int
    ) -> str:
        place = town.removesuffix("街道").removesuffix("镇")
        village = self._rng.choice(district.villages)
        if kind == POINT:
            return f"{town}{village}教学点" if attempt < 12 else self._numbered(f"{town}{village}", "教学点")
        if kind == KINDERGARTEN:
            return self._kindergarten(district, town, place, rural=rural, private=private, attempt=attempt)
        if kind == PRIMARY:
            return self._primary(district, town, place, village, rural=rural, of_city=of_city, attempt=attempt)
        if kind == NINE_YEAR:
            if attempt == 20:
                return self._numbered(district.name, "实验学校")
            return f"{district.name[:2]}{place if attempt < 6 else village}实验学校"
        if kind == JUNIOR and rural and attempt == 0 and town.endswith("镇"):
            return f"{town}初级中学"
        if kind in (JUNIOR, WHOLE_MIDDLE):
            return self._numbered(CITY if of_city or not district.is_county else district.name, "中学")
        assert kind == SENIOR
        if attempt == 0 and not of_city:
            return f"{place}高级中学"
        return self._numbered(f"{CITY if of_city else district.name}#高级", "高级中学")

    def _kindergarten(
        self, district: District, town: str, place: str, *, rural: bool, private: bool, attempt: int
    ) -> str:
        if private:
            word = self._rng.choice(PRIVATE_WORDS)
            return f"{place}{word}幼儿园" if attempt < 12 else self._numbered(f"{district.name}{word}", "幼儿园")
        if rural:
            return f"{town}中心幼儿园" if attempt == 0 else f"{town}{self._rng.choice(district.villages)}幼儿园"
        return f"{place}路幼儿园" if attempt == 0 else self._numbered(district.name, "幼儿园")

    def _primary(
        self, district: District, town: str, place: str, village: str, *, rural: bool, of_city: bool, attempt: int
    ) -> str:
        if of_city:
            return self._numbered(f"{CITY}实验", "小学")
        if rural:
            return f"{town}中心小学" if attempt == 0 else f"{town}{village}小学"
        return f"{place}路小学" if attempt == 0 else self._numbered(district.name, "小学")

    def _numbered(self, stem: str, ending: str) -> str:
        """第n within the stem; ``#`` in the stem keeps apart counters that share their words."""
        key = stem if ending == "中学" else stem + ending
        self._counts[key] += 1
        return f"{stem.partition('#')[0]}第{chinese_number(self._counts[key])}{ending}"
