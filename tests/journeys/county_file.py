"""A county's own .xls as it really arrives, made by hand: every problem in it is counted here, row by row.

One sheet with a title row and a heading over two lines (merged), IDs that Excel has damaged, a 五四 school, a 复式班, a
class named 启航班, pupils without ID, pupils that stand in it twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlwt

from lingqu.config.demo.numbers import check_digit

FIVE_FOUR, VILLAGE, TOWN = "3100998001", "2100998002", "2100998003"
SCHOOLS = (
    (FIVE_FOUR, "南陌县海棠实验学校（演示）", "九年一贯制学校", "五四制"),
    (VILLAGE, "南陌县柳堤教学点（演示）", "小学教学点", "六三制"),
    (TOWN, "南陌县新桥小学（演示）", "小学", "六三制"),
)
CLASSES = (
    (FIVE_FOUR, "六年级（1）班", "六年级"),
    (FIVE_FOUR, "初二（1）班", "七年级"),
    (VILLAGE, "1+2复式班", "一年级、二年级"),
    (TOWN, "启航班", "三年级"),
)
SEATS = ((FIVE_FOUR, "初一(1)班", 20), (FIVE_FOUR, "初二(1)班", 18), (VILLAGE, "1+2复式班", 11), (TOWN, "启航班", 25))
WITHOUT_ID, TWICE, DAMAGED = 12, 3, 4
HEAD_ROW = 4
"""Row of the first pupil: title, two heading rows before it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem as somebody with the file on paper would write it down."""

    row: int
    column: str
    rule: str
    severity: str
    who: str
    says: str


@dataclass(slots=True)
class HandCount:
    pupils: int = 0
    problems: list[Problem] = field(default_factory=list)

    def rows_of(self, rule: str) -> list[int]:
        return [problem.row for problem in self.problems if problem.rule == rule]

    @property
    def rows(self) -> int:
        return self.pupils + len(self.rows_of("duplicate_in_file"))

    @property
    def blocked(self) -> int:
        return sum(problem.severity == "block" for problem in self.problems)


def write_county_file(path: Path) -> HandCount:
    book, count = xlwt.Workbook(encoding="utf-8"), HandCount()
    _write(book.add_sheet("学校"), ("学校代码", "学校名称", "办学类型", "学制", "演示数据"), SCHOOLS)
    _write(book.add_sheet("班级"), ("学校", "班级名称", "年级"), CLASSES)
    _write_pupils(book.add_sheet("学生名册"), count)
    book.save(str(path))
    return count


def _write(sheet: Any, heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    for column, head in enumerate(heads):
        sheet.write(0, column, head)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write(number, column, value)


def _write_pupils(sheet: Any, count: HandCount) -> None:
    sheet.write_merge(0, 0, 0, 6, "南陌县2026年秋季学生名册（演示）")
    sheet.write_merge(1, 1, 0, 2, "学生基本信息")
    sheet.write_merge(1, 1, 3, 6, "就读信息")
    for column, head in enumerate(("姓名", "性别", "身份证号", "学校代码", "班级", "学籍号", "演示数据")):
        sheet.write(2, column, head)
    at, rows, schools = HEAD_ROW - 1, _pupils(), {code: name for code, name, *_rest in SCHOOLS}
    for number, row in enumerate(rows):
        _put(sheet, at, row)
        count.pupils += 1
        line, who = at + 1, schools[row[3]]
        if row[2] == "":
            count.problems.append(Problem(line, "身份证号", "id_missing", "review", who, "没有身份证件号"))
        elif isinstance(row[2], float):
            count.problems.append(Problem(line, "身份证号", "id_damaged", "block", who, "重新导出为文本"))
        at += 1
        if number in (5, 30, 60):
            _put(sheet, at, row)
            said = f"与第 {line} 行"
            count.problems.append(Problem(at + 1, "姓名", "duplicate_in_file", "block", who, said))
            at += 1


def _put(sheet: Any, at: int, row: tuple[Any, ...]) -> None:
    for column, value in enumerate(row):
        sheet.write(at, column, value)


def _pupils() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for school, class_name, size in SEATS:
        for _ in range(size):
            number = len(rows)
            sex = "男" if number % 2 else "女"
            body = f"000161{2012 + number % 8}{1 + number % 12:02d}{1 + number % 28:02d}{2 * number + number % 2:03d}"
            id_number: str | float = body + check_digit(body)
            if 10 <= number < 10 + WITHOUT_ID:
                id_number = ""
            elif 40 <= number < 40 + DAMAGED:
                id_number = 3.70202e17
            rows.append(
                (
                    f"{'赵钱孙李'[number % 4]}{'甲乙丙丁戊己庚辛'[number % 8]}{'东西南北中'[number % 5]}",
                    sex,
                    id_number,
                    school,
                    class_name,
                    "",
                    "是",
                )
            )
    return rows
