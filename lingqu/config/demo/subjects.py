"""Which subjects a grade has and how many periods a week: ``data/subjects.csv``."""

from __future__ import annotations

from functools import cache

from .names import read_data
from .types import GRADE_INDEX


@cache
def subjects_of(grade: str) -> tuple[tuple[str, int], ...]:
    """(subject, weekly periods) in teaching-plan order; a kindergarten has none."""
    index = GRADE_INDEX[grade]
    return tuple(
        (row["subject"], int(row["weekly_periods"]))
        for row in read_data("subjects.csv")
        if GRADE_INDEX[row["from_grade"]] <= index <= GRADE_INDEX[row["to_grade"]]
    )


def subjects_of_class(grades: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """A multigrade class follows its lower grade."""
    return subjects_of(grades[0])
