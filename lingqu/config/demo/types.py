"""What the planner hands to the writer: schools with their classes, nobody in them yet."""

from __future__ import annotations

from dataclasses import dataclass, field

STAGES = ("preschool", "primary", "junior", "senior")
GRADE_WORDS = {
    "K1": "小班", "K2": "中班", "K3": "大班",
    "G01": "一年级", "G02": "二年级", "G03": "三年级", "G04": "四年级", "G05": "五年级", "G06": "六年级",
    "G07": "七年级", "G08": "八年级", "G09": "九年级", "G10": "高一", "G11": "高二", "G12": "高三",
}  # fmt: skip
GRADE_INDEX = {"K1": -2, "K2": -1, "K3": 0, **{f"G{n:02d}": n for n in range(1, 13)}}
"""Years of schooling; a child of index n turns n + 5 in the year before 1 September."""

KINDERGARTEN, PRIMARY, POINT, JUNIOR, NINE_YEAR, WHOLE_MIDDLE, SENIOR = "111", "211", "218", "311", "312", "341", "342"
TYPE_WORDS = {
    KINDERGARTEN: "幼儿园", PRIMARY: "小学", POINT: "小学教学点", JUNIOR: "初级中学", NINE_YEAR: "九年一贯制学校",
    WHOLE_MIDDLE: "完全中学", SENIOR: "高级中学",
}  # fmt: skip
SIX_THREE, FIVE_FOUR = "six_three", "five_four"


def stage_of(grade: str, schooling: str) -> str:
    index = GRADE_INDEX[grade]
    if index < 1:
        return "preschool"
    if index > 9:
        return "senior"
    return "primary" if index <= (5 if schooling == FIVE_FOUR else 6) else "junior"


@dataclass(slots=True, kw_only=True)
class ClassPlan:
    """One class of this school year. ``pupil_spelling`` is how the pupils' sheet writes it, ``name`` the classes."""

    grades: tuple[str, ...]
    serial: int
    size: int
    entry_year: int
    name: str = ""
    pupil_spelling: str = ""
    local_name: str = ""
    campus: str = ""
    room: str = ""

    @property
    def grade(self) -> str:
        return self.grades[0]


@dataclass(slots=True, kw_only=True)
class SchoolPlan:
    """``district`` is where the school stands (属地), ``parent`` the code of what it answers to (隶属)."""

    number: int
    code: str
    name: str
    type: str
    district: int
    schooling: str
    style: str
    town: str = ""
    rural: bool = False
    private: bool = False
    of_city: bool = False
    parent: str = ""
    central: str = ""
    story: str = ""
    classes: list[ClassPlan] = field(default_factory=list)

    @property
    def pupils(self) -> int:
        return sum(group.size for group in self.classes)


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    number: int
    name: str
    is_county: bool
    schooling: str
    weight: int
    rural: int
    """Share of rural schools in per cent."""
    towns: tuple[str, ...]
    villages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityPlan:
    people: int
    seed: int
    school_year: int
    schools: tuple[SchoolPlan, ...]
    districts: tuple[District, ...]

    @property
    def pupils(self) -> int:
        return sum(school.pupils for school in self.schools)
