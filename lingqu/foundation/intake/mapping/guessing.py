"""The guess: kind of a table from its headings and name, columns from heading and content, with confidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ..types import SheetMapping
from .headings import FAMILY, columns_of, kinds, match, template, tidy_exact
from .rows import Headings

NAMES = {
    "organisations": ("学校名单", "学校信息", "学校表", "机构", "学校"), "classes": ("班级信息", "班级表", "班级"),
    "students": ("学生", "学籍", "新生", "花名册", "名册", "名单"), "staff": ("教职工", "教师", "职工", "老师"),
    "guardians": ("监护人", "家长", "家庭成员"), "teaching": ("任课", "授课", "课程安排"),
    "numbers": ("号码对照", "编号对照", "号码", "编号"),
    "attributes": ("资助", "随迁", "留守", "残疾", "孤儿", "低保", "寄宿", "校车", "送教", "随班就读", "困境", "贫困", "学生属性"),
}  # fmt: skip
"""Words in file and sheet names; the more telling ones first."""
TELLING = {
    "organisations": {"code", "school_type", "parent_ref", "schooling"},
    "classes": {"written_name", "entry_year", "head_teacher_ref"},
    "students": {"register_number", "class_ref", "school_number"},
    "staff": {"staff_number", "subject", "employment_kind", "duties", "title"},
    "guardians": {"child_ref", "child_ref.name", "relation", "child_ref.id_number"},
    "attributes": {"kind", "value", "person_number"},
    "numbers": {"province_number", "national_number", "teacher_number", "person_number"},
    "teaching": {"teacher_ref", "weekly_periods", "subject", "teacher_ref.name"},
}
TRAITS = frozenset({
    "migrant", "left_behind", "inclusive", "home_taught", "disability", "orphan", "aid", "school_bus", "ethnic_class", "boarding",
})  # fmt: skip
"""Columns that say an attribute by themselves."""
GIVEN_NUMBERS = frozenset({"province_number", "national_number", "teacher_number"})
"""Columns of numbers that platforms above gave."""
_ID = re.compile(r"^\d{17}[\dXx]$")
_REGISTER = re.compile(r"^[GJL]\d{15,18}[\dXx]?$")
_PHONE = re.compile(r"^1[3-9]\d{9}$")
_DAY = re.compile(r"^(19|20)\d\d[-/.年]?\d{1,2}[-/.月]?\d{0,2}日?$")
_SENSITIVE = re.compile(r"\d{7,}[\dXx]?|[GJL]\d{10,}[\dXx]?")
LIKELY = 0.7


@dataclass(frozen=True, slots=True)
class Guess:
    kind: str
    columns: tuple[str, ...]
    confidence: tuple[float, ...]
    score: float


def digest_of(headings: Sequence[str]) -> str:
    """Names a set of headings in their order."""
    return sha256("\x1f".join(tidy_exact(text) for text in headings).encode()).hexdigest()[:32]


def guess_sheet(
    *, file: str, sheet: str, headings: Headings, samples: Sequence[Sequence[str]], saved: Mapping[str, Any]
) -> SheetMapping:
    """``saved``: digest of headings → ``{"kind": …, "columns": […]}`` that a person confirmed."""
    texts = headings.texts
    digest = digest_of(texts)
    confirmed = saved.get(digest)
    if confirmed and confirmed.get("kind") in kinds() and len(confirmed.get("columns", ())) == len(texts):
        columns = tuple(str(column) for column in confirmed["columns"])
        guess = Guess(str(confirmed["kind"]), columns, tuple(1.0 if c else 0.0 for c in columns), 1.0)
        problem = "required_missing" if required_missing(guess.kind, columns) else ""
    else:
        confirmed = None
        guess = guess_kind(texts, samples, f"{file} {sheet}")
        problem = (
            "kind_unknown"
            if guess.score < 2
            else "required_missing"
            if required_missing(guess.kind, guess.columns)
            else ""
        )
    return SheetMapping(
        file=file, sheet=sheet, kind=guess.kind, digest=digest, header_row=headings.last + 1, headings=texts,
        columns=guess.columns, confidence=guess.confidence, is_confirmed=bool(confirmed), problem=problem,
        samples=tuple(tuple(masked(cell) for cell in row[: len(texts)]) for row in samples[:5]),
    )  # fmt: skip


def guess_kind(texts: Sequence[str], samples: Sequence[Sequence[str]], name: str) -> Guess:
    """The best of all templates: matched columns, telling ones twice, required ones missing subtracted."""
    guesses = [_guess(kind, texts, samples, name) for kind in kinds()]
    return max(guesses, key=lambda guess: guess.score)


def _guess(kind: str, texts: Sequence[str], samples: Sequence[Sequence[str]], name: str) -> Guess:
    columns, confidence = columns_for(kind, texts, samples)
    found = {column for column in columns if column}
    score = sum(confidence) + 1.5 * len(found & TELLING[kind]) - 2.5 * len(required_missing(kind, columns))
    score -= 0.6 * sum(1 for text, column in zip(texts, columns, strict=True) if text and not column)
    if kind == "guardians" and not found & {"child_ref", "child_ref.name", "child_ref.id_number"}:
        score -= 5
    if kind == "classes" and found & {"name"}:
        score -= 5
    if kind == "attributes" and not found & {"kind", *TRAITS} and not any(word in name for word in NAMES[kind]):
        score -= 5
    if kind == "numbers" and not found & GIVEN_NUMBERS:
        score -= 8
    for place, word in enumerate(NAMES[kind]):
        if word in name:
            score += 1.5 - 0.2 * place
            break
    return Guess(kind, columns, confidence, score)


def columns_for(
    kind: str, texts: Sequence[str], samples: Sequence[Sequence[str]]
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Columns by heading, then by content where the heading says nothing; one heading each, references may have two."""
    columns = ["" for _ in texts]
    confidence = [0.0 for _ in texts]
    order = sorted(range(len(texts)), key=lambda at: -match(kind, texts[at])[1])
    taken: Counter[str] = Counter()
    for at in order:
        column, sure = match(kind, texts[at])
        column, sure = _by_content(kind, column, sure, _cells(samples, at), taken)
        if column and taken[column] < (2 if column.endswith(("_ref", ".school")) else 1):
            columns[at], confidence[at] = column, sure
            taken[column] += 1
    return tuple(columns), tuple(confidence)


