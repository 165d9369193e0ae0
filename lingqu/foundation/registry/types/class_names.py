"""Class names as schools write them: 2024级3班, 七(3)班, 初一3, 三年二班, 大(2)班, 1+2复式, 启航班 → grades, cohort, serial."""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"十": 10}
KINDERGARTEN = {"托": "K0", "小": "K1", "中": "K2", "大": "K3"}
NUMBER = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassName:
    """``grades`` is empty and ``local_name`` set when the name says no grade (启航班)."""

    grades: tuple[str, ...] = ()
    serial: int | None = None
    entry_year: int | None = None
    kind: str = "administrative"
    local_name: str = ""


def number_of(text: str) -> int:
    """Arabic or Chinese number up to 99."""
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, ones = text.split("十", 1)
        return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
    return DIGITS[text]


def junior_start(schooling: str) -> int:
    """First grade of junior school: 初一 is the seventh grade under 六三, the sixth under 五四."""
    return 6 if schooling == "five_four" else 7


def read_class_name(written: str, *, schooling: str = "", school_year: str = "", stage: str = "") -> ClassName:
    """Read one spelling. ``schooling``: six_three or five_four; ``school_year``: ``2026-2027``; ``stage`` of the school
    (primary, junior, senior) says where a cohort year without a stage word began."""
    text = re.sub(r"[\s　]", "", written).replace("（", "(").replace("）", ")").replace("．", ".")
    if multi := re.fullmatch(rf"{NUMBER}[+、/]{NUMBER}(?:年级)?复式班?", text):
        grades = tuple(_grade(number_of(part)) for part in multi.groups())
        return ClassName(grades=grades, kind="multigrade") if all(grades) else _local(written)
    if walking := re.fullmatch(r"(?:走班[:：])?(\D+)(\d+)班\((高[一二三])\)", text):
        return ClassName(grades=(_senior(walking[3][1]),), serial=int(walking[2]), kind="teaching", local_name=walking[1])
    if cohort := re.fullmatch(r"(小|初|高)?(20\d\d)级\(?(\d{1,2})\)?班?", text):
        return _cohort(cohort, schooling, school_year, stage)
    if child := re.fullmatch(rf"(托|小|中|大)(?:班?\(?{NUMBER}\)?班?|班)", text):
        return ClassName(grades=(KINDERGARTEN[child[1]],), serial=number_of(child[2]) if child[2] else None)
    if staged := re.fullmatch(rf"(初|高)([一二三四])(?:年级)?\(?{NUMBER}\)?班?", text):
        base = junior_start(schooling) if staged[1] == "初" else 10
        return ClassName(grades=(_grade(base + DIGITS[staged[2]] - 1),), serial=number_of(staged[3]))
    plain = re.fullmatch(rf"{NUMBER}(?:年级?)?[(.]{NUMBER}\)?班?", text) or re.fullmatch(rf"{NUMBER}年级?{NUMBER}班", text)
    if plain and (grade := _grade(number_of(plain[1]))):
        return ClassName(grades=(grade,), serial=number_of(plain[2]))
    return _local(written)


def _local(written: str) -> ClassName:
    return ClassName(local_name=written.strip())


def _grade(index: int) -> str:
    return f"G{index:02d}" if 1 <= index <= 12 else ""


def _senior(character: str) -> str:
    return _grade(9 + DIGITS[character])


def _cohort(found: re.Match[str], schooling: str, school_year: str, stage: str) -> ClassName:
    year, serial = int(found[2]), int(found[3])
    named = {"小": "primary", "初": "junior", "高": "senior"}.get(found[1] or "", stage)
    first = {"primary": 1, "junior": junior_start(schooling), "senior": 10}.get(named)
    if first is None or not school_year:
        return ClassName(serial=serial, entry_year=year)
    grade = _grade(first + int(school_year[:4]) - year)
    return ClassName(grades=(grade,) if grade else (), serial=serial, entry_year=year)


def display_name(read: ClassName, written: str) -> str:
    """七（3）班, the default rule; local names stay as written."""
    if read.kind != "administrative" or len(read.grades) != 1 or read.serial is None:
        return written.strip()
    grade = read.grades[0]
    words = {v: k for k, v in KINDERGARTEN.items()} | {f"G{i:02d}": c for i, c in enumerate("一二三四五六七八九", 1)}
    words |= {"G10": "高一", "G11": "高二", "G12": "高三"}
    return f"{words[grade]}（{read.serial}）班"
