"""Invented personal names: surnames by their usual frequency, given names by generation and sex."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

DATA = Path(__file__).resolve().parent / "data"
CHILD, PARENT, ELDER = "child", "parent", "elder"
SINGLE_SHARE = {CHILD: 0.16, PARENT: 0.34, ELDER: 0.1}
"""Share of given names of one character."""


def read_data(name: str) -> list[dict[str, str]]:
    """Rows of one CSV file of this package's ``data`` folder."""
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def surnames() -> tuple[str, ...]:
    """Each surname as often as its weight says, so that an even draw follows the frequencies."""
    return tuple(row["surname"] for row in read_data("surnames.csv") for _ in range(int(row["weight"])))


@cache
def _given_parts() -> dict[tuple[str, str, str], str]:
    return {(row["generation"], row["sex"], row["place"]): row["characters"] for row in read_data("given_names.csv")}


class Namer:
    """Draws names from one random source."""

    def __init__(self, rng: Random) -> None:
        self._draw = rng.random
        self._surnames = surnames()
        self._parts = _given_parts()

    def surname(self) -> str:
        return self._surnames[int(self._draw() * len(self._surnames))]

    def given(self, sex: str, generation: str) -> str:
        """``sex`` is 1 or 2 (GB/T 2261.1). Two equal characters (轩轩) are kept: parents do choose them."""
        draw, parts = self._draw, self._parts
        if draw() < SINGLE_SHARE[generation]:
            singles = parts[generation, sex, "single"]
            return singles[int(draw() * len(singles))]
        first, second = parts[generation, sex, "first"], parts[generation, sex, "second"]
        return first[int(draw() * len(first))] + second[int(draw() * len(second))]

    def full(self, sex: str, generation: str) -> str:
        return self.surname() + self.given(sex, generation)


def chinese_number(number: int) -> str:
    """1–99 as in 第十二小学."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones or not tens else "")


def places() -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for row in read_data("places.csv"):
        yield int(row["district"]), row["kind"], tuple(row["names"].split("|"))
