"""The shape of the city: which schools, where, how many classes of what size. Proportions from the national figures."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from random import Random

from django.utils.translation import gettext as _

from lingqu.kernel.errors import Invalid

from . import spelling
from .core_schools import GRADES_OF, core_schools
from .names import places, read_data
from .numbers import district_code, school_code
from .school_names import SchoolNamer
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
    STAGES,
    WHOLE_MIDDLE,
    CityPlan,
    ClassPlan,
    District,
    SchoolPlan,
    stage_of,
)

SMALLEST, LARGEST = 500, 5_000_000
REGISTRY_DATA = Path(__file__).resolve().parents[2] / "foundation" / "registry" / "data"
PUPIL_SHARE = 0.415
"""Pupils among all people; the rest are staff and about 1.3 guardians per pupil."""
CATEGORY = {
    KINDERGARTEN: "11",
    PRIMARY: "21",
    POINT: "21",
    JUNIOR: "31",
    NINE_YEAR: "31",
    WHOLE_MIDDLE: "34",
    SENIOR: "34",
}
MEAN_SIZE = {"preschool": (27, 3), "primary": (42, 4), "junior": (46, 4), "senior": (46, 4)}
RURAL_SIZE = (31, 5)
OVERSIZED_SHARE = 0.03
POINTS_PER_CENTRAL = 3


@cache
def stage_shares() -> dict[str, float]:
    """Share of each stage in all pupils, from ``reference_stats_2023.csv``."""
    words = {"幼儿园": "preschool", "普通小学": "primary", "初中": "junior", "普通高中": "senior"}
    with (REGISTRY_DATA / "reference_stats_2023.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["region"] == "全国" and row["stage"] in words]
    pupils = {words[row["stage"]]: float(row["students_10k"]) for row in rows}
    return {stage: pupils[stage] / sum(pupils.values()) for stage in STAGES}


def read_districts() -> tuple[District, ...]:
    found = {(number, kind): names for number, kind, names in places()}
    return tuple(
        District(
            number=int(row["number"]),
            name=row["name"],
            is_county=row["kind"] == "county",
            schooling=row["schooling"],
            weight=int(row["weight"]),
            rural=int(row["rural"]),
            towns=found[int(row["number"]), "town"],
            villages=found[int(row["number"]), "village"],
        )
        for row in read_data("districts.csv")
    )


def plan_city(*, people: int, seed: int, school_year: int) -> CityPlan:
    """The same arguments give the same city. ``people`` counts pupils, staff and guardians together."""
    if not SMALLEST <= people <= LARGEST:
        told = _("演示城市的人数应在 %(least)d 与 %(most)d 之间。") % {"least": SMALLEST, "most": LARGEST}
        raise Invalid(told, code="demo.people")
    districts = read_districts()
    schools = core_schools(pupils=round(people * PUPIL_SHARE), school_year=school_year)
    planner = _Planner(Random(f"{seed}:plan"), districts, schools, school_year)
    left = {stage: people * PUPIL_SHARE * share - _pupils_in(schools, stage) for stage, share in stage_shares().items()}
    planner.fill(_room(left))
    for school in planner.schools:
        spelling.name_classes(school)
    return CityPlan(
        people=people, seed=seed, school_year=school_year, schools=tuple(planner.schools), districts=districts
    )


def _room(left: dict[str, float]) -> dict[str, float]:
    """What is left to place, by stage. Where the core has more of one stage than its share, the others get less."""
    wanting = {stage: max(0.0, pupils) for stage, pupils in left.items()}
    part = max(0.0, sum(left.values())) / (sum(wanting.values()) or 1.0)
    return {stage: pupils * part for stage, pupils in wanting.items()}


def _pupils_in(schools: list[SchoolPlan], stage: str) -> int:
    return sum(
        group.size for school in schools for group in school.classes if stage_of(group.grade, school.schooling) == stage
    )


def entry_year_of(grade: str, schooling: str, school_year: int) -> int:
    """Calendar year in which a pupil of ``grade`` entered the stage."""
    index, stage = GRADE_INDEX[grade], stage_of(grade, schooling)
    junior = 6 if schooling == FIVE_FOUR else 7
    first = {"preschool": -2, "primary": 1, "junior": junior, "senior": 10}[stage]
    return school_year - (index - first)


class _Planner:
    """Adds schools stage by stage until the pupils of each stage are placed."""

    def __init__(
        self, rng: Random, districts: tuple[District, ...], schools: list[SchoolPlan], school_year: int
    ) -> None:
        self.rng, self.schools, self.school_year = rng, schools, school_year
        self.districts = districts
        self.weights = [district.weight for district in districts]
        self.namer = SchoolNamer(rng, taken={school.name for school in schools})
        self.centrals: list[SchoolPlan] = []

    def fill(self, left: dict[str, float]) -> None:
        while left["senior"] > 300:
            self._add_senior(left)
        while left["junior"] > 150:
            self._add_junior(left)
        while left["primary"] > 120:
            self._add_primary(left)
        while left["preschool"] > 40:
            self._add_kindergarten(left)

    # ---- one school of each kind --------------------

    def _add_senior(self, left: dict[str, float]) -> None:
        whole = self.rng.random() < 0.15 and left["junior"] > 900
        tracks = self._tracks(4, 8, left["senior"] / 138) if whole else self._tracks(8, 18, left["senior"] / 138)
        school = self._school(WHOLE_MIDDLE if whole else SENIOR, of_city=self.rng.random() < 0.2)
        counts = dict.fromkeys(("G10", "G11", "G12"), tracks)
        if whole:
            counts |= dict.fromkeys(GRADES_OF[JUNIOR, SIX_THREE], 4)
        self._open(school, counts, left)

    def _add_junior(self, left: dict[str, float]) -> None:
        nine = self.rng.random() < 0.2 and left["primary"] > 1500
        school = self._school(NINE_YEAR if nine else JUNIOR, of_city=self.rng.random() < 0.06)
        grades = GRADES_OF[JUNIOR, school.schooling]
        most = left["junior"] / (46 * len(grades))
        least, largest = (2, 4) if nine else (2, 6) if school.rural else (6, 12)
        tracks = self._tracks(least, largest, most)
        counts = dict.fromkeys(GRADES_OF[NINE_YEAR, school.schooling] if nine else grades, tracks)
        self._open(school, counts, left)

    def _add_primary(self, left: dict[str, float]) -> None:
        if self.centrals and self.rng.random() < 0.42:
            return self._add_point(left)
        school = self._school(PRIMARY, of_city=self.rng.random() < 0.03)
        grades = GRADES_OF[PRIMARY, school.schooling]
        size = RURAL_SIZE[0] if school.rural else MEAN_SIZE["primary"][0]
        most = left["primary"] / (size * len(grades))
        counts = dict.fromkeys(grades, self._tracks(1, 2, most) if school.rural else self._tracks(2, 6, most))
        self._open(school, counts, left)
        if school.rural:
            self.centrals += [school] * POINTS_PER_CENTRAL
        return None

    def _add_point(self, left: dict[str, float]) -> None:
        """A village point below a central school; one in three teaches two grades in one room."""
        central = self.centrals.pop(self.rng.randrange(len(self.centrals)))
        school = self._school(POINT, central=central)
        grades = GRADES_OF[PRIMARY, school.schooling][: self.rng.choice((2, 2, 3, 4))]
        pairs: list[tuple[str, ...]] = [(grade,) for grade in grades]
        if self.rng.random() < 0.34:
            pairs = [grades[place : place + 2] for place in range(0, len(grades), 2)]
        for group in pairs:
            self._add_class(school, group, 1, self.rng.randint(5, 14))
        left["primary"] -= school.pupils
        self.schools.append(school)

    def _add_kindergarten(self, left: dict[str, float]) -> None:
        school = self._school(KINDERGARTEN, private=self.rng.random() < 0.42)
        tracks = self._tracks(1, 1 if school.rural else 3, left["preschool"] / 81)
        self._open(school, dict.fromkeys(("K1", "K2", "K3"), tracks), left)

    # ---- parts --------------------

    def _tracks(self, least: int, most: int, room: float) -> int:
        return max(1, min(self.rng.randint(least, most), round(room)))

    def _school(
        self, kind: str, *, of_city: bool = False, private: bool = False, central: SchoolPlan | None = None
    ) -> SchoolPlan:
        number = len(self.schools) + 1
        if central is not None:
            district = self.districts[central.district - 1]
        else:
            district = self.rng.choices(self.districts, self.weights)[0]
        rural = kind == POINT or (not of_city and kind != SENIOR and self.rng.random() * 100 < district.rural)
        town = central.town if central else self.rng.choice(district.towns)
        schooling = SIX_THREE if kind in (KINDERGARTEN, SENIOR, WHOLE_MIDDLE) else district.schooling
        code = school_code(CATEGORY[kind], number)
        return SchoolPlan(
            number=number,
            code=code,
            name=self.namer.name(kind, district, town=town, rural=rural, of_city=of_city, private=private),
            type=kind,
            district=district.number,
            schooling=schooling,
            style=self.rng.choice(spelling.HABITS),
            town=town,
            rural=rural,
            private=private,
            of_city=of_city,
            parent=central.code if central else district_code(0 if of_city else district.number),
            central=central.code if central else "",
        )

    def _open(self, school: SchoolPlan, counts: dict[str, int], left: dict[str, float]) -> None:
        for grade, count in counts.items():
            stage = stage_of(grade, school.schooling)
            mean, spread = RURAL_SIZE if school.rural and stage == "primary" else MEAN_SIZE[stage]
            for serial in range(1, count + 1):
                size = max(8, round(self.rng.gauss(mean, spread)))
                if stage != "preschool" and self.rng.random() < OVERSIZED_SHARE:
                    size = self.rng.randint(56, 62)
                self._add_class(school, (grade,), serial, size)
                left[stage] -= size
        self.schools.append(school)

    def _add_class(self, school: SchoolPlan, grades: tuple[str, ...], serial: int, size: int) -> None:
        entry = entry_year_of(grades[0], school.schooling, self.school_year)
        school.classes.append(ClassPlan(grades=grades, serial=serial, size=size, entry_year=entry))
