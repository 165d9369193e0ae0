"""A county's own .xls: the report says exactly what was counted by hand; the second delivery changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from .county_file import CLASSES, DAMAGED, SCHOOLS, TWICE, WITHOUT_ID, write_county_file

NAME = "南陌县学生名册.xls"


@pytest.fixture(scope="module")
def delivered(city, tmp_path_factory):
    path = tmp_path_factory.mktemp("county") / NAME
    count = write_county_file(path)
    arguments = ("roster", "import", str(path), "--source", "nanmo", "--into-demo")
    return count, city.command(*arguments), city.command(*arguments)


def report_of(answer: dict[str, str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in Path(answer["report_json"]).read_text(encoding="utf-8").splitlines()]


def test_rows_and_people_equal_the_hand_count(delivered):
    count, first, _second = delivered
    assert len(count.rows_of("id_missing")) == WITHOUT_ID and len(count.rows_of("duplicate_in_file")) == TWICE
    assert len(count.rows_of("id_damaged")) == DAMAGED
    assert first["rows"] == count.rows + len(SCHOOLS) + len(CLASSES)
    assert first["rejected"] == count.blocked
    applied = count.pupils - DAMAGED
    created = first["created"]
    assert (created["organisations"], created["classes"]) == (len(SCHOOLS), len(CLASSES))
    assert created["people"] == created["enrolments"] == created["accounts"] == applied


def test_the_report_is_the_hand_count_problem_by_problem(delivered):
    """File, sheet, row, column, rule, severity and who must fix it: all that was counted, and nothing else."""
    count, first, _second = delivered
    told = ("row", "column", "rule", "severity", "responsible")
    reported = [tuple(finding[name] for name in told) for finding in report_of(first)]
    counted = [(p.row, p.column, p.rule, p.severity, p.who) for p in count.problems]
    assert sorted(reported) == sorted(counted)
    said = {(finding["row"], finding["rule"]): finding for finding in report_of(first)}
    for problem in count.problems:
        finding = said[(problem.row, problem.rule)]
        assert problem.says in finding["message"]
        assert (finding["file"], finding["sheet"]) == (NAME, "学生名册")


def test_the_second_delivery_changes_nothing(delivered):
    count, first, second = delivered
    assert not any(second["created"].values()) and not any(second["updated"].values())
    assert second["rejected"] == first["rejected"]
    assert second["unchanged"]["people"] == count.pupils - DAMAGED


def test_the_workbook_repeats_every_row_that_needs_work(delivered):
    """With its error in the last column, so that it can be corrected and sent again."""
    count, first, _second = delivered
    book = openpyxl.load_workbook(first["report"])
    sheet = next(sheet for sheet in book.worksheets if "学生" in sheet.title)
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][-1] == "错误"
    assert len(rows) - 1 == len({problem.row for problem in count.problems})
    assert all(row[-1] for row in rows[1:])
    assert len(list(book["问题清单"].iter_rows())) - 1 == len(count.problems)
