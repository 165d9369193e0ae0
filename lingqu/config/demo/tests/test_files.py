"""The exported files: headings of the templates, counts of the manifest, planted errors where the list says."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import fastexcel
import pytest

from lingqu.config.demo.files import CSV_NAMES, ERROR_LIST, MANIFEST, export_city
from lingqu.config.demo.rows import FIELDS, headings


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    export_city(1_500, folder)
    return folder


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spoiled")
    export_city(1_500, folder, error_share=0.05)
    return folder


def test_manifest_counts_what_the_files_hold(clean):
    manifest = json.loads((clean / MANIFEST).read_text(encoding="utf-8"))
    for kind, name in CSV_NAMES.items():
        rows = read(clean / name)
        assert rows[0] == list(headings(kind))
        assert len(rows) - 1 == manifest["rows"][kind]
    assert manifest["people"] == manifest["pupils"] + manifest["staff"] + manifest["guardians"] == 1_500
    assert manifest["errors"] == {} and not (clean / ERROR_LIST).exists()


def test_workbook_holds_one_school(clean):
    book = fastexcel.read_excel(clean / "云汀市第三中学（演示）.xlsx")
    assert book.sheet_names == ["学校", "班级", "学生", "教职工", "监护人", "任课"]
    pupils = book.load_sheet("学生").to_polars()
    assert pupils.columns == list(headings("students"))
    assert set(pupils["学校"]) == {"云汀市第三中学（演示）"}
    assert all(len(number) == 18 for number in pupils["身份证件号"].drop_nulls())


def test_planted_errors_stand_where_the_list_says(clean, spoiled):
    errors = read(spoiled / ERROR_LIST)[1:]
    manifest = json.loads((spoiled / MANIFEST).read_text(encoding="utf-8"))
    assert len(errors) == sum(manifest["errors"].values()) > 50
    assert len({(file, row) for file, row, *_rest in errors}) == len(errors)
    before, after = ({name: read(folder / name) for name in CSV_NAMES.values()} for folder in (clean, spoiled))
    planted = {(file, int(row)) for file, row, _kind, _field, error, _severity in errors if error != "child_blocked"}
    changed = {
        (name, number)
        for name, rows in before.items()
        for number, row in enumerate(rows, start=1)
        if row != after[name][number - 1]
    }
    assert changed == planted


def test_each_kind_of_error_is_what_it_says(spoiled):
    rows = {name: read(spoiled / name) for name in CSV_NAMES.values()}
    found: dict[str, set[str]] = {}
    for file, row, kind, field, error, _severity in read(spoiled / ERROR_LIST)[1:]:
        found.setdefault(error, set()).add(rows[file][int(row) - 1][FIELDS[kind].index(field)])
    assert all("E+1" in value for value in found["id_damaged"])
    assert found["name_missing"] == found["sex_missing"] == {""}
    assert found["class_unknown"] == {"不存在班"} and found["school_unknown"] == {"9900999999"}
    assert all(value.endswith("-13-05") for value in found["date_impossible"])
    assert all(len(value) == 9 for value in found["phone_short"])
    assert found["teacher_unknown"] == {"T9999"}


def test_guardians_of_blocked_pupils_are_listed_too(spoiled):
    manifest = json.loads((spoiled / MANIFEST).read_text(encoding="utf-8"))
    errors = manifest["errors"]
    assert errors["child_blocked"] > 0
    assert manifest["blocked_rows"]["guardians"] == errors["child_unknown"] + errors["child_blocked"]
