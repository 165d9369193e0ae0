from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.intake.checks.dates import EXCEL_ZERO, INCOMPLETE, read_day, read_month_start
from lingqu.foundation.intake.checks.findings import mask
from lingqu.foundation.intake.checks.identity import check_character
from lingqu.foundation.intake.types import Lookup

from .conftest import PUPILS, Read, pupil, rules_at

GOOD = "11010119800101001" + check_character("11010119800101001")


def id_of(region: str = "110101", birth: str = "20130305", serial: str = "001") -> str:
    first = f"{region}{birth}{serial}"
    return first + check_character(first)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2013-03-05", "2013-03-05"), ("2013/3/5", "2013-03-05"), ("2013.3.5", "2013-03-05"), ("20130305", "2013-03-05"),
        ("2013年3月5日", "2013-03-05"), ("二〇一三年三月十五日", "2013-03-15"), ("41338", "2013-03-05"), ("41338.0", "2013-03-05"),
        ("2013-03-05 00:00:00", "2013-03-05"), ("25/3/2013", "2013-03-25"), ("3/25/2013", "2013-03-25"),
        ("2013-13-05", None), ("2013-02-30", None), ("3/4/2013", None), ("明天", None), ("2013-03", INCOMPLETE),
        ("201303", INCOMPLETE), ("2013年3月", INCOMPLETE), ("1", None),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(text: str, day: str | None) -> None:
    assert read_day(text) == day


@given(st.dates(min_value=date(1927, 5, 18), max_value=date(2099, 12, 30)))
def test_every_spelling_of_a_day_is_the_day(day: date) -> None:
    spellings = (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        str((day - EXCEL_ZERO).days),
        f"{day.isoformat()} 00:00:00",
    )
    assert {read_day(text) for text in spellings} == {day.isoformat()}


@given(st.text(max_size=30))
def test_no_text_breaks_the_dates(text: str) -> None:
    made = read_day(text)
    assert made is None or made == INCOMPLETE or date.fromisoformat(made)
    read_month_start(text)


def test_a_month_is_enough_for_an_entry_date() -> None:
    assert [read_month_start(text) for text in ("202609", "2026年9月", "2026", "2026-09-03")] == [
        "2026-09-01", "2026-09-01", "2026-09-01", "2026-09-03",
    ]  # fmt: skip


def test_check_character_of_the_standard() -> None:
    assert check_character("11010519491231002") == "X"


@given(st.text(alphabet="0123456789", min_size=17, max_size=17))
def test_one_changed_digit_is_always_seen(first: str) -> None:
    right = check_character(first)
    changed = first[:8] + str((int(first[8]) + 1) % 10) + first[9:]
    assert check_character(changed) != right


def test_an_empty_id_never_blocks(read: Read) -> None:
    made = read({"学生.csv": [PUPILS, pupil()]})
    assert rules_at(made) == [(2, "id_missing", "review")]
    assert made.frames["students"].height == 1


@pytest.mark.parametrize("damaged", ["3.70202E+17", "3.70202201301011E+17", "3.7020220130101e17", "370202201301011000"])
def test_a_damaged_id_blocks_with_the_advice(read: Read, damaged: str) -> None:
    made = read({"学生.csv": [PUPILS, pupil(身份证件号=damaged)]})
    row = made.findings.row(0, named=True)
    assert (row["rule"], row["severity"], row["row"], row["column"]) == ("id_damaged", "block", 2, "身份证件号")
    assert row["message"] == "身份证号被 Excel 转成数字，后三位已丢失，请重新导出为文本。"
    assert row["responsible"] == "云溪县第一中学"
    assert made.frames["students"].height == 0


def test_a_true_number_that_ends_in_zeros_is_believed(read: Read) -> None:
    number = next(
        n
        for serial in range(100, 1000, 100)
        for day in range(1, 29)
        if (n := id_of(birth=f"201303{day:02d}", serial=str(serial))).endswith("000")
    )
    made = read({"学生.csv": [PUPILS, pupil(身份证件号=number, 性别="女")]})
    assert made.frames["students"]["id_number"].to_list() == [number]


