"""A county's own .xls: the report says exactly what was counted by hand; the second delivery changes nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from .county_file import CLASSES, SCHOOLS, WITHOUT_ID, HandCount, write_county_file

NAME = "南陌县学生名册.xls"


@pytest.fixture(scope="module")
def delivered(city, tmp_path_factory):
    path = tmp_path_factory.mktemp("county") / NAME
    count = write_county_file(path)
    arguments = ("roster", "import", str(path), "--source", "nanmo", "--into-demo")
    return count, city.command(*arguments), city.command(*arguments)


def findings(answer: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    for line in Path(answer["report_json"]).read_text(encoding="utf-8").splitlines():
        finding = json.loads(line)
        found[finding["rule"]].append(finding)
    return found


def test_rows_and_people_equal_the_hand_count(delivered):
    count, first, _second = delivered
    assert isinstance(count, HandCount)
    assert first["rows"] == count.rows + len(SCHOOLS) + len(CLASSES)
    assert first["rejected"] == len(count.damaged_rows) + len(count.repeated_rows)
    applied = count.pupils - len(count.damaged_rows)
    created = first["created"]
    assert (created["organisations"], created["classes"]) == (len(SCHOOLS), len(CLASSES))
    assert created["people"] == created["enrolments"] == created["accounts"] == applied


def test_each_problem_is_named_where_it_stands(delivered):
    count, first, _second = delivered
    found = findings(first)
    assert [finding["row"] for finding in found["id_damaged"]] == count.damaged_rows
    assert sorted(finding["row"] for finding in found["duplicate_in_file"]) == count.repeated_rows
    assert len(found["id_missing"]) == count.without_id == WITHOUT_ID
    assert set(found) == {"id_damaged", "duplicate_in_file", "id_missing"}
    for rule, severity in (("id_damaged", "block"), ("duplicate_in_file", "block"), ("id_missing", "review")):
        assert {finding["severity"] for finding in found[rule]} == {severity}
    damaged = found["id_damaged"][0]
    assert (damaged["file"], damaged["column"], damaged["responsible"]) == (NAME, "身份证号", SCHOOLS[1][1])
    assert "重新导出为文本" in damaged["message"]


def test_the_second_delivery_changes_nothing(delivered):
    count, first, second = delivered
    assert not any(second["created"].values()) and not any(second["updated"].values())
    assert second["rejected"] == first["rejected"]
    assert second["unchanged"]["people"] == count.pupils - len(count.damaged_rows)


def test_the_report_is_a_workbook(delivered):
    _count, first, _second = delivered
    assert Path(first["report"]).read_bytes()[:2] == b"PK"
