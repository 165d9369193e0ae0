"""Class names as schools write them → grades, cohort, serial, local name; and back by a school's display rule.

2024级3班 · 初2024级3班 · 2027届3班 · 七(3)班 · 七年级3班 · 7.3 · 703班 · 初一3 · 三年二班 · 小一班 · 大(2)班 · 1+2复式 · 启航班 ·
七年级启航班 · 物理3班(高二). What a name means depends on the school: 初一 is the seventh grade under 六三, the sixth under
五四; a bare 2024级 began in the school's only stage. What cannot be decided is said (``doubt``), never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
CHINESE = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
KINDERGARTEN = {"托": "K0", "小": "K1", "中": "K2", "大": "K3"}
STAGES = ("preschool", "primary", "junior", "senior")
SUBJECTS = (
    "语文|数学|英语|外语|日语|俄语|物理|化学|生物学|生物|地理|历史|政治|思想政治|道德与法治|道法|科学|信息科技|信息技术|信息|通用技术|"
    "体育与健康|体育|音乐|美术|艺术|书法|劳动|综合实践活动|综合实践"
)
_N = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_GRADE = rf"(?P<stage>初|高|小)?(?P<grade>{_N})(?:年级|年)?"
_MULTI = re.compile(rf"^(?P<grades>{_N}(?:年级|年)?(?:[+、,，/&和\-~至]{_N}(?:年级|年)?)+)(?:年级)?复式(?:教学)?班?$")
_MULTI_IN = re.compile(rf"^复式(?:教学)?班?\((?P<grades>{_N}(?:[+、,，/&和\-~至]{_N})+)(?:年级)?\)$")
_MULTI_RUN = re.compile(r"^(?P<grades>[一二三四五六七八九]{2,4})(?:年级)?复式(?:教学)?班?$")
_COHORT = re.compile(
    r"^(?P<stage>小学?|初中?|高中?|幼儿园|幼)?(?P<year>(?:20)?\d\d)(?P<word>级|届)(?P<again>小学?|初中?|高中?)?"
    rf"[(\-.]?(?P<serial>{_N})?\)?(?P<rest>.*?)班?$"
)
_CHILD = re.compile(rf"^(?P<grade>托|小|中|大)(?:班)?\(?(?P<serial>{_N})?\)?班?$")
_STAGED = re.compile(
    rf"^(?P<stage>初|高|小)(?:中|学)?(?P<grade>[一二三四五六1-6])(?:年级|年)?[(\-.]?(?P<serial>{_N})\)?班?$"
)
_STAGED_LOCAL = re.compile(r"^(?P<stage>初|高|小)(?:中|学)?(?P<grade>[一二三四五六1-6])(?:年级|年)?(?P<local>\D.*)$")
_MARKED = re.compile(rf"^(?P<grade>{_N})(?:年级|年|级)?[(\-.·](?P<serial>{_N})\)?班?$")
_BRACKETED = re.compile(rf"^\((?P<grade>{_N})\)(?P<serial>{_N})班?$")
_WORDED = re.compile(rf"^(?P<grade>{_N})年级?\(?(?P<serial>{_N})\)?班?$")
_JOINED = re.compile(r"^(?P<grade>[一二三四五六七八九])(?P<serial>\d{1,2})班?$")
_NUMBER = re.compile(r"^(?P<grade>[1-9])(?P<serial>(?:0[1-9]|[1-9]\d))班?$")
_LOCAL = re.compile(rf"^(?P<grade>{_N})年级(?P<local>\D.*)$")
_WALKING = (
    re.compile(rf"^(?:走班:?)?(?P<subject>{SUBJECTS})(?:选考|学考|分层)?(?P<serial>{_N}|[A-Za-z])班?\({_GRADE}\)$"),
    re.compile(rf"^(?:走班:?)?{_GRADE}(?P<subject>{SUBJECTS})(?:选考|学考|分层)?(?P<serial>{_N}|[A-Za-z])?班?$"),
)
_BLANK = re.compile(r"[\s\u3000\u200b\ufeff\u00a0]+")
_SAME = str.maketrans("（）［］[]【】〔〕．。・•‧：－—–＋０１２３４５６７８９", "()()()()()....·:---+0123456789")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassName:
    """``grades`` is empty when the name says none (启航班). ``kind`` is a ClassKind.

    ``doubt``: ``stage_unknown`` (a cohort year that could have begun in several stages, 初一 without a 学制),
    ``grade_outside`` (the school has no such grade), or "".
    """

    grades: tuple[str, ...] = ()
    serial: int | None = None
    entry_year: int | None = None
    kind: str = "administrative"
    local_name: str = ""
    subject: str = ""
    doubt: str = ""

    @property
    def identity(self) -> str:
        """The same for every spelling of one class in one school and year: ``G07-3``, ``G01+G02``, ``启航``."""
        grades = "+".join(self.grades)
        if self.kind == "teaching":
            return f"{grades}:{self.subject}:{self.serial or self.local_name}"
        if self.kind == "multigrade":
            return f"{grades}{f'-{self.serial}' if self.serial else ''}"
        if self.local_name:
            return f"{grades}:{_bare(self.local_name)}" if grades else _bare(self.local_name)
        if not grades and self.entry_year:
            return f"@{self.entry_year}-{self.serial}"
        return f"{grades}-{self.serial}" if self.serial else grades


def number_of(text: str) -> int:
    """Arabic or Chinese number up to 99; raises ``ValueError``."""
    if text.isascii() and text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten and len(text) > 1:
        raise ValueError(text)
    try:
        if ten:
            return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
        return DIGITS[text]
    except KeyError as error:
        raise ValueError(text) from error


def chinese_number(value: int) -> str:
    """1–99 in Chinese."""
    if value <= 12:
        return CHINESE[value]
    tens, ones = divmod(value, 10)
    return ("" if tens == 1 else CHINESE[tens]) + "十" + (CHINESE[ones] if ones else "")


def junior_start(schooling: str) -> int:
    """First grade of junior school: the seventh under 六三, the sixth under 五四."""
    return 6 if schooling == "five_four" else 7


def stage_of(grade: str, schooling: str = "") -> str:
    """The stage a grade belongs to."""
    if not grade.startswith("G"):
        return "preschool"
    index = int(grade[1:])
    return "senior" if index >= 10 else "junior" if index >= junior_start(schooling) else "primary"


def entry_year_of(grade: str, schooling: str, year: int) -> int:
    """Calendar year in which the cohort that is in ``grade`` in school year ``year`` entered its stage."""
    if grade.startswith("K"):
        return year - max(0, int(grade[1:]) - 1)
    first = {"primary": 1, "junior": junior_start(schooling), "senior": 10}[stage_of(grade, schooling)]
    return year - (int(grade[1:]) - first)


def tidy_class_name(written: str) -> str:
    """One spelling of brackets, digits and blanks, for comparing."""
    return _BLANK.sub("", written).translate(_SAME)


def _bare(name: str) -> str:
    text = tidy_class_name(name)
    return text.removesuffix("班") or text


def read_class_name(
    written: str,
    *,
    schooling: str = "",
    school_year: str = "",
    stages: Iterable[str] = (),
    stage: str = "",
    grade: str = "",
) -> ClassName:
    """Read one spelling. ``stages``: the stages the school teaches; ``grade``: a grade stated beside the name, which
    decides what the name leaves open. ``school_year``: ``2026-2027``."""
    taught = frozenset(stages) | ({stage} if stage else frozenset())
    year = int(school_year[:4]) if school_year[:4].isdigit() else 0
    return _read(tidy_class_name(written), schooling, year, taught, grade)


@lru_cache(maxsize=65536)
def _read(text: str, schooling: str, year: int, taught: frozenset[str], grade: str) -> ClassName:
    reader = _Reader(schooling, year, taught, grade)
    try:
        found = reader.read(text)
    except ValueError:
        found = None
    if found and not found.grades and not found.local_name and found.doubt == "grade_outside":
        return replace(found, local_name=text, serial=None)
    return found or ClassName(grades=(grade,) if grade else (), local_name=text)


class _Reader:
    def __init__(self, schooling: str, year: int, taught: frozenset[str], grade: str) -> None:
        self.schooling, self.year, self.taught, self.grade = schooling, year, taught, grade

    def read(self, text: str) -> ClassName | None:
        for reading in (self._multi, self._teaching, self._cohort, self._child, self._staged, self._plain, self._local):
            if found := reading(text):
                return found
        return None

    def _multi(self, text: str) -> ClassName | None:
        found = _MULTI.match(text) or _MULTI_IN.match(text)
        if found:
            parts = re.split(r"[+、,，/&和]", re.sub(r"年级?", "", found["grades"]))
            numbers: list[int] = []
            for part in parts:
                first, dash, last = re.sub(r"[~至]", "-", part).partition("-")
                numbers += range(number_of(first), number_of(last) + 1) if dash else [number_of(first)]
        elif found := _MULTI_RUN.match(text):
            numbers = [number_of(character) for character in found["grades"]]
        else:
            return None
        grades = tuple(dict.fromkeys(_grade(number) for number in sorted(numbers)))
        return ClassName(grades=grades, kind="multigrade") if all(grades) and len(grades) > 1 else None

    def _teaching(self, text: str) -> ClassName | None:
        for pattern in _WALKING:
            if found := pattern.match(text):
                grade, doubt = self._of_stage(found["stage"], number_of(found["grade"]))
                word = found["serial"] or ""
                serial = None if not word or (word.isalpha() and word.isascii()) else number_of(word)
                return ClassName(
                    grades=(grade,) if grade else (), serial=serial, kind="teaching", subject=found["subject"],
                    local_name=word if serial is None else "", doubt=doubt,
                )  # fmt: skip
        return None

    def _cohort(self, text: str) -> ClassName | None:
        found = _COHORT.match(text)
        if not found or (found["rest"] and found["serial"]):
            return None
        cohort = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
        word = (found["stage"] or found["again"] or "")[:1]
        serial = number_of(found["serial"]) if found["serial"] else None
        stage = {"小": "primary", "初": "junior", "高": "senior", "幼": "preschool"}.get(word, "")
        stage = stage or (stage_of(self.grade, self.schooling) if self.grade else "")
        if not stage and len(self.taught) == 1:
            (stage,) = self.taught
        local = found["rest"] or ""
        if not serial and not local and not text.endswith("班"):
            return None
        if not stage or not self.year:
            return ClassName(serial=serial, entry_year=cohort, local_name=local, doubt="stage_unknown")
        first, years = self._stage(stage)
        entered = cohort - years if found["word"] == "届" else cohort
        index = first + self.year - entered
        inside = first <= index < first + years
        grade = (f"K{index}" if stage == "preschool" else _grade(index)) if inside else ""
        return ClassName(
            grades=(grade,) if grade else (), serial=serial, entry_year=entered, local_name=local,
            doubt="" if grade else "grade_outside",
        )  # fmt: skip

    def _stage(self, stage: str) -> tuple[int, int]:
        """First grade and length of a stage."""
        start = junior_start(self.schooling)
        return {"preschool": (1, 3), "primary": (1, start - 1), "junior": (start, 10 - start), "senior": (10, 3)}[stage]

    def _child(self, text: str) -> ClassName | None:
        found = _CHILD.match(text)
        if not found or (found["grade"] == "小" and self.taught and "preschool" not in self.taught):
            return None
        if not found["serial"] and not text.endswith("班"):
            return None
        serial = number_of(found["serial"]) if found["serial"] else None
        return self._made(KINDERGARTEN[found["grade"]], serial)

    def _staged(self, text: str) -> ClassName | None:
        found = _STAGED.match(text)
        if found:
            grade, doubt = self._of_stage(found["stage"], number_of(found["grade"]))
            return self._made(grade, number_of(found["serial"]), doubt=doubt)
        if found := _STAGED_LOCAL.match(text):
            grade, doubt = self._of_stage(found["stage"], number_of(found["grade"]))
            local = "" if found["local"] == "班" else found["local"]
            return self._made(grade, None, local=local, doubt=doubt)
        if (only := re.match(r"^小([一二三四五六])班?$", text)) and self.taught and "preschool" not in self.taught:
            return self._made(_grade(number_of(only[1])), None)
        return None

    def _plain(self, text: str) -> ClassName | None:
        for pattern in (_MARKED, _BRACKETED, _WORDED, _JOINED, _NUMBER):
            if found := pattern.match(text):
                grade = _grade(number_of(found["grade"]))
                return self._made(grade, number_of(found["serial"])) if grade else None
        if self.grade and (found := re.match(rf"^\(?({_N})\)?班?$", text)):
            return self._made(self.grade, number_of(found[1]))
        return None

    def _local(self, text: str) -> ClassName | None:
        if only := re.match(rf"^({_N})年级$", text):
            grade = _grade(number_of(only[1]))
            return self._made(grade, None) if grade else None
        if found := _LOCAL.match(text):
            grade = _grade(number_of(found["grade"]))
            local = "" if found["local"] == "班" else found["local"]
            return self._made(grade, None, local=local) if grade else None
        if re.match(r"^复式(?:教学)?班?$", text):
            return ClassName(kind="multigrade", grades=(self.grade,) if self.grade else (), local_name=text)
        return None

    def _of_stage(self, word: str | None, number: int) -> tuple[str, str]:
        """Grade of 初一 (``初``, 1), 高二, 小三; without a word the number is the grade itself."""
        if word == "初":
            doubt = "" if self.schooling else "stage_unknown"
            grade = _grade(junior_start(self.schooling) + number - 1)
            inside = number <= 10 - junior_start(self.schooling)
            return (grade, doubt) if inside else ("", "grade_outside")
        if word == "高":
            return (_grade(9 + number), "") if number <= 3 else ("", "grade_outside")
        return _grade(number), ""

    def _made(self, grade: str, serial: int | None, *, local: str = "", doubt: str = "") -> ClassName:
        if not grade:
            return ClassName(serial=serial, local_name=local, doubt=doubt or "grade_outside")
        if not doubt and self.taught and stage_of(grade, self.schooling) not in self.taught:
            doubt = "grade_outside"
        entered = entry_year_of(grade, self.schooling, self.year) if self.year else None
        return ClassName(grades=(grade,), serial=serial, entry_year=entered, local_name=local, doubt=doubt)


def _grade(index: int) -> str:
    return f"G{index:02d}" if 1 <= index <= 12 else ""