def _cells(samples: Sequence[Sequence[str]], at: int) -> list[str]:
    return [row[at].strip() for row in samples if at < len(row) and row[at] and row[at].strip()]


def _by_content(kind: str, column: str, sure: float, cells: list[str], taken: Counter[str]) -> tuple[str, float]:
    """What the values say: they correct 学号 that holds 学籍号, and name columns whose heading says nothing."""
    if not cells or kind in {"organisations", "classes", "teaching"}:
        return column, sure
    own = columns_of(kind)

    def most(pattern: re.Pattern[str]) -> bool:
        return sum(bool(pattern.match(cell)) for cell in cells) >= max(2, 0.8 * len(cells))

    if column == "school_number" and "register_number" in own and most(_REGISTER):
        return "register_number", 0.8
    if column:
        return column, sure
    for candidate, pattern in (("register_number", _REGISTER), ("id_number", _ID), ("phone", _PHONE)):
        if candidate in own and not taken[candidate] and most(pattern):
            return candidate, LIKELY
    if not taken["sex"] and "sex" in own and len(cells) >= 2 and set(cells) <= {"男", "女"}:
        return "sex", LIKELY
    if not taken["birth_date"] and "birth_date" in own and most(_DAY):
        return "birth_date", 0.5
    return "", 0.0


def required_missing(kind: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Required columns of the template that no heading brings. A child or a teacher may be named in several ways; the
    school and the class may come from the import itself or from the file's name."""
    found = set(columns)
    missing = []
    for heading in template(kind):
        if heading.required and heading.column not in found:
            if heading.column in {"school_ref", "class_ref"} and kind != "teaching":
                continue
            if heading.column == "school_ref" or (heading.column == "code" and "name" in found):
                continue
            if heading.column == "teacher_ref" and "teacher_ref.name" in found:
                continue
            if heading.column == "relation":
                continue
            missing.append(heading.column)
    if kind == "guardians" and not found & {"child_ref", "child_ref.name", "child_ref.id_number", "child_ref.number"}:
        missing.append("child_ref")
    return tuple(missing)


def masked(text: str) -> str:
    """A sample cell with long numbers hidden."""
    return _SENSITIVE.sub(lambda found: found[0][:3] + "*" * (len(found[0]) - 5) + found[0][-2:], text[:60])


def is_family(column: str) -> bool:
    return column.startswith(FAMILY)
