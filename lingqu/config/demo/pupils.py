"""One pupil's rows: the pupil with 学籍 and 就读, and one row for each guardian."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from .families import Family
from .numbers import Numbers, written
from .rows import ID_CARD, NO, YES, Roster
from .story import StoryPupil
from .types import GRADE_INDEX, GRADE_WORDS, ClassPlan, SchoolPlan, stage_of

SEX_WORDS = {"1": "男", "2": "女"}
STAGE_CODES = {"preschool": "01", "primary": "02", "junior": "03", "senior": "04"}
ETHNICITIES = ("汉族",) * 92 + ("回族", "满族", "满族", "蒙古族", "壮族", "苗族", "土家族", "朝鲜族")
BOARDING_SHARE = {"senior": 0.62, "junior": 0.09, "primary": 0.01, "preschool": 0.0}
RURAL_BOARDING_SHARE = {"senior": 0.62, "junior": 0.5, "primary": 0.12, "preschool": 0.0}
WITHOUT_ID_SHARE = 0.015
GUEST, AWAY, HOME_TAUGHT, REGISTERED = "无籍借读", "有籍不在读", "送教上门", "在籍在读"
GUEST_SHARE, AWAY_SHARE, HOME_TAUGHT_SHARE, PAUSED_SHARE = 0.012, 0.003, 0.0012, 0.003
GENERATED_DISTRICT = 50
"""Added to the district in generated numbers, so that none equals an ID number."""


class Seat(NamedTuple):
    """Where a pupil sits; ``school_ref`` is how this school's sheets name the school."""

    school: SchoolPlan
    group: ClassPlan
    grade: str
    school_ref: str
    number: int

    @property
    def stage(self) -> str:
        return stage_of(self.grade, self.school.schooling)


class Child(NamedTuple):
    name: str
    sex: str
    day: int


class Pupils:
    def __init__(self, numbers: Numbers, school_year: int) -> None:
        self.rng = Random(0)
        self._numbers, self._school_year = numbers, school_year

    def add(self, roster: Roster, seat: Seat, child: Child, family: Family, told: StoryPupil | None) -> None:
        """``told`` pupils of the story have an ID and sit in their class; the others by chance."""
        draw, school, group = self.rng.random, seat.school, seat.group
        has_id = told is not None or draw() >= WITHOUT_ID_SHARE
        id_number = self._numbers.id_number(school.district, child.day, child.sex) if has_id else ""
        attendance, state = (REGISTERED, told.state) if told is not None else _attendance(draw())
        if seat.stage == "preschool":
            attendance, state = REGISTERED, ""
        register_number = self._register_number(seat, child, id_number) if state else ""
        school_number = self._school_number(seat)
        roster.students.append((
            child.name, SEX_WORDS[child.sex], written(child.day), ID_CARD if id_number else "", id_number,
            register_number, ETHNICITIES[int(draw() * 100)], seat.school_ref, group.pupil_spelling,
            GRADE_WORDS[seat.grade], school_number, str(seat.number), attendance, state,
            school.code if register_number else "", f"{self._school_year}-09-01" if register_number else "",
            self._boarding(seat, told), f"{group.entry_year}-09-01", self._phone(seat.stage, family), family.address,
            "农业家庭户口" if family.rural else "非农业家庭户口", YES,
        ))  # fmt: skip
        for care in family.cares:
            adult = care.adult
            roster.guardians.append((
                adult.name, care.relation, register_number, "" if register_number else id_number, child.name,
                seat.school_ref, group.pupil_spelling, school_number, SEX_WORDS[adult.sex],
                written(adult.day) if adult.id_number else "", ID_CARD if adult.id_number else "", adult.id_number,
                adult.phone, care.kind, YES if care.is_primary else NO, YES if care.lives_with else NO, care.proof,
                family.address, YES,
            ))  # fmt: skip

    def _register_number(self, seat: Seat, child: Child, id_number: str) -> str:
        """学籍号: G + ID number, or J + a generated one of the same shape for a child without ID."""
        if id_number:
            return "G" + id_number
        return "J" + self._numbers.id_number(seat.school.district + GENERATED_DISTRICT, child.day, "1")

    def _school_number(self, seat: Seat) -> str:
        """学号: entry year, stage, class, number in the class."""
        year = seat.group.entry_year
        if len(seat.group.grades) > 1:
            year = self._school_year - GRADE_INDEX[seat.grade] + 1
        return f"{year}{STAGE_CODES[seat.stage]}{seat.group.serial:02d}{seat.number:02d}"

    def _boarding(self, seat: Seat, told: StoryPupil | None) -> str:
        if told is not None and told.boarding:
            return told.boarding
        shares = RURAL_BOARDING_SHARE if seat.school.rural else BOARDING_SHARE
        return YES if self.rng.random() < shares[seat.stage] else NO

    def _phone(self, stage: str, family: Family) -> str:
        """Small children share the first guardian's phone; some seniors have their own."""
        chance = self.rng.random()
        if stage == "senior":
            return self._numbers.phone() if chance < 0.2 else ""
        return family.phone if family.fixed or chance < 0.25 else ""


def _attendance(chance: float) -> tuple[str, str]:
    """就读 and the state of the 学籍 (empty: none here)."""
    if chance < GUEST_SHARE:
        return GUEST, ""
    if chance < GUEST_SHARE + AWAY_SHARE:
        return AWAY, "在读"
    if chance < GUEST_SHARE + AWAY_SHARE + HOME_TAUGHT_SHARE:
        return HOME_TAUGHT, "在读"
    return REGISTERED, "休学" if chance > 1 - PAUSED_SHARE else "在读"
