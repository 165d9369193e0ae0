"""A city exported with errors: the report names exactly the rows in which they were planted, and no other."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

RULES = {
    "id_damaged": "id_damaged", "name_missing": "required", "sex_missing": "required", "class_unknown": "class_unknown",
    "school_unknown": "school_unknown", "id_check_digit": "id_check_digit", "date_impossible": "date_invalid",
    "name_spaced": "name_spaces", "staff_name_missing": "required", "child_unknown": "child_unknown",
    "child_blocked": "child_unknown", "phone_short": "phone_invalid", "teacher_unknown": "teacher_unknown",
}  # fmt: skip


@pytest.fixture(scope="module")
def checked(city, tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    manifest = city.command("demo", "export", "--people", "3000", str(folder), "--error-share", "0.05")
    files = [str(path) for path in sorted(folder.glob("[1-6]*.csv"))]
    answer = city.command("roster", "import", *files, "--source", "planted", "--dry-run", "--into-demo")
    with (folder / "planted-errors.csv").open(encoding="utf-8-sig", newline="") as handle:
        planted = list(csv.DictReader(handle))
    report = [json.loads(line) for line in Path(answer["report_json"]).read_text(encoding="utf-8").splitlines()]
    return manifest, answer, planted, report


def test_every_planted_error_is_found_where_it_stands(checked):
    _manifest, _answer, planted, report = checked
    said = {(finding["file"], str(finding["row"]), finding["rule"], finding["severity"]) for finding in report}
    missed = [
        error
        for error in planted
        if (error["file"], error["row"], RULES[error["error"]], error["severity"]) not in said
    ]
    assert len(planted) > 200
    assert missed == []


def test_no_other_row_is_blocked(checked):
    manifest, answer, planted, report = checked
    rows = {(error["file"], error["row"]) for error in planted if error["severity"] == "block"}
    blocked = {(finding["file"], str(finding["row"])) for finding in report if finding["severity"] == "block"}
    assert blocked == rows
    assert answer["rejected"] == sum(manifest["blocked_rows"].values()) == len(rows)
    assert Counter(error["error"] for error in planted) == manifest["errors"]


def test_a_dry_run_writes_nothing(city, checked):
    assert city.command("roster", "counts")["people"] < 3_000
    assert checked[1]["state"] == "checked" and not any(checked[1]["created"].values())
