"""The authority above the schools: city bureau, districts and counties, the research institute; with their staff."""

from __future__ import annotations

from datetime import date
from random import Random

from .names import PARENT, Namer
from .numbers import CITY_REGION, Numbers, district_code, landline, written
from .rows import ID_CARD, NO, YES, Roster
from .staffing import studied
from .story import StoryStaff, story_staff
from .types import CityPlan

INSTITUTE = "000190"
BUREAU_NAME = "云汀市教育局（演示）"
INSTITUTE_NAME = "云汀市教育科学研究院（演示）"
_SEX_WORDS = {"1": "男", "2": "女"}
OFFICE_PHONES = 90_000
"""Beyond the serials of schools."""


def desks(plan: CityPlan) -> list[tuple[str, int, list[StoryStaff | None]]]:
    """(organisation code, district, posts): named people first, then as many more as a city of this size has."""
    more = plan.people // 100_000
    found: list[tuple[str, int, list[StoryStaff | None]]] = [
        (CITY_REGION, 0, [*story_staff("bureau"), *[None] * (3 + 4 * more)]),
        (INSTITUTE, 0, [*story_staff("institute"), *[None] * (2 + more)]),
    ]
    for district in plan.districts:
        posts: list[StoryStaff | None] = list(story_staff(f"county{district.number}"))
        posts += [None] * (3 - len(posts) + more)
        found.append((district_code(district.number), district.number, posts))
    return found


def count_staff(plan: CityPlan) -> int:
    return sum(len(posts) for _code, _district, posts in desks(plan))


def add_bureaus(plan: CityPlan, numbers: Numbers, roster: Roster) -> None:
    _add_organisations(plan, roster)
    rng = Random(f"{plan.seed}:bureaus")
    namer = Namer(rng)
    for code, district, posts in desks(plan):
        for place, post in enumerate(posts):
            sex = post.sex if post else rng.choice("12")
            day = date(plan.school_year, 9, 1).toordinal() - int((30 + rng.random() * 25) * 365.25)
            name = post.name if post else namer.full(sex, PARENT)
            duties = "、".join(post.duties) if post else "县级管理员" if district and place == 0 else ""
            number = post.staff_number if post else f"J{place + 101:04d}"
            roster.staff.append((
                name, _SEX_WORDS[sex], written(day), ID_CARD, numbers.id_number(district, day, sex), number, code,
                "", "在编", "行政处室工作", NO, duties, "", "", "", *studied("senior", number, teaches=False), "",
                f"{plan.school_year - 5}-09-01", numbers.phone(),
                "汉族", YES,
            ))  # fmt: skip


def _add_organisations(plan: CityPlan, roster: Roster) -> None:
    def add(code: str, name: str, short: str, kind: str, parent: str) -> None:
        ownership = schooling = ""
        phone = landline(OFFICE_PHONES + len(roster.organisations))
        roster.organisations.append((
            code, name, short, kind, "", ownership, parent, "", "", schooling, "", "", "东江省云汀市（演示）", phone, YES,
        ))  # fmt: skip

    add(CITY_REGION, BUREAU_NAME, "市教育局", "教育行政部门", "")
    for district in plan.districts:
        add(district_code(district.number), f"{district.name}（演示）", district.name, "教育区域", CITY_REGION)
    add(INSTITUTE, INSTITUTE_NAME, "教科院", "教育事业单位", CITY_REGION)
