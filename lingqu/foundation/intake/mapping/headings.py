"""The words of headings, from ``data/headings.csv`` and ``data/families.csv``."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PACKAGE = "lingqu.foundation.intake"
FAMILY = "family:"
"""Columns of a guardian inside a pupil's row: ``family:father.phone``."""
FAMILY_PARTS = {
    "name": ("姓名", "名字", ""), "relation": ("关系", "与学生关系", "与学生的关系"),
    "phone": ("手机", "电话", "联系电话", "手机号", "手机号码", "联系方式", "电话号码"),
    "id_number": ("身份证号", "身份证件号", "身份证号码", "身份证", "证件号", "证件号码"),
    "id_type": ("证件类型", "身份证件类型"), "address": ("地址", "住址", "现住址"),
}  # fmt: skip
OWN_PREFIXES = {"students": "学生", "staff": "教师", "guardians": "监护人", "organisations": "学校", "classes": "班级"}
"""A merged upper heading often repeats whom the table is about."""
_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]$")
_NOISE = re.compile(r"[\s\u3000\u200b\ufeff\u00a0*＊:：_\r\n]+")
_GROUP_WORDS = re.compile(r"(?:基本)?(?:信息|情况|资料)")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One column of a template, as written there. ``column`` may have a part: ``child_ref.name``."""

    kind: str
    column: str
    heading: str
    required: bool
    code_table: str
    hint: str
    synonyms: tuple[str, ...]
    element: str


def rows_of(name: str) -> list[dict[str, str]]:
    with files(PACKAGE).joinpath("data", name).open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@cache
def _templates() -> Mapping[str, tuple[Heading, ...]]:
    made: dict[str, list[Heading]] = {}
    for row in rows_of("headings.csv"):
        made.setdefault(row["kind"], []).append(
            Heading(
                kind=row["kind"], column=row["column"], heading=row["heading"], required=row["required"] == "1",
                code_table=row["code_table"], hint=row["hint"], element=row["element"],
                synonyms=tuple(word for word in row["synonyms"].split("|") if word),
            )
        )  # fmt: skip
    return {kind: tuple(found) for kind, found in made.items()}


def kinds() -> tuple[str, ...]:
    """Kinds that have a template, in the order of the file."""
    return tuple(_templates())


def template(kind: str) -> tuple[Heading, ...]:
    return _templates()[kind]


@cache
def columns_of(kind: str) -> Mapping[str, Heading]:
    return {heading.column: heading for heading in template(kind)}


def tidy(heading: str) -> str:
    """A heading without blanks, stars, width and closing brackets (``身份证件号（文本）`` → ``身份证件号``)."""
    text = _NOISE.sub("", heading.translate(_WIDE)).casefold()
    for word in ("(必填)", "(选填)", "(可空)"):
        text = text.replace(word, "")
    return _BRACKETS.sub("", text) or text


def tidy_exact(heading: str) -> str:
    """As ``tidy`` but with the brackets kept: ``学校(机构)标识码``, ``学年(度)``."""
    return _NOISE.sub("", heading.translate(_WIDE)).casefold()


def without_group(heading: str) -> str:
    """``监护人1信息姓名`` → ``监护人1姓名``: a merged upper heading names a group."""
    return _GROUP_WORDS.sub("", heading)


@cache
def words(kind: str) -> Mapping[str, tuple[str, float]]:
    """Tidy heading → (column, confidence)."""
    found: dict[str, tuple[str, float]] = {}
    for heading in template(kind):
        if heading.element:
            found.setdefault(heading.element.casefold(), (heading.column, 0.85))
    for heading in template(kind):
        for word in heading.synonyms:
            found[tidy_exact(word)] = (heading.column, 0.95)
    for heading in template(kind):
        found[tidy_exact(heading.heading)] = (heading.column, 1.0)
    if kind == "students":
        for word, column in _family().items():
            found.setdefault(word, (column, 0.9))
    return found


@cache
def _family() -> Mapping[str, str]:
    made: dict[str, str] = {}
    for row in rows_of("families.csv"):
        for prefix in row["prefixes"].split("|"):
            for part, endings in FAMILY_PARTS.items():
                for ending in endings:
                    if len(prefix) > 1 or ending:
                        made.setdefault(tidy_exact(prefix + ending), f"{FAMILY}{row['slot']}.{part}")
    return made


@cache
def family_relations() -> Mapping[str, str]:
    """Slot of a guardian inside a pupil's row → the relation the slot itself says."""
    return {row["slot"]: row["relation"] for row in rows_of("families.csv")}


@cache
def known_words() -> frozenset[str]:
    return frozenset(word for kind in kinds() for word in words(kind))


def match(kind: str, heading: str) -> tuple[str, float]:
    """Column that a heading names, with confidence; ("", 0) when none."""
    table = words(kind)
    plain = without_group(tidy(heading))
    own = OWN_PREFIXES.get(kind, "")
    for text in (tidy_exact(heading), tidy(heading), plain, plain.removeprefix(own)):
        if text in table:
            return table[text]
    return "", 0.0


def is_known(heading: str) -> bool:
    return bool(heading) and any(text in known_words() for text in (tidy_exact(heading), tidy(heading)))
