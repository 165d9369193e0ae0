"""The schools that every demo city has, whatever its size: those of the pictures and one of each unusual kind."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .numbers import district_code, school_code
from .spelling import AS_WRITTEN, COHORT_SERIAL, DOTTED, GRADE_SERIAL, STAGE_SERIAL
from .types import (
    FIVE_FOUR,
    GRADE_INDEX,
    JUNIOR,
    KINDERGARTEN,
    NINE_YEAR,
    POINT,
    PRIMARY,
    SENIOR,
    SIX_THREE,
    WHOLE_MIDDLE,
    ClassPlan,
    SchoolPlan,
    stage_of,
)

_PRIMARY_63 = ("G01", "G02", "G03", "G04", "G05", "G06")
_JUNIOR_63 = ("G07", "G08", "G09")
GRADES_OF: dict[tuple[str, str], tuple[str, ...]] = {
    (KINDERGARTEN, SIX_THREE): ("K1", "K2", "K3"),
    (PRIMARY, SIX_THREE): _PRIMARY_63,
    (PRIMARY, FIVE_FOUR): _PRIMARY_63[:5],
    (JUNIOR, SIX_THREE): _JUNIOR_63,
    (JUNIOR, FIVE_FOUR): ("G06", *_JUNIOR_63),
    (NINE_YEAR, SIX_THREE): (*_PRIMARY_63, *_JUNIOR_63),
    (NINE_YEAR, FIVE_FOUR): (*_PRIMARY_63, *_JUNIOR_63),
    (WHOLE_MIDDLE, SIX_THREE): (*_JUNIOR_63, "G10", "G11", "G12"),
    (SENIOR, SIX_THREE): ("G10", "G11", "G12"),
}
STORY_SCHOOL, STORY_PRIMARY, STORY_POINT, FIVE_FOUR_SCHOOL = "third", "primary", "point", "five_four"
STORY_CLASS_SIZES = {1: 43, 2: 44, 3: 42, 4: 47, 5: 44}
"""八（1）班 … 八（5）班 of 云汀市第三中学, as the pictures count them."""
FULL_AT = 12_000
"""From this many pupils on the core schools have their full size."""


@dataclass(frozen=True, slots=True)
class _Core:
    serial: int
    category: str
    name: str
    type: str
    district: int
    town: str
    tracks: int
    size: int
    style: str = GRADE_SERIAL
    schooling: str = SIX_THREE
    of_city: bool = False
    rural: bool = False
    story: str = ""


CORE = (
    _Core(1, "34", "云汀市第一中学", WHOLE_MIDDLE, 1, "望潮街道", 4, 46, COHORT_SERIAL, of_city=True),
    _Core(2, "34", "云汀市高级中学", SENIOR, 2, "平桥街道", 6, 47, GRADE_SERIAL, of_city=True),
    _Core(3, "31", "云汀市第三中学", JUNIOR, 1, "春汀街道", 10, 43, story=STORY_SCHOOL),
    _Core(4, "21", "汀东小学", PRIMARY, 1, "春汀街道", 4, 42, story=STORY_PRIMARY),
    _Core(5, "11", "汀东区实验幼儿园", KINDERGARTEN, 1, "春汀街道", 4, 27),
    _Core(6, "31", "青湾县实验学校", NINE_YEAR, 4, "湾头镇", 3, 41, STAGE_SERIAL, FIVE_FOUR, story=FIVE_FOUR_SCHOOL),
    _Core(7, "21", "湾头镇中心小学", PRIMARY, 4, "湾头镇", 2, 38, DOTTED, FIVE_FOUR, rural=True),
    _Core(8, "31", "青湾县实验中学", JUNIOR, 4, "青堰镇", 3, 46, DOTTED, FIVE_FOUR),
    _Core(9, "21", "石泉镇中心小学", PRIMARY, 5, "石泉镇", 2, 32, AS_WRITTEN, rural=True),
    _Core(10, "21", "石泉镇柳溪教学点", POINT, 5, "石泉镇", 0, 0, rural=True, story=STORY_POINT),
)


def core_schools(*, pupils: int, school_year: int) -> list[SchoolPlan]:
    """Sized so that a small city is all core and holds ``pupils`` in total; a large one has them at full size."""
    scale = min(1.0, pupils / FULL_AT)
    schools = [_school(core) for core in CORE]
    schools[9].parent = schools[9].central = schools[8].code
    for core, school in zip(CORE, schools, strict=True):
        for grade in GRADES_OF.get((core.type, core.schooling), ()) if core.tracks else ():
            for serial in range(1, _tracks(core, grade, scale) + 1):
                _add_class(school, (grade,), serial, core.size, school_year)
    _add_class(schools[9], ("G01", "G02"), 1, 11, school_year)
    _vary_sizes(schools, pupils)
    return schools


def _school(core: _Core) -> SchoolPlan:
    return SchoolPlan(
        number=core.serial,
        code=school_code(core.category, core.serial),
        name=f"{core.name}（演示）",
        type=core.type,
        district=core.district,
        schooling=core.schooling,
        style=core.style,
        town=core.town,
        rural=core.rural,
        of_city=core.of_city,
        parent=district_code(0 if core.of_city else core.district),
        story=core.story,
    )


def _tracks(core: _Core, grade: str, scale: float) -> int:
    wanted = round(core.tracks * scale)
    if core.story == STORY_SCHOOL and grade == "G08":
        return max(5 if scale > 0.06 else 3, wanted)
    if core.story == STORY_PRIMARY and grade == "G03":
        return max(2, wanted)
    return max(1, wanted)


def _add_class(school: SchoolPlan, grades: tuple[str, ...], serial: int, size: int, school_year: int) -> None:
    index, stage = GRADE_INDEX[grades[0]], stage_of(grades[0], school.schooling)
    first = {"preschool": -2, "primary": 1, "junior": 6 if school.schooling == FIVE_FOUR else 7, "senior": 10}[stage]
    entry = school_year - (index - first)
    school.classes.append(ClassPlan(grades=grades, serial=serial, size=size, entry_year=entry))


def _vary_sizes(schools: list[SchoolPlan], pupils: int) -> None:
    """Draw the sizes; shrink the free ones together when the city is too small for full classes."""
    rng = Random("core sizes")
    fixed, free = [], []
    for school in schools:
        for group in school.classes:
            named = school.story == STORY_SCHOOL and group.grade == "G08" and group.serial in STORY_CLASS_SIZES
            if named and (group.serial == 3 or pupils > 720):
                group.size = STORY_CLASS_SIZES[group.serial]
                fixed.append(group)
            elif school.type == POINT:
                fixed.append(group)
            else:
                group.size = max(8, round(rng.gauss(group.size, 3)))
                free.append(group)
    room = pupils - sum(group.size for group in fixed)
    factor = min(1.0, room / sum(group.size for group in free))
    for group in free:
        group.size = max(2, round(group.size * factor))
