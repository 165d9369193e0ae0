"""The columns of the six templates that the demo fills, in file order, and the words it writes into them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FIELDS: dict[str, tuple[str, ...]] = {
    "organisations": (
        "code", "name", "short_name", "kind", "school_type", "ownership", "parent_ref", "territory_ref", "central_ref",
        "schooling", "urban_rural", "class_display", "address", "phone", "synthetic",
    ),
    "classes": (
        "school_ref", "written_name", "grades", "entry_year", "serial", "local_name", "kind", "campus", "room",
        "school_year", "head_teacher_ref",
    ),
    "students": (
        "name", "sex", "birth_date", "id_type", "id_number", "register_number", "ethnicity", "school_ref", "class_ref",
        "grade", "school_number", "class_number", "attendance", "register_state", "register_school_ref",
        "register_as_of", "boarding", "entry_on", "phone", "address", "household_type", "synthetic",
    ),
    "staff": (
        "name", "sex", "birth_date", "id_type", "id_number", "staff_number", "school_ref", "employer_ref",
        "employment_kind", "post", "full_time", "duties", "stage", "subject", "title", "education_level", "degree",
        "head_class_ref", "entry_on", "phone", "ethnicity", "synthetic",
    ),
    "guardians": (
        "name", "relation", "child_ref", "child_ref.id_number", "child_ref.name", "child_ref.school", "child_ref.class",
        "child_ref.number", "sex", "birth_date", "id_type", "id_number", "phone", "kind", "is_primary", "lives_with",
        "proof", "address", "synthetic",
    ),
    "teaching": (
        "school_ref", "class_ref", "teacher_ref", "teacher_ref.name", "subject", "weekly_periods", "synthetic",
    ),
}  # fmt: skip
KIND_WORDS = {
    "organisations": "学校", "classes": "班级", "students": "学生", "staff": "教职工", "guardians": "监护人",
    "teaching": "任课",
}  # fmt: skip
HEADINGS = Path(__file__).resolve().parents[2] / "foundation" / "intake" / "data" / "headings.csv"
YES, NO = "是", "否"
ID_CARD = "居民身份证"
Row = tuple[str, ...]


@dataclass(slots=True)
class Roster:
    """Rows per kind, each as wide as :data:`FIELDS` says."""

    organisations: list[Row]
    classes: list[Row]
    students: list[Row]
    staff: list[Row]
    guardians: list[Row]
    teaching: list[Row]

    @classmethod
    def empty(cls) -> Roster:
        return cls([], [], [], [], [], [])

    def of(self, kind: str) -> list[Row]:
        return getattr(self, kind)


@cache
def headings(kind: str) -> tuple[str, ...]:
    """The template's heading of each column of :data:`FIELDS`."""
    with HEADINGS.open(encoding="utf-8", newline="") as handle:
        known = {row["column"]: row["heading"] for row in csv.DictReader(handle) if row["kind"] == kind}
    return tuple(known[field] for field in FIELDS[kind])
