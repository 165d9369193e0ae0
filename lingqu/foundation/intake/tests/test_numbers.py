"""Numbers of other platforms in rosters and in lists of two columns: read, taken over, changed, refused, withdrawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lingqu.foundation.intake.applying import Result, create_import, run_import, withdraw_import
from lingqu.foundation.intake.models import Finding
from lingqu.foundation.intake.types import IMPORT_RUN, Lookup, ReadFile
from lingqu.foundation.registry import api as registry
from lingqu.foundation.upstream.api import NUMBERS_RECORD, list_identifiers
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.testing import actor_with

from .conftest import Read, rules_at
from .test_applying import folder, scope  # noqa: F401

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
HEAD = ["姓名", "性别", "学校", "工号", "全国教师编号", "省平台号"]
TEACHERS = [["甲老师", "女", "0000000001", "T1", "20250001", "P-1"], ["乙老师", "男", "0000000001", "T2", "20250002", ""],
            ["丙老师", "男", "0000000002", "T1", "", "P-3"]]  # fmt: skip


# ---- reading --------------------


def test_numbers_of_a_staff_sheet_stand_beside_its_rows(read: Read) -> None:
    made = read({"教职工.csv": [HEAD, ["李四", "女", "云溪县第一中学", "T1", "20250001.0", "P 1001"]]})
    rows = made.frames["numbers"].select("staff_ref", "issuer", "value").rows()
    key = made.frames["staff"]["key"][0]
    assert sorted(rows) == [(key, "province_number", "P1001"), (key, "teacher_number", "20250001")]
    assert not rules_at(made)


@pytest.mark.parametrize(
    ("head", "row", "column", "value"),
    [
        (["人员编号", "省统一身份号"], ["00100000015X", "P-77"], "person_number", "00100000015X"),
        (["身份证号", "国家平台号"], ["11010120130305001x", "N-77"], "id_number", "11010120130305001X"),
        (["学籍号", "国家平台号"], ["G11010120130305001X", "N-77"], "register_number", "G11010120130305001X"),
        (["工号", "教师编号", "学校"], ["T1", "20250001", "云溪县第一中学"], "staff_number", "T1"),
    ],
)
def test_a_list_of_two_columns_is_recognised(
    read: Read, head: list[str], row: list[str], column: str, value: str
) -> None:
    made = read({"导出.csv": [head, row]})
    assert [sheet.kind for sheet in made.sheets] == ["numbers"]
    assert made.frames["numbers"][column].to_list() == [value], rules_at(made)


def test_a_list_made_in_one_school_needs_no_school(read: Read, lookup: Lookup) -> None:
    look = replace(lookup, default_school="3301000001")
    made = read({"号码.csv": [["工号", "教师编号"], ["T1", "20250001"]]}, look=look)
    assert made.frames["numbers"]["school_ref"].to_list() == ["3301000001"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (["T1", "20250001", ""], ("number_nobody", "block")),
        (["T1", "", "云溪县第一中学"], ("number_missing", "block")),
        (["T1", "2.025E+07", "云溪县第一中学"], ("number_damaged", "review")),
        (["T1", "编号；不明", "云溪县第一中学"], ("number_malformed", "review")),
    ],
)
def test_a_row_that_cannot_be_used_says_why(read: Read, row: list[str], rule: tuple[str, str]) -> None:
    made = read({"号码.csv": [["工号", "教师编号", "学校"], row, ["T2", "20250002", "云溪县第一中学"]]})
    assert (2, *rule) in rules_at(made)
    assert made.frames["numbers"]["value"].to_list() == ["20250002"]


def test_without_the_right_people_are_imported_and_numbers_are_not(read: Read, lookup: Lookup) -> None:
    look = replace(lookup, may_number=False)
    made = read({"教职工.csv": [HEAD, ["李四", "女", "云溪县第一中学", "T1", "20250001", "P-1"]]}, look=look)
    assert made.frames["staff"].height == 1 and not made.frames["numbers"].height
    assert rules_at(made).count((2, "number_forbidden", "review")) == 2
    listed = read({"号码.csv": [["人员编号", "省平台号"], ["00100000015X", "P-1"]]}, look=look)
    assert rules_at(listed) == [(2, "number_not_yours", "block")]


# ---- applying --------------------


@pytest.fixture
def place(folder: Path, tmp_path: Path) -> Path:  # noqa: F811
    (folder / "学生.csv").unlink()
    write(folder, "教职工.csv", HEAD, *TEACHERS)
    go(folder)
    (folder / "教职工.csv").unlink()
    return folder


def write(folder: Path, name: str, *rows: list[str]) -> None:  # noqa: F811
    (folder / name).write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")


def go(folder: Path, actor: Actor = SYSTEM, where: str = "", **options: Any) -> Result:  # noqa: F811
    paths = sorted(folder.glob("*.csv"))
    record = create_import(actor=actor, scope=where or scope(), paths=paths, **options)
    return run_import(actor=actor, import_id=record.id, files=[ReadFile(name=p.name, path=p) for p in paths])


def number_of(name: str) -> Any:
    root: Any = registry.root_organisation()
    return root._meta.apps.get_model("registry", "Person").objects.get(name=name)


def held(name: str) -> dict[str, str]:
    return {row.issuer: row.value for row in list_identifiers(number_of(name).id) if row.valid_to is None}


def test_numbers_come_in_with_the_people_and_again_change_nothing(place: Path) -> None:
    assert held("甲老师") == {"teacher_number": "20250001", "province_number": "P-1"}
    assert (held("乙老师"), held("丙老师")) == ({"teacher_number": "20250002"}, {"province_number": "P-3"})
    write(place, "教职工.csv", HEAD, *TEACHERS)
    again = go(place)
    assert again.unchanged["numbers"] == 4 and not again.created["numbers"] + again.updated["numbers"]


def test_a_changed_number_closes_the_former_period(place: Path) -> None:
    begun = today().isoformat()
    write(place, "号码.csv", ["工号", "学校", "教师编号", "起始日期"], ["T1", "0000000001", "20259999", begun])
    result = go(place)
    assert result.updated["numbers"] == 1
    rows = [row for row in list_identifiers(number_of("甲老师").id) if row.issuer == "teacher_number"]
    assert sorted((row.value, row.valid_to) for row in rows) == [("20250001", today()), ("20259999", None)]
    write(place, "号码.csv", ["工号", "学校", "教师编号", "终止日期"], ["T1", "0000000001", "20259999", begun])
    go(place)
    assert held("甲老师") == {"province_number": "P-1"}


def test_numbers_that_change_hands_in_one_file_do_so(place: Path) -> None:
    write(
        place,
        "号码.csv",
        ["工号", "学校", "教师编号"],
        ["T1", "0000000001", "20250002"],
        ["T2", "0000000001", "20250001"],
    )
    assert go(place).updated["numbers"] == 2
    assert (held("甲老师")["teacher_number"], held("乙老师")["teacher_number"]) == ("20250002", "20250001")


def test_a_number_that_somebody_has_is_refused_with_both_names(place: Path) -> None:
    rows = (["T1", "0000000002", "20250001"], ["T2", "0000000001", "20250009"])
    write(place, "号码.csv", ["工号", "学校", "教师编号"], *rows)
    result = go(place)
    assert (result.rejected, result.updated["numbers"]) == (1, 1)
    found = Finding.objects.get(rule="number.taken")
    assert (found.row, found.severity) == (2, "block")
    for one in (number_of("甲老师"), number_of("丙老师")):
        assert f"{one.name}（{one.number}）" in found.message
    assert "teacher_number" not in held("丙老师") and held("乙老师")["teacher_number"] == "20250009"
    assert go(place).rejected == 1, "the doubt is looked at again"


def test_a_chain_whose_end_is_refused_takes_nothing_from_anybody(place: Path) -> None:
    """丙 wants what 甲 has, 甲 wants what 乙 has, and 乙 asks for nothing: nobody moves."""
    write(
        place,
        "号码.csv",
        ["工号", "学校", "教师编号"],
        ["T1", "0000000002", "20250001"],
        ["T1", "0000000001", "20250002"],
    )
    assert go(place).rejected == 2
    assert (held("甲老师")["teacher_number"], held("乙老师")["teacher_number"]) == ("20250001", "20250002")


def test_one_number_for_two_and_two_for_one_are_refused(place: Path) -> None:
    write(place, "号码.csv", ["工号", "学校", "国家平台号"], ["T1", "0000000001", "N-1"], ["T2", "0000000001", "N-1"],
          ["T1", "0000000002", "N-2"], ["T1", "0000000002", "N-3"])  # fmt: skip
    assert go(place).rejected == 4
    assert sorted(Finding.objects.values_list("rule", flat=True)) == ["number.shared"] * 2 + ["number.twice"] * 2
    assert "national_number" not in held("甲老师") | held("乙老师") | held("丙老师")


def test_of_somebody_outside_the_importers_reach_only_the_school_is_told(place: Path) -> None:
    other = registry.find_organisation("0000000002")
    assert other is not None
    officer = actor_with(IMPORT_RUN, NUMBERS_RECORD, path=str(other.path))
    write(place, "号码.csv", ["工号", "教师编号"], ["T1", "20250001"])
    (place / "学校.csv").unlink()
    assert go(place, officer, str(other.path)).rejected == 1
    message = Finding.objects.get(rule="number.taken").message
    assert "甲老师" not in message and "演示第一中学的一个人" in message and "丙老师" in message


def test_nobody_outside_the_place_gets_a_number_and_names_must_fit(place: Path) -> None:
    other = registry.find_organisation("0000000002")
    assert other is not None
    officer = actor_with(IMPORT_RUN, NUMBERS_RECORD, path=str(other.path))
    (place / "学校.csv").unlink()
    write(place, "号码.csv", ["人员编号", "姓名", "国家平台号"], [number_of("甲老师").number, "", "N-1"],
          [number_of("丙老师").number, "别人", "N-2"], ["001999999994", "", "N-3"])  # fmt: skip
    assert go(place, officer, str(other.path)).rejected == 3
    rules = ["number.other_name", "reference.person", "scope.outside"]
    assert sorted(Finding.objects.values_list("rule", flat=True)) == rules
    assert "national_number" not in held("甲老师") | held("丙老师")


def test_the_importer_without_the_right_brings_none(place: Path) -> None:
    importer = actor_with(IMPORT_RUN, path=scope())
    write(place, "号码.csv", ["工号", "学校", "国家平台号"], ["T1", "0000000001", "N-1"])
    assert go(place, importer).rejected == 1
    assert "national_number" not in held("甲老师")


@pytest.mark.django_db(transaction=True)
def test_withdrawing_the_import_restores_the_former_number(place: Path) -> None:
    write(place, "号码.csv", ["工号", "学校", "教师编号", "国家平台号"], ["T1", "0000000001", "20259999", "N-1"])
    result = go(place)
    withdraw_import(actor=SYSTEM, number=result.number)
    assert held("甲老师") == {"teacher_number": "20250001", "province_number": "P-1"}
    assert go(place).created["numbers"] == 1, "the same file may come again"