def test_id_contradictions_are_told_and_nothing_is_guessed(read: Read) -> None:
    made = read({
        "学生.csv": [
            PUPILS,
            pupil("甲一", 身份证件号=id_of(), 出生日期="2013-03-06"),
            pupil("甲二", 身份证件号=id_of(serial="002")),
            pupil("甲三", 身份证件号=id_of()[:-1] + ("0" if id_of()[-1] != "0" else "1")),
            pupil("甲四", 身份证件号=id_of(birth="20131305")),
            pupil("甲五", 身份证件号=id_of(birth="20290305")),
            pupil("甲六", 身份证件号="123456"),
            pupil("甲七", 身份证件号=id_of(region="990101")),
            pupil("甲八", 身份证件号=id_of(region="000101")),
            pupil("甲九", 身份证件号=id_of(region="370282", serial="005").lower()),
        ]
    })  # fmt: skip
    assert rules_at(made) == [
        (2, "id_birth_conflict", "review"), (3, "id_sex_conflict", "review"), (4, "id_check_digit", "review"),
        (5, "id_birth", "review"), (6, "id_birth", "review"), (7, "id_form", "review"), (8, "id_region", "hint"),
        (9, "id_region_invented", "review"),
    ]  # fmt: skip
    assert made.frames["students"].height == 9
    assert made.frames["students"]["birth_date"][1] == "2013-03-05"


def test_invented_region_is_fine_in_marked_rows(read: Read) -> None:
    made = read({"学生.csv": [[*PUPILS, "演示数据"], [*pupil(身份证件号=id_of(region="000101")), "是"]]})
    assert made.rules == {}


def test_other_documents_follow_no_check_digit(read: Read) -> None:
    made = read({"学生.csv": [[*PUPILS, "证件类型"], [*pupil(身份证件号="H12345678"), "护照"]]})
    assert made.rules == {}
    assert made.frames["students"].select("id_type", "id_number").row(0) == ("A", "H12345678")


def test_names_are_tidied_and_doubts_named(read: Read) -> None:
    made = read(
        {
            "学生.csv": [
                PUPILS,
                pupil("张 三"),
                pupil("买买提•阿卜杜拉"),
                pupil("王\ue863"),
                pupil("Anna  Li"),
                pupil("李\ufffd"),
            ]
        }
    )
    assert made.frames["students"]["name"].to_list() == ["张三", "买买提·阿卜杜拉", "王\ue863", "Anna Li", "李\ufffd"]
    assert [entry for entry in rules_at(made) if entry[1].startswith("name")] == [
        (2, "name_spaces", "hint"), (4, "name_private_use", "review"), (6, "name_garbled", "review"),
    ]  # fmt: skip
    private = made.findings.filter(made.findings["rule"] == "name_private_use").row(0, named=True)
    assert "U+E863" in private["message"]


def test_phones(read: Read) -> None:
    made = read(
        {
            "学生.csv": [
                PUPILS,
                *(
                    pupil(f"生{n}", 联系电话=text)
                    for n, text in enumerate(
                        [
                            "138 0013 8000",
                            "+86-13800138001",
                            "13800138002/13900139000",
                            "1380013",
                            "0531-88888888",
                            "无",
                            "13800138003.0",
                        ]
                    )
                ),
            ]
        }
    )
    assert made.frames["students"]["phone"].to_list() == [
        "13800138000", "13800138001", "13800138002", "", "053188888888", "", "13800138003",
    ]  # fmt: skip
    assert (made.rules["phone_invalid"], made.rules["phone_several"]) == (1, 1)


def test_codes_by_code_name_or_synonym(read: Read) -> None:
    head = [*PUPILS, "民族", "就读状态", "是否寄宿", "学籍状态"]
    made = read({"学生.csv": [
        head, [*pupil("甲"), "01", "在籍在读", "是", "01"], [*pupil("乙"), "汉", "借读", "住校", "在读"],
        [*pupil("丙"), "回族", "送教", "走读", "休学"], [*pupil("丁"), "外星族", "飞行", "或许", "在读"],
    ]})  # fmt: skip
    columns = ("ethnicity", "attendance", "boarding", "register_state")
    assert made.frames["students"].select(columns).rows() == [
        ("01", "registered", "1", "01"), ("01", "guest", "1", "01"), ("03", "home_taught", "0", "02"), ("", "", "", "01"),
    ]  # fmt: skip
    assert made.rules["code_unknown"] == 3


