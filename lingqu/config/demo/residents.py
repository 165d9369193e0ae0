"""The people of one school: staff first (some are parents), then class by class the pupils with their families."""

from __future__ import annotations

from datetime import date
from random import Random

from .core_schools import STORY_PRIMARY, STORY_SCHOOL
from .families import Adult, Families, Family
from .names import CHILD, PARENT, Namer
from .numbers import Numbers, district_code, landline, written
from .pupils import ETHNICITIES, SEX_WORDS, Child, Pupils, Seat
from .rows import ID_CARD, NO, YES, Roster
from .spelling import STYLE_WORDS, display_of
from .staffing import Post, staff_school, studied
from .story import TEACHER_MOTHER, class_key, put_story_in, story_pupils
from .story_families import StoryFamilies
from .types import (
    GRADE_INDEX,
    GRADE_WORDS,
    POINT,
    TYPE_WORDS,
    CityPlan,
    ClassPlan,
    SchoolPlan,
)

STAGE_WORDS = {"preschool": "学前教育", "primary": "小学", "junior": "初中", "senior": "普通高中", "": ""}
SCHOOLING_WORDS = {"six_three": "六三制", "five_four": "五四制"}
TITLES = ("三级教师", "二级教师", "一级教师", "高级教师")
TOWN_EMPLOYMENT = (
    "备案制",
    "备案制",
    "人事代理",
    "合同/劳务派遣",
    "合同/劳务派遣",
    "代课",
    "交流轮岗",
    "银龄",
    "支教",
    "跨校走教",
)
RURAL_EMPLOYMENT = ("备案制", "特岗", "特岗", "特岗", "代课", "代课", "交流轮岗", "银龄", "支教", "跨校走教")
PART_TIME = ("代课", "跨校走教")
LANES = ("春汀里", "望潮里", "柳岸里", "文澜里", "莲塘巷", "竹坞巷", "古渡巷", "桑园里", "清荫里", "浅渡巷")


def staff_of(school: SchoolPlan) -> list[Post]:
    return put_story_in(school, staff_school(school))


