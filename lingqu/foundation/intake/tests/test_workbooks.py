"""A county's .xls as it really comes: the report must equal a count made by hand."""

from __future__ import annotations

import io
import time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from lingqu.foundation.intake.checks.identity import check_character

from .conftest import Read

SCHOOLS = ("云溪县第一中学", "云溪县海滨学校", "石泉村教学点")


def id_of(birth: str, serial: int) -> str:
    first = f"110101{birth}{serial:03d}"
    return first + check_character(first)


def pupils_of_the_county(extra: int) -> list[tuple[str, str, object, str, str, str]]:
    """Name, sex, ID as the cell holds it, birth, school, class: 70 pupils, three of them once more, then ``extra``."""
    rows: list[tuple[str, str, object, str, str, str]] = []
    classes = {
        SCHOOLS[0]: ("七(3)班", "初二2", "2024级1班", "启航班"),
        SCHOOLS[1]: ("初一3", "三年二班"),
        SCHOOLS[2]: ("1+2复式",),
    }
    number = 0
    for school, names in classes.items():
        for written in names:
            for _pupil in range(10):
                number += 1
                birth = f"2013{number % 12 + 1:02d}{number % 27 + 1:02d}"
                identity: object = id_of(birth, 2 * number)
                if number <= 12:
                    identity = ""
                elif number in (20, 21, 22):
                    identity = float(str(identity)[:17] + "0")
                elif number in (30, 31):
                    identity = f"{float(str(identity)[:17] + '0'):.5E}".replace("E+0", "E+")
                rows.append((f"学生{chr(0x4E00 + number)}", "女", identity, birth, school, written))
    rows += [rows[40], rows[41], rows[42]]
    for at in range(extra):
        birth = f"2012{at % 12 + 1:02d}{at % 27 + 1:02d}"
        rows.append(
            (f"生{chr(0x4E00 + at)}", "男", id_of(birth, 2 * (at % 499) + 1), birth, SCHOOLS[0], f"八({at % 9 + 1})班")
        )
    return rows


def county_file(path: Path, extra: int = 0) -> Path:
    """Title row, merged two-line heading, a hidden sheet, damaged IDs, a 五四 school, a 复式班, 12 pupils without ID,
    3 registered twice, a class named 启航班, a total at the end. ``extra``: further pupils without a fault."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("学生")
    sheet.write_merge(0, 0, 0, 9, "云溪县2026—2027学年学生花名册")
    sheet.write_merge(1, 2, 0, 0, "序号")
    sheet.write_merge(1, 1, 1, 5, "学生基本信息")
    sheet.write_merge(1, 1, 6, 7, "就读信息")
    sheet.write_merge(1, 1, 8, 9, "监护人信息")
    for column, text in enumerate(
        ["姓名", "性别", "身份证件号", "出生日期", "民族", "学校名称", "班级", "姓名", "联系电话"], 1
    ):
        sheet.write(2, column, text)
    day = xlwt.XFStyle()
    day.num_format_str = "yyyy-mm-dd"
    rows = pupils_of_the_county(extra)
    for at, (name, sex, identity, birth, school, written) in enumerate(rows, 3):
        values = [
            at - 2,
            name,
            sex,
            identity,
            f"{birth[:4]}/{int(birth[4:6])}/{int(birth[6:])}",
            "汉",
            school,
            written,
            f"家长{name[-1]}",
            13800000000 + at,
        ]
        for column, value in enumerate(values):
            sheet.write(at, column, value)
    sheet.write(len(rows) + 3, 0, "合计")
    sheet.write(len(rows) + 3, 1, f"{len(rows)}人")
    hidden = book.add_sheet("旧数据")
    hidden.write(0, 0, "姓名")
    hidden.visibility = 1
    book.save(str(path))
    return path


def test_the_county_file_equals_the_hand_count(read: Read, tmp_path: Path) -> None:
    made = read(county_file(tmp_path / "学生花名册.xls"))
    assert made.rows == {"students": 73}
    assert made.rules == {
        "id_damaged": 5, "id_missing": 12, "duplicate_in_file": 3, "hidden_sheet": 1,
    }  # fmt: skip
    assert made.rejected["students"] == 8
    assert made.frames["students"].height == 65
    assert made.frames["guardians"].height == 68
    assert made.frames["classes"].height == 7
    damaged = made.findings.filter(made.findings["rule"] == "id_damaged")
    assert damaged["row"].to_list() == [23, 24, 25, 33, 34]
    assert set(damaged["column"]) == {"身份证件号"}
    assert set(damaged["responsible"]) == {"云溪县第一中学"}
    twice = made.findings.filter(made.findings["rule"] == "duplicate_in_file")
    assert twice["row"].to_list() == [74, 75, 76]
    assert twice["message"][0].startswith("与第 44 行")
    grades = dict(made.frames["classes"].select("written_name", "grades").rows())
    assert grades == {
        "七(3)班": "G07", "初二2": "G08", "2024级1班": "G09", "启航班": "", "初一3": "G06", "三年二班": "G03", "1+2复式": "G01,G02",
    }  # fmt: skip
    assert made.rows_with == {"block": 8, "review": 12, "hint": 0}
    assert sum(made.rows_with.values()) <= 73


def test_the_second_upload_has_the_same_keys(read: Read, tmp_path: Path) -> None:
    path = county_file(tmp_path / "a.xls")
    first, second = read(path), read(path)
    assert first.frames["students"].equals(second.frames["students"])


def test_three_thousand_rows_are_quick(read: Read, tmp_path: Path) -> None:
    path = county_file(tmp_path / "大.xls", extra=2927)
    begun = time.perf_counter()
    made = read(path)
    assert made.rows == {"students": 3000}
    assert time.perf_counter() - begun < 5


def test_hidden_rows_formulas_and_dates_of_xlsx(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "学生"
    sheet.append(["姓名", "性别", "学校", "班级", "出生日期", "学号"])
    sheet.append(["甲一", "男", SCHOOLS[0], "七(1)班", None, 20260101])
    sheet["E2"].number_format, sheet["E2"].value = "yyyy-mm-dd", 41338
    sheet.append(["甲二", "女", SCHOOLS[0], "七(1)班", "2013-03-06", "=1+1"])
    sheet.row_dimensions[3].hidden = True
    secret = book.create_sheet("藏")
    secret.sheet_state = "veryHidden"
    secret["A1"] = "姓名"
    data = io.BytesIO()
    book.save(data)
    made = read({"学生.xlsx": data.getvalue()})
    assert made.frames["students"].select("name", "birth_date", "school_number").rows() == [
        ("甲一", "2013-03-05", "20260101"), ("甲二", "2013-03-06", ""),
    ]  # fmt: skip
    assert made.rules == {"hidden_sheet": 1, "hidden_rows": 1, "formulas": 1, "id_missing": 2}


def test_leading_empty_rows_keep_their_numbers(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for column, text in enumerate(["姓名", "性别", "学校", "班级"], 2):
        sheet.cell(4, column, text)
    for column, text in enumerate(["", "男", SCHOOLS[0], "七(1)班"], 2):
        sheet.cell(5, column, text)
    data = io.BytesIO()
    book.save(data)
    made = read({"学生.xlsx": data.getvalue()})
    assert made.findings.filter(made.findings["rule"] == "required")["row"].to_list() == [5]


HEADS = ["姓名", "性别", "学校", "班级", "学号", "出生日期", "身份证件号"]


def strange_xlsx() -> bytes:
    """A hidden column, a hidden row, formulas with a value and with an error, a school merged over three rows."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("学生")
    sheet.write_row(0, 0, HEADS)
    for row, name in enumerate("甲乙丙", 1):
        sheet.write_row(row, 0, [f"{name}一", "男", "", "七(1)班"])
    sheet.merge_range(1, 2, 3, 2, SCHOOLS[0])
    sheet.write_formula(1, 4, "=VLOOKUP(A2,B:C,2)", None, "#N/A")
    sheet.write_formula(2, 4, "=20260000+2", None, 20260002)
    sheet.write_formula(3, 6, "=1/0", None, "#REF!")
    sheet.set_column(5, 5, None, None, {"hidden": True})
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.write(1, 5, "2013年3月5日")
    book.close()
    return target.getvalue()


