"""What a school does with each grade when the year turns: up, into the next stage, to the central school, out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from uuid import UUID

from ..types.grades import stage_of
from ..types.words import GRADES, OrganisationKind

UP, STAGE, CENTRAL, GRADUATE, NEW, STAY, DONE, UNKNOWN = (
    "up", "stage", "central", "graduate", "new", "stay", "done", "unknown"
)  # fmt: skip
MOVES = (UP, STAGE, CENTRAL, GRADUATE, NEW, STAY, DONE, UNKNOWN)
LEAVING = frozenset({CENTRAL, GRADUATE})
COMPULSORY = frozenset(f"G{n:02d}" for n in range(1, 10))
"""Grades of compulsory education: nobody is kept back in them (义务教育法; 教基〔2025〕1号)."""
STAGES = ("preschool", "primary", "junior", "senior")


@dataclass(frozen=True, slots=True, kw_only=True)
class YearStep:
    """From one school year into the next. ``starts_on``: first day of the new one; ``new_from``: pupils without a class
    who came on or after this day belong to the new year already."""

    from_year: str
    to_year: str
    starts_on: date
    new_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolStep:
    """One school with the rules it goes by. ``regroup``: its classes are mixed anew between primary and junior school."""

    id: UUID
    code: str
    name: str
    name_key: str
    path: str
    kind: str
    school_type: str
    schooling: str
    class_display: str
    grades: tuple[str, ...]
    top: str = ""
    regroup: bool = False
    central_id: UUID | None = None
    central_path: str = ""

    @property
    def is_point(self) -> bool:
        return self.kind == OrganisationKind.TEACHING_POINT

    @property
    def stages(self) -> frozenset[str]:
        """Stages the school teaches, by its type and by the classes it has."""
        taught = {stage_of(grade, self.schooling) for grade in self.grades}
        return stages_of_type().get(self.school_type, frozenset()) | taught

    @property
    def top_grade(self) -> str:
        """The oldest grade of a teaching point: stated, else the oldest it has."""
        known = [grade for grade in self.grades if grade in GRADES]
        return self.top or max(known, key=GRADES.index, default="")

    def moves(self) -> Mapping[str, tuple[str, str]]:
        """Grade → (move, next grade)."""
        return {grade: self._move(grade) for grade in GRADES}

    def _move(self, grade: str) -> tuple[str, str]:
        following, here = next_grade(grade), stage_of(grade, self.schooling)
        if not following:
            return GRADUATE, ""
        there = stage_of(following, self.schooling)
        if self.is_point and self.top_grade and GRADES.index(grade) >= GRADES.index(self.top_grade):
            if there != here:
                return GRADUATE, ""
            return (CENTRAL, following) if self.central_id else (UNKNOWN, following)
        if there == here:
            return UP, following
        stays = (here, there) == ("primary", "junior") and {here, there} <= self.stages
        return (STAGE, following) if stays else (GRADUATE, "")

    def entry_grades(self) -> tuple[str, ...]:
        """Grades into which pupils come from outside: the first of each stage that the school does not lead up to."""
        found = []
        for stage in STAGES:
            if stage not in self.stages or (stage == "junior" and "primary" in self.stages):
                continue
            inside = [grade for grade in GRADES if stage_of(grade, self.schooling) == stage]
            if stage == "preschool":
                inside = [grade for grade in inside if grade != "K0"]
            present = [grade for grade in inside if grade in self.grades]
            found.append(present[0] if self.is_point and present else inside[0])
        return tuple(found)


def next_grade(grade: str) -> str:
    """K3 and G12 are followed by none."""
    if grade in ("K3", "G12") or grade not in GRADES:
        return ""
    return GRADES[GRADES.index(grade) + 1]


def following_set(grades: Iterable[str], school: SchoolStep) -> tuple[str, ...]:
    """Grades of a class one year later; a 复式班 that loses its oldest grade keeps the entry grade. Empty: it ends."""
    held, moves = list(grades), school.moves()
    kept = [moves[grade][1] for grade in held if grade in moves and moves[grade][0] in (UP, STAGE)]
    lost = any(grade in moves and moves[grade][0] not in (UP, STAGE) for grade in held)
    if len(held) > 1 and lost:
        kept += [grade for grade in held if grade in school.entry_grades()]
    return tuple(sorted(set(kept), key=GRADES.index))


@cache
def stages_of_type() -> Mapping[str, frozenset[str]]:
    """办学类型 (JY/T 1001 BXLX) → stages taught."""
    path = Path(__file__).resolve().parents[1] / "data" / "school_types.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return {
            row["code"]: frozenset(stage for stage in STAGES if row.get(f"has_{stage}") == "1")
            for row in csv.DictReader(handle)
        }
