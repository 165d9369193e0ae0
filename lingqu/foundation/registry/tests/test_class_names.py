from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.registry.types.class_names import (
    chinese_number,
    entry_year_of,
    number_of,
    read_class_name,
    stage_of,
)
from lingqu.foundation.registry.types.grades import display_name

YEAR = "2026-2027"
grades = st.sampled_from([f"G{n:02d}" for n in range(1, 13)])
schoolings = st.sampled_from(["six_three", "five_four"])
serials = st.integers(min_value=1, max_value=40)
rules = st.sampled_from(["grade_serial", "stage_serial", "cohort_serial", "dotted"])


@given(st.integers(min_value=1, max_value=99))
def test_chinese_numbers_come_back(value: int) -> None:
    assert number_of(chinese_number(value)) == value


@given(grades, schoolings, serials, rules)
def test_what_a_school_displays_is_read_back(grade: str, schooling: str, serial: int, rule: str) -> None:
    """Every display rule's spelling names the same class again, through the school's 学制 and stage."""
    stage = stage_of(grade, schooling)
    first = read_class_name(f"{int(grade[1:])}.{serial}", schooling=schooling, school_year=YEAR, stages=(stage,))
    shown = display_name(
        rule, grades=first.grades, serial=first.serial, entry_year=first.entry_year, written="", schooling=schooling
    )
    again = read_class_name(shown, schooling=schooling, school_year=YEAR, stages=(stage,))
    assert (again.grades, again.serial, again.entry_year, again.doubt) == (
        (grade,), serial, entry_year_of(grade, schooling, 2026), "",
    )  # fmt: skip


@given(st.text(max_size=20), schoolings)
def test_no_text_breaks_reading(text: str, schooling: str) -> None:
    read = read_class_name(text, schooling=schooling, school_year=YEAR)
    assert read.identity is not None
    assert read == read_class_name(text, schooling=schooling, school_year=YEAR)


@pytest.mark.parametrize(
    ("written", "schooling", "stages", "identity"),
    [
        ("2024级3班", "six_three", ("junior",), "G09-3"), ("2024级3班", "five_four", ("junior",), "G08-3"),
        ("2024级3班", "six_three", ("primary",), "G03-3"), ("2027届3班", "six_three", ("junior",), "G09-3"),
        ("初一3", "five_four", ("junior",), "G06-3"), ("初四(1)班", "five_four", ("junior",), "G09-1"),
        ("小一班", "six_three", ("preschool",), "K1-1"), ("大(2)班", "six_three", ("preschool",), "K3-2"),
        ("小一班", "six_three", ("primary",), "G01"), ("三年二班", "six_three", ("primary",), "G03-2"),
        ("1+2复式", "six_three", ("primary",), "G01+G02"), ("一二三复式班", "six_three", ("primary",), "G01+G02+G03"),
        ("物理3班(高二)", "six_three", ("senior",), "G11:物理:3"), ("启航班", "six_three", ("junior",), "启航"),
        ("A班", "six_three", ("junior",), "A"), ("七年级启航班", "six_three", ("junior",), "G07:启航"),
    ],
)  # fmt: skip
def test_spellings(written: str, schooling: str, stages: tuple[str, ...], identity: str) -> None:
    assert read_class_name(written, schooling=schooling, school_year=YEAR, stages=stages).identity == identity


def test_a_bare_cohort_in_two_stages_is_not_guessed() -> None:
    read = read_class_name("2024级3班", schooling="six_three", school_year=YEAR, stages=("primary", "junior"))
    assert (read.grades, read.doubt) == ((), "stage_unknown")


@given(grades, schoolings, serials)
def test_a_staged_cohort_is_read_back_in_a_school_of_all_stages(grade: str, schooling: str, serial: int) -> None:
    """完全中学, 九年一贯: the name itself says the stage, so that G07 and G10 of one year are two names."""
    entered = entry_year_of(grade, schooling, 2026)
    shown = display_name(
        "cohort_serial",
        grades=[grade],
        serial=serial,
        entry_year=entered,
        written="",
        schooling=schooling,
        is_staged=True,
    )
    again = read_class_name(shown, schooling=schooling, school_year=YEAR, stages=("primary", "junior", "senior"))
    assert (again.grades, again.serial, again.entry_year, again.doubt) == ((grade,), serial, entered, "")
