"""Spellings of one class in several tables meet in one key."""

from __future__ import annotations

import pytest

from .conftest import PUPILS, Read, pupil


@pytest.mark.parametrize(
    "spelling", ["七(3)班", "七（3）班", "7.3", "初一3", "2026级3班", "七年级三班", "703班", "初2026级3班"]
)
def test_every_spelling_is_the_class_of_the_table(read: Read, spelling: str) -> None:
    made = read(
        {
            "班级.csv": [["学校", "班级名称"], ["云溪县第一中学", "七（3）班"]],
            "学生.csv": [PUPILS, pupil(班级=spelling)],
        }
    )
    assert made.frames["students"]["class_ref"].to_list() == ["3301000001|2026-2027|G07-3"]
    assert made.frames["students"]["grade"].to_list() == ["G07"]
    assert made.frames["classes"]["written_name"].to_list() == ["七（3）班"]


def test_first_year_of_junior_is_the_sixth_grade_under_five_four(read: Read) -> None:
    made = read({"学生.csv": [PUPILS, pupil(班级="初一3", 学校="云溪县海滨学校")]})
    assert made.frames["students"]["grade"].to_list() == ["G06"]
    assert made.frames["classes"].select("grades", "entry_year", "serial").row(0) == ("G06", "2026", "3")


def test_two_grades_in_one_room(read: Read) -> None:
    rows = [
        [*PUPILS, "年级"],
        [*pupil("孙一", 班级="1+2复式", 学校="石泉村教学点"), "一年级"],
        [*pupil("孙二", 班级="1+2复式", 学校="石泉村教学点"), "二年级"],
        [*pupil("孙三", 班级="1+2复式", 学校="石泉村教学点"), "三年级"],
    ]
    made = read({"学生.csv": rows})
    assert made.frames["classes"].select("grades", "kind").rows() == [("G01,G02", "multigrade")]
    assert made.frames["students"]["grade"].to_list() == ["G01", "G02", ""]
    assert made.rules["grade_conflict"] == 1


def test_local_name_is_kept_and_asks_for_its_grade(read: Read) -> None:
    made = read(
        {"班级.csv": [["学校", "班级名称"], ["云溪县第一中学", "启航班"]], "学生.csv": [PUPILS, pupil(班级="启航班")]}
    )
    assert made.frames["classes"].select("local_name", "grades").rows() == [("启航班", "")]
    assert made.rules == {"class_no_grade": 1, "id_missing": 1}
    assert made.frames["students"]["class_ref"].to_list() == made.frames["classes"]["key"].to_list()


def test_class_that_the_table_lacks_is_refused(read: Read) -> None:
    made = read(
        {
            "班级.csv": [["学校", "班级名称"], ["云溪县第一中学", "七(3)班"]],
            "学生.csv": [PUPILS, pupil(班级="七(11)班")],
        }
    )
    assert made.rules["class_unknown"] == 1
    assert made.rejected["students"] == 1


def test_bare_cohort_in_a_nine_year_school_is_doubtful(read: Read) -> None:
    made = read({"学生.csv": [PUPILS, pupil(班级="2024级3班", 学校="云溪县海滨学校")]})
    assert made.rules["class_stage"] == 1
    assert made.frames["students"].height == 1
