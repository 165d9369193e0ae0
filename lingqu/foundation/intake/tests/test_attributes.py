"""学生属性 in a pupils' sheet and as lists of one programme; degrees of staff as people write them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lingqu.foundation.intake.applying import create_import, run_import
from lingqu.foundation.intake.models import Finding
from lingqu.foundation.intake.types import IMPORT_RUN, Lookup, ReadFile
from lingqu.foundation.registry import api as registry
from lingqu.kernel.testing import actor_with

from .conftest import Read, rules_at
from .test_applying import PUPILS as ROSTER
from .test_applying import folder, scope  # noqa: F401

SHEET = [
    "姓名",
    "性别",
    "出生日期",
    "学校",
    "班级",
    "是否随迁",
    "是否留守",
    "资助类别",
    "残疾类别",
    "是否送教上门",
    "属性依据",
]


def one(*cells: str) -> list[str]:
    return ["张晓明", "男", "2013-03-05", "云溪县第一中学", "七(3)班", *cells]


def test_words_of_a_pupils_sheet_become_attributes_beside_the_pupil(read: Read) -> None:
    made = read({"学生.csv": [SHEET, one("外省", "双", "低保", "", "是", "民政名单")]})
    assert made.frames["students"]["attendance"].to_list() == ["home_taught"]
    row = made.frames["attributes"].row(0, named=True)
    stated = {name: row[name] for name in ("migrant", "left_behind", "aid", "disability", "source", "student_ref")}
    assert stated == {
        "migrant": "other_province", "left_behind": "both", "aid": "minimum", "disability": "", "source": "民政名单",
        "student_ref": made.frames["students"]["key"][0],
    }  # fmt: skip
    assert [rule for _row, rule, _severity in rules_at(made)] == ["id_missing"]


def test_a_plain_yes_is_taken_with_a_hint_and_an_unknown_word_is_said(read: Read) -> None:
    made = read({"学生.csv": [SHEET, one("是", "否", "某某类", "", "", "")]})
    row = made.frames["attributes"].row(0, named=True)
    assert (row["migrant"], row["left_behind"], row["aid"]) == ("1", "0", "")
    assert {rule for _row, rule, _severity in rules_at(made)} == {"attribute_class", "code_unknown", "id_missing"}


def test_without_the_right_the_pupil_is_imported_and_the_attributes_are_not(read: Read, lookup: Lookup) -> None:
    look = replace(lookup, may_record=False)
    made = read({"学生.csv": [SHEET, one("外省", "", "低保", "", "", "")]}, look=look)
    assert made.frames["students"].height == 1
    assert "attributes" not in made.frames
    assert rules_at(made).count((2, "attribute_forbidden", "review")) == 2
    listed = read({"资助名单.csv": [["姓名", "学校", "资助类别"], ["张晓明", "云溪县第一中学", "低保"]]}, look=look)
    assert rules_at(listed) == [(2, "attribute_not_yours", "block")]
    assert not listed.frames["attributes"].height


@pytest.mark.parametrize(
    ("name", "head", "row", "column", "code"),
    [
        ("资助名单.csv", ["姓名", "身份证号", "学校", "起始日期", "终止日期"], ["张晓明", "11010120130305001X", "云溪县第一中学", "2026-09-01", "2027-08-31"], "aid", "1"),
        ("名单.csv", ["姓名", "学籍号", "属性", "类别"], ["张晓明", "G11010120130305001X", "留守儿童", "双方外出"], "left_behind", "both"),
        ("属性.csv", ["人员编号", "学生姓名", "属性", "是否"], ["00100000015X", "张晓明", "校车", "否"], "school_bus", "0"),
        ("寄宿.csv", ["姓名", "学校", "班级"], ["张晓明", "云溪县第一中学", "七(3)班"], "boarding", "1"),
        ("残疾学生.csv", ["姓名", "身份证号", "残疾类别"], ["张晓明", "11010120130305001X", "听力残疾"], "disability", "hearing"),
    ],
)  # fmt: skip
def test_lists_of_one_programme_are_recognised(
    read: Read, name: str, head: list[str], row: list[str], column: str, code: str
) -> None:
    made = read({name: [head, row]})
    assert [sheet.kind for sheet in made.sheets] == ["attributes"]
    assert made.frames["attributes"][column].to_list() == [code], rules_at(made)


@pytest.mark.parametrize(
    ("head", "row", "rule"),
    [
        (["姓名", "身份证号", "属性"], ["张晓明", "3.70202E+17", "资助"], "id_damaged"),
        (["姓名", "身份证号", "属性", "类别"], ["张晓明", "", "资助", "低保"], "attribute_nobody"),
        (["姓名", "身份证号", "属性", "类别"], ["张晓明", "11010120130305001X", "", "低保"], "attribute_missing"),
        (["姓名", "身份证号", "属性", "类别", "起始日期", "终止日期"], ["张晓明", "11010120130305001X", "资助", "低保", "2026-09-01", "2026-08-01"], "period_turned"),
    ],
)  # fmt: skip
def test_a_list_row_that_cannot_be_used_says_why(read: Read, head: list[str], row: list[str], rule: str) -> None:
    made = read({"属性名单.csv": [head, row, [row[0], "11010120130305002X", "资助", *row[3:4]]]})
    assert (2, rule, "block") in rules_at(made)


def test_a_pupils_file_stays_one_even_when_called_after_a_programme(read: Read) -> None:
    made = read({"资助学生名册.csv": [SHEET, one("", "", "低保", "", "", "")]})
    assert [sheet.kind for sheet in made.sheets] == ["students"]


STAFF = ["姓名", "性别", "学校", "工号", "最高学历", "学位", "职称", "是否专任教师"]


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        (["研究生（硕士）", "教育学硕士学位", "中小学一级教师", "是"], ("14", "304", "A3", "1")),
        (["本科", "学士", "高级教师", "专任"], ("21", "4", "A2", "1")),
        (["大专", "无学位", "小学高级教师", "否"], ("31", "0", "413", "0")),
        (["中师", "", "未定职级", ""], ("41", "", "A0", "")),
        (["11", "2", "正高级教师", "是"], ("11", "2", "A1", "1")),
    ],
)  # fmt: skip
def test_degrees_and_titles_as_the_staff_system_writes_them(
    read: Read, cells: list[str], codes: tuple[str, ...]
) -> None:
    made = read({"教职工.csv": [STAFF, ["李四", "女", "云溪县第一中学", "T1", *cells]]})
    row = made.frames["staff"].select("education_level", "degree", "title", "full_time").row(0)
    assert row == codes
    assert not [found for found in rules_at(made) if found[1] == "code_unknown"]


@pytest.mark.django_db
def test_the_worker_applies_only_what_the_importer_was_allowed(folder: Path) -> None:  # noqa: F811
    head, *rows = ROSTER.splitlines()
    (folder / "学生.csv").write_text(
        "\n".join([f"{head},是否随迁,资助类别", *(f"{row},外省,低保" for row in rows)]), encoding="utf-8"
    )
    files = [ReadFile(name=path.name, path=path) for path in sorted(folder.glob("*.csv"))]
    root = registry.root_organisation()
    assert root is not None
    kinds = root._meta.apps.get_model("registry", "PupilAttribute").objects
    for rights, wanted in (((IMPORT_RUN,), 0), ((IMPORT_RUN, registry.rights.ATTRIBUTE_EDIT), 2 * len(rows))):
        importer = actor_with(*rights, path=scope())
        record = create_import(actor=importer, scope=scope(), paths=sorted(folder.glob("*.csv")))
        result = run_import(actor=importer, import_id=record.id, files=files)
        assert kinds.count() == wanted
        forbidden = Finding.objects.filter(owner=record, rule="attribute_forbidden").count()
        assert forbidden == (0 if wanted else 2 * len(rows))
        assert result.created.get("attributes", 0) == wanted
    again = create_import(actor=importer, scope=scope(), paths=sorted(folder.glob("*.csv")))
    result = run_import(actor=importer, import_id=again.id, files=files)
    assert not sum(result.created.values()) + sum(result.updated.values())
