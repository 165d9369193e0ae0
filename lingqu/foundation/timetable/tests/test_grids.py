"""Grid files as schools have them: three layouts, what cells say, what is refused; and what is written of them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.registry import testing as register
from lingqu.foundation.timetable import testing
from lingqu.foundation.timetable.models import Lesson, TimetableImport
from lingqu.foundation.timetable.selectors.checks import check_version
from lingqu.foundation.timetable.services.importing import import_grid
from lingqu.foundation.timetable.types.grids import read_cell, read_grid, slot_of, weekday_of
from lingqu.foundation.timetable.types.weeks import ALL, EVEN, ODD
from lingqu.kernel.errors import Conflict, Invalid

SUBJECTS = {"语文": "13", "数学": "14", "音乐": "24", "美术": "25", "体育": "22", "班会": "95"}
STAFF = {"王伟", "单雯", "李红", "苏明", "张三"}
WEEK = ["星期一", "星期二", "星期三", "星期四", "星期五"]


def said(text: str) -> list[tuple[str, tuple[str, ...], str, int]]:
    return [
        (one.subject, one.teachers, one.room, one.weeks)
        for one in read_cell(text, lambda word: SUBJECTS.get(word, ""), STAFF.__contains__)
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("数学\n王伟", [("14", ("王伟",), "", ALL)]),
        ("数学 王伟", [("14", ("王伟",), "", ALL)]),
        ("数学（王伟）", [("14", ("王伟",), "", ALL)]),
        ("数学王伟", [("14", ("王伟",), "", ALL)]),
        ("王伟 数学 302", [("14", ("王伟",), "302", ALL)]),
        ("体育/张 三/操场", [("22", ("张三",), "操场", ALL)]),
        ("数学", [("14", (), "", ALL)]),
        ("单：音乐 李红\n双：美术 苏明", [("24", ("李红",), "", ODD), ("25", ("苏明",), "", EVEN)]),
        ("音乐（单）/美术（双）", [("24", (), "", ODD), ("25", (), "", EVEN)]),
        ("单周 音乐 双周 美术", [("24", (), "", ODD), ("25", (), "", EVEN)]),
        ("语文 单雯", [("13", ("单雯",), "", ALL)]),
        ("单雯\n语文", [("13", ("单雯",), "", ALL)]),
        ("音乐(单周) 李红", [("24", ("李红",), "", ODD)]),
        ("语文 王伟 李红", [("13", ("王伟", "李红"), "", ALL)]),
        ("—", []),
    ],
)
def test_what_a_cell_says(text: str, meant: list[Any]) -> None:
    assert said(text) == meant


@given(st.text(max_size=40))
def test_no_cell_breaks_the_reader(text: str) -> None:
    assert len(said(text)) <= 40


@pytest.mark.parametrize(
    ("text", "slot"),
    [("第三节", "3"), ("3", "3"), ("第10节", "10"), ("第2节\n08:50-09:30", "2"), ("早读", "R1"), ("课后服务2", "A2"), ("上午1", "1"),
     ("午休", ""), ("语文", ""), ("2（08:50）", "2"), ("晚自习", "N1")],
)  # fmt: skip
def test_headings_of_periods(text: str, slot: str) -> None:
    assert slot_of(text) == slot


def test_headings_of_weekdays() -> None:
    assert [weekday_of(text) for text in ("星期一", "周五", "星期天", "礼拜三", "周末", "一")] == [1, 5, 7, 3, 0, 0]


@given(
    st.lists(
        st.lists(
            st.sampled_from(["", "星期一", "周二", "星期三", "1", "第2节", "八（1）班", "数学 王伟", "午休"]),
            max_size=7,
        ),
        max_size=7,
    )
)
def test_no_grid_breaks_the_reader(rows: list[list[str]]) -> None:
    grid = read_grid("课表", rows, lambda text: text.endswith("班"))
    assert all(1 <= cell.weekday <= 7 and cell.slot for cell in grid.cells)


@pytest.fixture
def school() -> Any:
    """八（1）班 and 八（2）班, 王伟 and 李红 with 任课, a term and bell times."""
    made = register.make_school()
    first, second = (register.make_class(made, serial=serial) for serial in (1, 2))
    wang, li = register.make_teacher(made, name="王伟"), register.make_teacher(made, name="李红")
    for group in (first, second):
        testing.teach(wang, group, "14", 5)
        testing.teach(li, group, "13", 5)
    made.term = testing.make_term()
    testing.make_bells(made)
    return made


def load(school: Any, data: bytes, name: str = "课表.xlsx") -> TimetableImport:
    return import_grid(actor=testing.SYSTEM, school_id=school.id, term_id=school.term, file_name=name, data=data)


@pytest.mark.django_db
def test_one_sheet_a_class(school: Any) -> None:
    rows = [
        ["八（1）班课程表"],
        ["", *WEEK],
        ["第1节", "数学\n王伟", "语文"],
        ["午休", "午休"],
        ["第2节", "语文 李红", "", "班会"],
    ]
    done = load(school, testing.workbook({"八1": rows, "8.2": [["节次", *WEEK], ["1", "语文"]]}))
    assert testing.lessons_of(done.timetable) == {
        ("八（1）班", 1, "1", "14", ("王伟",)), ("八（1）班", 2, "1", "13", ("李红",)), ("八（1）班", 1, "2", "13", ("李红",)),
        ("八（1）班", 3, "2", "95", ()), ("八（2）班", 1, "1", "13", ("李红",)),
    }  # fmt: skip
    assert (done.classes, done.lessons, done.state) == (2, 5, "clean")
    assert Lesson.objects.get(slot="2", weekday=3).origin == "课表.xlsx · 八1 D5"


@pytest.mark.django_db
def test_one_big_sheet_with_columns_of_classes_and_merged_weekdays(school: Any) -> None:
    rows = [["八年级总课表"], ["星期", "节次", "八（1）班", "八（2）班"], ["星期一", "1", "数学 王伟", "语文"], ["", "2", "语文", "数学"],
            ["星期二", "1", "数学", ""]]  # fmt: skip
    done = load(school, testing.workbook({"总表": rows}, {"总表": ["A3:A4"]}))
    assert {(name, day, slot, subject) for name, day, slot, subject, _who in testing.lessons_of(done.timetable)} == {
        ("八（1）班", 1, "1", "14"), ("八（2）班", 1, "1", "13"), ("八（1）班", 1, "2", "13"), ("八（2）班", 1, "2", "14"),
        ("八（1）班", 2, "1", "14"),
    }  # fmt: skip


@pytest.mark.django_db
def test_one_big_sheet_with_rows_of_classes(school: Any) -> None:
    rows = [["班级", "星期一", "", "", "", "星期二", "", "", "", "星期三"], ["", *"1234", *"1234", "1"],
            ["八（1）班", "数学", "语文", "", "", "数学王伟", "", "", "", ""], ["八（2）班", "语文", "数学", "", "", "", "", "", "语文", "数学"]]  # fmt: skip
    done = load(school, testing.workbook({"全校": rows}))
    assert {row[:4] for row in testing.lessons_of(done.timetable)} == {
        ("八（1）班", 1, "1", "14"), ("八（1）班", 1, "2", "13"), ("八（1）班", 2, "1", "14"), ("八（2）班", 1, "1", "13"),
        ("八（2）班", 1, "2", "14"), ("八（2）班", 2, "4", "13"), ("八（2）班", 3, "1", "14"),
    }  # fmt: skip


@pytest.mark.django_db
def test_every_unresolved_cell_is_named_with_its_rule(school: Any) -> None:
    register.make_teacher(school, name="周平")
    register.make_teacher(school, name="周平")
    rows = [
        ["", *WEEK],
        ["第1节", "奥数 王伟", "数学 陈默", "数学 周平", "数学 李红", "体育"],
        ["第9节", "数学"],
        ["第2节", "数学 甲班乙班丙班"],
    ]
    done = load(school, testing.workbook({"八（1）班": rows}))
    assert {(one["rule"], one["cell"], one["severity"], one["owner"]) for one in done.findings} == {
        ("unknown_subject", "B2", "block", "file"), ("unknown_teacher", "C2", "review", "register"),
        ("namesakes", "D2", "review", "teaching"), ("not_teaching", "E2", "review", "teaching"),
        ("nobody", "F2", "review", "teaching"), ("unknown_period", "B3", "block", "file"),
        ("not_understood", "B4", "hint", "file"), ("class_missing", "", "hint", "file"),
    }  # fmt: skip
    assert done.state == "partly" and done.lessons == 5


@pytest.mark.django_db
def test_a_second_file_replaces_its_classes_only(school: Any) -> None:
    load(
        school, testing.workbook({"八（1）班": [["", *WEEK], ["1", "数学"]], "八（2）班": [["", *WEEK], ["1", "语文"]]})
    )
    done = load(school, testing.workbook({"八（2）班": [["", *WEEK], ["2", "数学"]]}))
    assert {row[:4] for row in testing.lessons_of(done.timetable)} == {
        ("八（1）班", 1, "1", "14"),
        ("八（2）班", 1, "2", "14"),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"no workbook at all", "damaged"),
        (b"PK\x03\x04broken", "damaged"),
        (b"x" * (13 << 20), "too_large"),
    ],
)
def test_hostile_files_are_refused_and_nothing_is_written(school: Any, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as told:
        load(school, data)
    assert told.value.code == code
    assert not Lesson.objects.exists() and not TimetableImport.objects.exists()


@pytest.mark.django_db
def test_a_workbook_without_a_timetable_is_refused(school: Any) -> None:
    with pytest.raises(Invalid) as told:
        load(school, testing.workbook({"Sheet1": [["姓名", "电话"], ["王伟", "1"]]}))
    assert told.value.code == "no_lessons"
    assert not Lesson.objects.exists()


@pytest.mark.django_db
def test_sixty_classes_are_read_with_all_clashes_named(django_assert_max_num_queries: Any) -> None:
    school, groups, people = testing.big_school()
    term = testing.make_term()
    testing.make_bells(school)
    subjects = ["13", "14", "41", "22", "24", "25", "12"]
    names = {"13": "语文", "14": "数学", "41": "英语", "22": "体育", "24": "音乐", "25": "美术", "12": "道法"}
    head = ["星期", "节次", *(group.name for group in groups)]
    rows = [head]
    for day in range(5):
        for slot in range(7):
            rows.append([WEEK[day], str(slot + 1)])
            for at in range(len(groups)):
                teacher = people[(at + slot * 21 + day) % len(people)]
                rows[-1].append(f"{names[subjects[(slot + day) % 7]]}\n{teacher.name}")
    rows[1][2] = rows[1][3]
    begun = time.monotonic()
    with django_assert_max_num_queries(33):
        done = import_grid(
            actor=testing.SYSTEM,
            school_id=school.id,
            term_id=term,
            file_name="总课表.xlsx",
            data=testing.workbook({"总": rows}),
        )
    checked = check_version(done.timetable, testing.DAY)
    print(f"60 classes, {done.lessons} lessons in {time.monotonic() - begun:.2f} s")
    assert (done.classes, done.lessons) == (60, 2100)
    first = [clash for clash in checked.clashes if (clash.weekday, clash.slot) == (1, "1")]
    assert [(clash.kind, clash.what) for clash in first] == [("teacher", people[1].name)]
    assert {clash.first.group.name for clash in first} | {clash.second.group.name for clash in first} == {
        "七（1）班",
        "八（1）班",
    }


@pytest.mark.django_db
def test_a_published_version_is_never_changed(school: Any) -> None:
    from lingqu.foundation.timetable.services import versions

    done = load(school, testing.workbook({"八（1）班": [["", *WEEK], ["1", "数学"]]}))
    versions.publish(actor=testing.SYSTEM, timetable_id=done.timetable_id, effective_from=testing.TERM_START)
    with pytest.raises(Conflict):
        versions.publish(actor=testing.SYSTEM, timetable_id=done.timetable_id, effective_from=testing.TERM_START)
    again = load(school, testing.workbook({"八（1）班": [["", *WEEK], ["2", "数学"]]}))
    assert again.timetable_id != done.timetable_id
    assert {row[2] for row in testing.lessons_of(done.timetable)} == {"1"}
    assert {row[2] for row in testing.lessons_of(again.timetable)} == {"2"}
