"""How schools write their class names: five habits, each consistent within a school."""

from __future__ import annotations

from .names import chinese_number
from .types import (
    GRADE_INDEX,
    GRADE_WORDS,
    KINDERGARTEN,
    NINE_YEAR,
    POINT,
    WHOLE_MIDDLE,
    ClassPlan,
    SchoolPlan,
    stage_of,
)

GRADE_SERIAL, STAGE_SERIAL, COHORT_SERIAL, DOTTED, AS_WRITTEN = (
    "grade_serial", "stage_serial", "cohort_serial", "dotted", "as_written",
)  # fmt: skip
STYLE_WORDS = {
    GRADE_SERIAL: "七（3）班",
    STAGE_SERIAL: "初一（3）班",
    COHORT_SERIAL: "2024级3班",
    DOTTED: "7.3",
    AS_WRITTEN: "按原文",
}
LOCAL_NAMES = (
    "启航",
    "远帆",
    "春笋",
    "青禾",
    "晨曦",
    "向阳",
    "星河",
    "知行",
    "扬帆",
    "翠竹",
    "清泉",
    "云雀",
    "朝露",
    "山海",
)
HABITS = (GRADE_SERIAL,) * 5 + (STAGE_SERIAL, COHORT_SERIAL, COHORT_SERIAL, DOTTED, AS_WRITTEN)


def name_classes(school: SchoolPlan) -> None:
    """Fill in the names of all classes by the habit of the school."""
    for place, group in enumerate(school.classes):
        group.name, group.pupil_spelling = _names_of(school, group, place)
        if school.style == AS_WRITTEN and len(group.grades) == 1 and school.type != POINT:
            group.local_name = group.name


def _names_of(school: SchoolPlan, group: ClassPlan, place: int) -> tuple[str, str]:
    if len(group.grades) > 1:
        name = "+".join(str(GRADE_INDEX[grade]) for grade in group.grades) + "复式班"
        return name, name
    stem = short_grade(group.grade)
    full, half = f"{stem}（{group.serial}）班", f"{stem}({group.serial})班"
    if school.style == AS_WRITTEN and place < len(LOCAL_NAMES):
        name = LOCAL_NAMES[(place + school.number) % len(LOCAL_NAMES)] + "班"
        return name, name
    if (
        school.type in (KINDERGARTEN, POINT)
        or school.style in (GRADE_SERIAL, AS_WRITTEN)
        or (school.type == NINE_YEAR and school.style == COHORT_SERIAL)
    ):
        return full, half if school.number % 4 == 1 else full
    if school.style == COHORT_SERIAL:
        stem = _cohort_stem(school, group)
        name = f"{stem}{group.entry_year}级{group.serial}班"
        return name, name
    if school.style == DOTTED:
        name = f"{GRADE_INDEX[group.grade]}.{group.serial}"
        return name, name
    return _stage_names(school, group, full)


def display_of(school: SchoolPlan) -> str:
    """The display rule; the two cohorts of a 完全中学 are told apart only as written."""
    both = school.type == WHOLE_MIDDLE and school.style == COHORT_SERIAL
    if both or (school.type == NINE_YEAR and school.style == COHORT_SERIAL):
        return AS_WRITTEN if both else GRADE_SERIAL
    return school.style


def _cohort_stem(school: SchoolPlan, group: ClassPlan) -> str:
    """A 完全中学 has two cohorts of one year: 初2024级 and 高2024级."""
    if school.type != WHOLE_MIDDLE:
        return ""
    return "初" if stage_of(group.grade, school.schooling) == "junior" else "高"


def _stage_names(school: SchoolPlan, group: ClassPlan, full: str) -> tuple[str, str]:
    index, stage = GRADE_INDEX[group.grade], stage_of(group.grade, school.schooling)
    if stage == "primary":
        grade = chinese_number(index)
        return f"{grade}年{chinese_number(group.serial)}班", f"{grade}年级{group.serial}班"
    if stage == "junior":
        first = 6 if school.schooling == "five_four" else 7
        stem = "初" + chinese_number(index - first + 1)
        return f"{stem}（{group.serial}）班", f"{stem}({group.serial})班"
    return full, full


def short_grade(grade: str) -> str:
    """七 of 七年级, 小 of 小班, 高一 as it is."""
    return GRADE_WORDS[grade].removesuffix("年级").removesuffix("班")