class Residents:
    """Fills a :class:`Roster` school by school; ``guardians_made`` counts distinct new guardians."""

    def __init__(self, plan: CityPlan, numbers: Numbers, *, guardians: int) -> None:
        self.plan, self.numbers = plan, numbers
        self.families = Families(Random(f"{plan.seed}:families"), numbers)
        self.story = StoryFamilies(self.families, plan.school_year)
        self.guardians, self.guardians_made = guardians, 0
        self._pupils_total, self._pupils_done = plan.pupils, 0
        self._last_school: dict[tuple[int, str], str] = {}
        self.pupils = Pupils(numbers, plan.school_year)

    def fill(self, school: SchoolPlan, roster: Roster) -> None:
        self.rng = self.families.rng = self.pupils.rng = Random(f"{self.plan.seed}:{school.number}")
        self.namer = self.families.namer = Namer(self.rng)
        self._reference = school.code if school.number % 3 else school.name
        roster.organisations.append(self._organisation_row(school))
        heads = self._add_staff(school, roster)
        for place, group in enumerate(school.classes):
            roster.classes.append(self._class_row(school, group, heads.get(place, "")))
            self._add_pupils(school, place, group, roster)

    # ---- organisation and classes --------------------

    def _organisation_row(self, school: SchoolPlan) -> tuple[str, ...]:
        urban = "村庄" if school.type == POINT else "镇中心区" if school.rural else "主城区"
        short = school.name.removesuffix("（演示）").removeprefix("云汀市")
        return (
            school.code, school.name, short, "教学点" if school.type == POINT else "学校", TYPE_WORDS[school.type],
            "民办" if school.private else "公办", school.parent,
            district_code(school.district) if school.of_city else "", school.central,
            SCHOOLING_WORDS[school.schooling], urban, STYLE_WORDS[display_of(school)],
            f"云汀市{school.town}{school.number}号（演示）", landline(school.number), YES,
        )  # fmt: skip

    def _class_row(self, school: SchoolPlan, group: ClassPlan, head: str) -> tuple[str, ...]:
        year = self.plan.school_year
        third = school.story == STORY_SCHOOL and group.grade == "G09"
        return (
            self._reference, group.name, "、".join(GRADE_WORDS[grade] for grade in group.grades), str(group.entry_year),
            str(group.serial), group.local_name, "复式班" if len(group.grades) > 1 else "行政班",
            "东校区" if third else "", str(100 * (1 + group.serial % 4) + GRADE_INDEX[group.grade] % 10 + 1),
            f"{year}-{year + 1}", head,
        )  # fmt: skip

    # ---- staff --------------------

    def _add_staff(self, school: SchoolPlan, roster: Roster) -> dict[int, str]:
        """Staff and their lessons; returns the staff number of each class's head."""
        heads: dict[int, str] = {}
        for place, post in enumerate(staff_of(school), start=1):
            number = post.staff_number or f"T{place + 400:04d}"
            adult = self._staff_adult(school, post)
            roster.staff.append(self._staff_row(school, post, adult, number))
            if post.head_of >= 0:
                heads[post.head_of] = number
            for at, subject, periods in post.lessons:
                group = school.classes[at]
                roster.teaching.append((self._reference, group.name, number, adult.name, subject, str(periods), YES))
            if post.name == TEACHER_MOTHER:
                self.story.teacher_mother = adult
            elif adult.id_number and adult.phone and not post.name and self.rng.random() < 0.3:
                self.families.remember_teacher(school.district, adult)
        self._last_school[school.district, school.type] = school.code
        return heads

    def _staff_adult(self, school: SchoolPlan, post: Post) -> Adult:
        draw = self.rng.random
        women = {"preschool": 0.96, "primary": 0.72, "junior": 0.6, "senior": 0.52}.get(post.stage, 0.4)
        sex = post.sex or ("2" if draw() < women else "1")
        age = 50 if "校长" in post.duties else 24 + draw() * 34
        day = date(self.plan.school_year, 9, 1).toordinal() - int(age * 365.25) - int(draw() * 200)
        name = post.name or self.namer.full(sex, PARENT)
        return Adult(name, sex, day, self.numbers.id_number(school.district, day, sex), self.numbers.phone())

    def _staff_row(self, school: SchoolPlan, post: Post, adult: Adult, number: str) -> tuple[str, ...]:
        draw = self.rng.random()
        employer = ""
        kind = "在编" if post.name else _employment_kind(draw, rural=school.rural, private=school.private)
        if kind == "交流轮岗":
            employer = self._last_school.get((school.district, school.type), "")
            kind = kind if employer else "在编"
        worked = (self.plan.school_year - date.fromordinal(adult.day).year - 22) * self.rng.random()
        entry = f"{self.plan.school_year - max(0, int(worked))}-09-01"
        title = TITLES[min(3, int(worked / 6 + draw))] if post.teaches else ""
        head = school.classes[post.head_of].name if post.head_of >= 0 else ""
        work = "校领导" if "校长" in post.duties else "教师" if post.teaches else "行政处室工作"
        return (
            adult.name, SEX_WORDS[adult.sex], written(adult.day), ID_CARD, adult.id_number, number, self._reference,
            employer, kind, work, _full_time(post, kind), "、".join(post.duties), STAGE_WORDS[post.stage], post.subject, title,
            *studied(post.stage, f"{school.code}{number}", teaches=post.teaches), head, entry,
            adult.phone, ETHNICITIES[int(draw * 100)], YES,
        )  # fmt: skip

    # ---- pupils --------------------

    def _quota(self, size: int) -> int:
        """New guardians for this class, so that the city has exactly as many people as asked for."""
        self._pupils_done += size
        due = self.guardians * self._pupils_done // self._pupils_total
        return due - self.guardians_made

    def _add_pupils(self, school: SchoolPlan, place: int, group: ClassPlan, roster: Roster) -> None:
        told = story_pupils(school.story, class_key(school, place)) if school.story else {}
        district, rng = school.district, self.rng
        drafts: list[tuple[int, str, str, int, Family]] = []
        fresh: list[tuple[int, Family]] = []
        quota = self._quota(group.size)
        for number in range(1, group.size + 1):
            grade = group.grades[number % len(group.grades)]
            day = self._birth_day(grade)
            if number in told:
                pupil = told[number]
                family, day, made = self.story.family_of(pupil, day, district, school)
                quota -= made
                self.guardians_made += made
                drafts.append((number, pupil.name, pupil.sex, day, family))
                continue
            sex = "1" if rng.random() < 0.526 else "2"
            may_share = quota <= 2 * (len(fresh) + group.size - number)
            found = self._find_family(school, number, day) if may_share else None
            family = found or self.families.new(self._address(school), rural=school.rural)
            if found is None:
                fresh.append((day, family))
            family.last_child_day = day
            drafts.append((number, self._name_of_child(family, sex, day, drafts), sex, day, family))
        self._give_guardians(fresh, quota, district)
        for number, name, sex, day, family in drafts:
            seat = Seat(school, group, group.grades[number % len(group.grades)], self._reference, number)
            self.pupils.add(roster, seat, Child(name, sex, day), family, told.get(number))

    def _name_of_child(
        self, family: Family, sex: str, day: int, drafts: list[tuple[int, str, str, int, Family]]
    ) -> str:
        """A name that no classmate of the same birthday has: a roster could not tell them apart."""
        taken = {name for _number, name, _sex, born, _family in drafts if born == day}
        while (name := family.surname + self.namer.given(sex, CHILD)) in taken:
            pass
        return name

    def _find_family(self, school: SchoolPlan, number: int, day: int) -> Family | None:
        if school.story == STORY_PRIMARY and number == 3 and self.story.teacher_mother is not None:
            teacher, self.story.teacher_mother = self.story.teacher_mother, None
            return self.families.of_teacher(teacher, self._address(school), rural=False)
        known = self.families.find_sibling(school.district, day)
        if known is not None:
            return known
        teacher_parent = self.families.find_teacher(school.district, day)
        if teacher_parent is None:
            return None
        return self.families.of_teacher(teacher_parent, self._address(school), rural=school.rural)

    def _give_guardians(self, fresh: list[tuple[int, Family]], quota: int, district: int) -> None:
        """First one each, then second ones by chance; with too small a quota the last families have none."""
        served = fresh[: max(0, quota)]
        for day, family in served:
            self.families.add_first(family, district, day)
        twice = self.rng.sample(served, max(0, min(len(served), quota - len(served))))
        for day, family in twice:
            self.families.add_second(family, district, day)
        self.guardians_made += len(served) + len(twice)
        for _day, family in served:
            self.families.remember(district, family)

    def _birth_day(self, grade: str) -> int:
        entry_age = GRADE_INDEX[grade] + 5
        return date(self.plan.school_year - entry_age - 1, 9, 1).toordinal() + int(self.rng.random() * 365)

    def _address(self, school: SchoolPlan) -> str:
        draw = self.rng.random
        return f"{school.town}{LANES[int(draw() * len(LANES))]}{1 + int(draw() * 180)}号（演示）"


def _full_time(post: Post, kind: str) -> str:
    if "校长" in post.duties:
        return YES if post.lessons else NO
    return YES if post.teaches and kind not in PART_TIME else NO


def _employment_kind(chance: float, *, rural: bool, private: bool) -> str:
    if private:
        return "合同/劳务派遣"
    rest = RURAL_EMPLOYMENT if rural else TOWN_EMPLOYMENT
    return "在编" if chance < 0.8 else rest[int((chance - 0.8) * 5 * len(rest))]