def strange_xls(path: Path) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("学生")
    for column, head in enumerate(HEADS):
        sheet.write(0, column, head)
    for row, name in enumerate("甲乙丙", 1):
        for column, value in enumerate([f"{name}一", "男", None, "七(1)班"]):
            if value:
                sheet.write(row, column, value)
    sheet.write_merge(1, 3, 2, 2, SCHOOLS[0])
    sheet.row(1).set_cell_error(4, 42)
    sheet.write(2, 4, 20260002)
    sheet.row(3).set_cell_error(6, 23)
    sheet.col(5).hidden = True
    sheet.row(2).hidden = True
    sheet.write(1, 5, "2013年3月5日")
    book.save(str(path))
    return path.read_bytes()


@pytest.mark.parametrize("ending", ["xlsx", "xls"])
def test_errors_merges_and_hidden_parts_are_read_and_said(read: Read, tmp_path: Path, ending: str) -> None:
    made = read({f"学生.{ending}": strange_xlsx() if ending == "xlsx" else strange_xls(tmp_path / "s.xls")})
    assert made.frames["students"].select("name", "school_ref", "school_number").rows() == [
        ("甲一", "3301000001", ""), ("乙一", "3301000001", "20260002"), ("丙一", "3301000001", ""),
    ]  # fmt: skip
    assert made.frames["students"]["birth_date"][0] == "2013-03-05"
    errors = made.findings.filter(made.findings["rule"] == "cell_error")
    assert errors.select("row", "column", "severity", "responsible").rows() == [
        (2, "学号", "review", "云溪县第一中学"), (4, "身份证件号", "review", "云溪县第一中学"),
    ]  # fmt: skip
    assert "#N/A" in errors["message"][0]
    notes = {rule: made.rules[rule] for rule in ("hidden_rows", "hidden_columns", "merged_cells")}
    assert notes == {"hidden_rows": 1, "hidden_columns": 1, "merged_cells": 1}


def test_a_heading_merged_over_two_lines_is_no_remark(read: Read, tmp_path: Path) -> None:
    made = read(county_file(tmp_path / "县.xls"))
    assert "merged_cells" not in made.rules


def test_numbers_as_text_wide_letters_and_codes_of_private_characters(read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADS)
    sheet.append(["张\ue863明", "男", SCHOOLS[0], "七（１）班", "２０２６０００１", 41338, "'11010120130305123Ｘ"])
    sheet.append(["李四", "女", 3301000001, "七(1)班", "20260002", "２０１３－０３－０６", 1.10101201303e17])
    data = io.BytesIO()
    book.save(data)
    made = read({"学生.xlsx": data.getvalue()})
    assert made.frames["students"].select("school_number", "birth_date", "grade").rows() == [
        ("20260001", "2013-03-05", "G07"),
    ]  # fmt: skip
    told = {row[0]: row[1:] for row in made.findings.select("rule", "row", "severity", "message").iter_rows()}
    assert "U+E863" in told["name_private_use"][2]
    assert told["id_damaged"][:2] == (3, "block")
    assert "重新导出为文本" in told["id_damaged"][2]