def test_leaving_school_is_not_for_compulsory_grades(read: Read) -> None:
    made = read(
        {"学生.csv": [[*PUPILS, "学籍状态"], [*pupil("甲"), "退学"], [*pupil("乙"), "开除"], [*pupil("丙"), "休学"]]}
    )
    assert made.rules["state_not_allowed"] == 2
    assert made.frames["students"]["register_state"].to_list() == ["", "", "02"]


def test_the_same_child_twice(read: Read) -> None:
    same, other = id_of(), id_of(serial="003")
    made = read({"学生.csv": [
        PUPILS, pupil("张三", 身份证件号=same), pupil("张三", 身份证件号=same), pupil("李四", 身份证件号=other),
        pupil("李四", 身份证件号=other, 学校="云溪县海滨学校"),
    ]})  # fmt: skip
    assert rules_at(made) == [(3, "duplicate_in_file", "block"), (5, "several_schools", "review")]
    assert made.frames["students"]["key"].n_unique() == 3
    assert "第 2 行" in made.findings["message"][0]


def test_one_phone_on_five_pupils(read: Read) -> None:
    rows = [pupil(f"生{n}", 联系电话="13800138000") for n in range(5)]
    made = read(
        {
            "学生.csv": [PUPILS, *rows],
            "教职工.csv": [
                ["姓名", "性别", "学校", "工号", "手机"],
                ["王芳", "女", "云溪县第一中学", "T1", "13800138000"],
            ],
        }
    )
    assert (made.rules["phone_shared"], made.rules["phone_of_staff"]) == (1, 1)
    assert read({"学生.csv": [PUPILS, *rows[:4]]}).rules.get("phone_shared") is None


def test_rows_of_other_places_are_refused(read: Read) -> None:
    made = read({"学生.csv": [PUPILS, pupil(学校="邻县中学"), pupil(学校="火星中学"), pupil(学校="3301000001")]})
    blocked = [entry for entry in rules_at(made) if entry[2] == "block"]
    assert blocked == [(2, "out_of_scope", "block"), (3, "school_unknown", "block")]
    assert made.findings["message"][0] == "“邻县中学”不在你的管理范围。"


def test_minimum_row(read: Read) -> None:
    made = read({"学生.csv": [PUPILS, pupil(""), pupil(性别=""), pupil(学校=""), pupil(班级=""), pupil(性别="X")]})
    blocked = [
        (row, column)
        for row, column, severity in made.findings.select("row", "column", "severity").rows()
        if severity == "block"
    ]
    assert sorted(blocked) == [(2, "姓名"), (3, "性别"), (4, "学校"), (5, "班级"), (6, "性别")]
    assert made.frames["students"].height == 0


def test_a_hundred_thousand_errors_are_counted_and_summed_up(read: Read) -> None:
    rows = "\n".join(
        ",".join(pupil("生" + chr(0x4E00 + n % 977), 学籍号=f"G{n:018d}", 出生日期="2013-13-05"))
        for n in range(100_000)
    )
    made = read({"学生.csv": ",".join(PUPILS) + "\n" + rows + "\n"})
    assert made.rules == {"date_invalid": 100_000, "id_missing": 100_000}
    assert made.severities["review"] == sum(made.rules[rule] for rule in ("date_invalid", "id_missing"))
    assert made.findings.height <= 50_010
    summary = made.findings.filter(made.findings["rule"] == "more")
    assert "95000" in "".join(summary["message"])


def test_masks() -> None:
    assert (mask("110101198001010012"), mask("13800138000"), mask("123")) == (
        "11**************12",
        "13*******00",
        "***",
    )


def test_without_memory_unknown_references_are_left_to_applying(read: Read, lookup: Lookup) -> None:
    rows = [["监护人姓名", "关系", "学生学籍号", "手机"], ["张大", "父亲", "G" + GOOD, "13800138000"]]
    assert read({"监护人.csv": rows}).frames["guardians"]["child_ref"].to_list() == ["xj:G" + GOOD]
    with_memory = Lookup(
        school_year=lookup.school_year, today=lookup.today, organisations=lookup.organisations,
        is_known=lambda kind, keys: frozenset(),
    )  # fmt: skip
    assert read({"监护人.csv": rows}, look=with_memory).rules["child_unknown"] == 1
